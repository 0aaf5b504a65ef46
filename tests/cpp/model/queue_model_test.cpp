// Every interleaving of threads that call FifoQueue and LifoQueue, on the shipped headers and a lock that is one
// operation: a producer or a consumer that is preempted at any step changes nothing that others can see. All
// programs of a shape are run, from queues that are empty, full, or about to cross the end of a block.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <vector>

#include "model/expectations.hpp"
#include "model/queue_programs.hpp"
#include "raddle/queue/fifo_queue.hpp"
#include "raddle/queue/lifo_queue.hpp"

namespace {

using raddle::model::Do;
using raddle::model::Exploration;
using raddle::model::explore;
using raddle::model::queue_program;
using raddle::model::Script;
using raddle::model::Start;
using raddle::model::Takes;

static_assert(raddle::IndexLock::is_one_operation, "model/substitutes/index_lock must be found first");

using Item = unsigned char;

template <class Queue>
constexpr Takes kTakes = Takes::first;
template <>
constexpr Takes kTakes<raddle::LifoQueue<Item>> = Takes::last;

using enum Do;
const std::vector<Do> kEverything{put, get, put_two, get_two, size, close, close_and_take_all};

template <class Queue>
class QueueModel : public testing::Test {
 protected:
  void run(const Script& script, const Start& start) {
    const auto make = [](std::int64_t maxsize) { return std::make_shared<Queue>(maxsize); };
    const Exploration exploration = explore(queue_program(make, kTakes<Queue>, start, script));
    ++programs_;
    executions_ += exploration.executions;
    repeated_ += exploration.repeated;
    EXPECT_EQ(exploration.failure, "") << name_of(script) << "maxsize " << start.maxsize << ", put " << start.put
                                       << ", got " << start.got << ", execution " << exploration.executions;
  }
  // All programs in which the threads make so many calls each; threads that make equally many are alike.
  void run_all(const std::vector<std::size_t>& shape, const std::vector<Do>& calls, const Start& start) {
    possible_ = calls;
    Script script(shape.size());
    add_threads(shape, 0, script, start);
  }
  // Fewer executions would mean that the programs no longer do what the test is about.
  void ran_at_least(long executions) const {
    EXPECT_GE(executions_, executions);
    std::printf("%ld programs, %ld executions, %ld of them repeated\n", programs_, executions_, repeated_);
  }

 private:
  void add_threads(const std::vector<std::size_t>& shape, std::size_t thread, Script& script, const Start& start) {
    if (thread == shape.size()) return run(script, start);
    add_calls(shape, thread, script, start);
  }
  void add_calls(const std::vector<std::size_t>& shape, std::size_t thread, Script& script, const Start& start) {
    if (HasFailure()) return;
    std::vector<Do>& calls = script[thread];
    if (calls.size() == shape[thread]) {
      if (thread != 0 && shape[thread] == shape[thread - 1] && calls < script[thread - 1]) return;
      return add_threads(shape, thread + 1, script, start);
    }
    for (const Do what : possible_) {
      calls.push_back(what);
      add_calls(shape, thread, script, start);
      calls.pop_back();
    }
  }

  std::vector<Do> possible_;
  long programs_ = 0, executions_ = 0, repeated_ = 0;
};
using Kinds = testing::Types<raddle::FifoQueue<Item>, raddle::LifoQueue<Item>>;
TYPED_TEST_SUITE(QueueModel, Kinds);

// maxsize, put, got
constexpr Start kBounded[] = {{1, 0, 0}, {1, 1, 0}, {2, 1, 0}};
constexpr Start kUnbounded = {0, 0, 0};
// Around the end of a block, which a FIFO reaches with an item or none and a LIFO with many.
constexpr Start kAtBlockEnds[] = {{0, 15, 14}, {0, 16, 15}, {0, 17, 16}, {0, 16, 16},
                                  {0, 15, 0},  {0, 16, 0},  {0, 17, 0}};
constexpr Start kAtABlockEnd[] = {{0, 16, 15}, {0, 16, 0}};

TYPED_TEST(QueueModel, ThreeThreadsWithACallEach) {
  this->run_all({1, 1, 1}, kEverything, kUnbounded);
  for (const Start& start : kBounded) this->run_all({1, 1, 1}, kEverything, start);
  for (const Start& start : kAtBlockEnds) this->run_all({1, 1, 1}, kEverything, start);
  this->ran_at_least(60'000);
}
TYPED_TEST(QueueModel, TwoThreadsWithTwoCallsEach) {
  this->run_all({2, 2}, kEverything, kUnbounded);
  for (const Start& start : kBounded) this->run_all({2, 2}, kEverything, start);
  for (const Start& start : kAtABlockEnd) this->run_all({2, 2}, kEverything, start);
  this->ran_at_least(400'000);
}
TYPED_TEST(QueueModel, ThreeThreadsOfWhichOneMakesTwoCalls) {
  const std::vector<Do> moving{put, get, put_two, get_two, close_and_take_all};
  this->run_all({2, 1, 1}, moving, {2, 1, 0});
  for (const Start& start : kAtABlockEnd) this->run_all({2, 1, 1}, moving, start);
  this->run_all({2, 1, 1}, {put, get, size, close}, {1, 0, 0});
  this->ran_at_least(600'000);
}
TYPED_TEST(QueueModel, ThreeThreadsWithTwoCallsEach) {
  this->run({{put, get}, {put, get}, {put, get}}, {1, 0, 0});
  this->run({{put, put}, {get, get}, {put, get}}, {0, 16, 16});
  this->run({{put, get}, {get, put}, {close_and_take_all, put}}, {2, 1, 0});
  this->ran_at_least(400'000);
}

}  // namespace
