// The planted faults that the model tests of the queues must find.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "model/expectations.hpp"
#include "model/flawed_queues.hpp"
#include "model/queue_programs.hpp"

namespace {

using raddle::model::explore;
using raddle::model::Flaw;
using raddle::model::FlawedFifo;
using raddle::model::queue_program;
using raddle::model::Script;
using raddle::model::Start;
using raddle::model::Takes;
using raddle::model::TurnsPerSlot;
using enum raddle::model::Do;

std::string failure_of(Flaw flaw, const Script& script, const Start& start) {
  const auto make = [flaw](std::int64_t maxsize) { return std::make_shared<FlawedFifo>(flaw, maxsize); };
  return explore(queue_program(make, Takes::first, start, script)).failure;
}
// What finds a flaw finds none without it.
void expect_to_find(Flaw flaw, const Script& script, const Start& start = {}) {
  EXPECT_EQ(failure_of(Flaw::none, script, start), "");
  EXPECT_EQ(failure_of(flaw, script, start), "the check at the end failed");
}

TEST(FlawedQueues, EmptyByATailThatIsRememberedIsFound) {
  expect_to_find(Flaw::trusts_known_tail, {{put}, {get, get}, {put}});
}
// Only three threads show it: at each moment there is an item.
TEST(FlawedQueues, EmptyByATailThatIsOlderThanTheHeadIsFound) {
  expect_to_find(Flaw::looks_at_tail_before_locking, {{get}, {get}, {put}}, {0, 1, 0});
}
TEST(FlawedQueues, FullByAHeadThatIsOlderThanTheTailIsFound) {
  expect_to_find(Flaw::looks_at_head_before_locking, {{put}, {put}, {get}}, {2, 1, 0});
}
TEST(FlawedQueues, ASlotThatIsPublishedBeforeItIsWrittenIsFound) {
  expect_to_find(Flaw::publishes_before_writing, {{put}, {get}});
}
TEST(FlawedQueues, ClosingBesideDrainingIsFound) {
  expect_to_find(Flaw::closes_before_draining, {{close_and_take_all}, {put, get}}, {0, 1, 0});
  expect_to_find(Flaw::drains_before_closing, {{close_and_take_all, get}, {put}});
}

std::string failure_of_turns(const Script& script, const Start& start = {}) {
  const auto make = [](std::int64_t) { return std::make_shared<TurnsPerSlot>(); };
  return explore(queue_program(make, Takes::first, start, script)).failure;
}
TEST(FlawedQueues, AnEmptyThatIsDecidedByASlotIsFound) {
  EXPECT_EQ(failure_of_turns({{put}, {get}}), "");
  EXPECT_EQ(failure_of_turns({{put}, {put, get}}), "the check at the end failed");
  // Of this one only the order in real time tells: the get began when one of the puts had ended.
  EXPECT_EQ(failure_of_turns({{put}, {put}, {get}}), "the check at the end failed");
}
TEST(FlawedQueues, AFullThatIsDecidedByASlotIsFound) {
  EXPECT_EQ(failure_of_turns({{get}, {put}}, {2, 2, 0}), "");
  EXPECT_EQ(failure_of_turns({{get}, {get, put}}, {2, 2, 0}), "the check at the end failed");
}

TEST(FlawedQueues, AFifoIsNoLifo) {
  const auto make = [](std::int64_t maxsize) { return std::make_shared<FlawedFifo>(Flaw::none, maxsize); };
  EXPECT_EQ(explore(queue_program(make, Takes::last, {}, {{put}, {get, put}})).failure, "");
  EXPECT_EQ(explore(queue_program(make, Takes::last, {}, {{put}, {put, get}})).failure,
            "the check at the end failed");
}

}  // namespace
