#include "raddle/sync/event.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "raddle/sync/latch.hpp"
#include "support/parallel.hpp"
#include "support/parked.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Deadline;
using raddle::Event;
using raddle::Latch;
using raddle::PlainWaiting;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using raddle::test::until_waiting;

Event::Outcome wait_for(Event& event, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return event.wait(deadline, waiting);
}
Latch::Outcome wait_for(Latch& latch, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return latch.wait(deadline, waiting);
}

TEST(Event, IsSetUntilCleared) {
  Event event;
  EXPECT_FALSE(event.is_set());
  EXPECT_EQ(wait_for(event, Deadline::passed()), Event::Outcome::timed_out);
  event.set();
  event.set();
  EXPECT_TRUE(event.is_set());
  EXPECT_EQ(wait_for(event), Event::Outcome::set);
  event.clear();
  event.clear();
  EXPECT_FALSE(event.is_set());
  EXPECT_EQ(wait_for(event, Deadline::in(1'000'000)), Event::Outcome::timed_out);
}

TEST(Event, SetAndClearLetsAllGoThatWait) {
  constexpr int kThreads = 4, kRounds = 200;
  Event event;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] { EXPECT_EQ(wait_for(event), Event::Outcome::set); });
    until_waiting(event, kThreads);
    event.set();
    event.clear();
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(event.approx_waiting(), 0U);
}

TEST(Event, ShowsWhatWasDoneBefore) {
  constexpr int kRounds = 3'000;
  Event there, back;
  int value = 0;  // guarded by the events
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      wait_for(there);
      there.clear();
      value *= 2;
      back.set();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    value = i;
    there.set();
    wait_for(back);
    back.clear();
    ASSERT_EQ(value, 2 * i);
  }
  other.join();
}

// The consumer clears the flag before it looks: what came before a set() on a set flag is not missed.
TEST(Event, LosesNoNewsOnAFlagThatIsSet) {
  constexpr int kRounds = 20'000;
  Event event;
  std::atomic<int> news = 0;
  std::thread consumer([&] {
    for (int seen = 0; seen < kRounds;) {
      wait_for(event);
      event.clear();
      seen = news.load(std::memory_order_relaxed);
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    news.store(i, std::memory_order_relaxed);
    event.set();
  }
  consumer.join();
}

TEST(Event, InAChildNobodyWaitsAndTheFlagIsAsItWas) {
  Event event;
  std::thread waiting([&] { wait_for(event); });
  until_waiting(event, 1);
  EXPECT_TRUE(holds_in_child([&] {
    const bool good = event.approx_waiting() == 0 && !event.is_set();
    // Alone: sanitizers want no new threads in the child of a process with several.
    const bool timed_out = wait_for(event, Deadline::in(1'000'000)) == Event::Outcome::timed_out;
    event.set();
    return good && timed_out && wait_for(event) == Event::Outcome::set;
  }));
  event.set();
  waiting.join();
  EXPECT_TRUE(holds_in_child([&] { return event.is_set() && wait_for(event) == Event::Outcome::set; }));
}

TEST(Latch, OpensAtZeroAndStaysOpen) {
  Latch latch(3);
  latch.count_down(0);
  EXPECT_EQ(latch.count(), 3U);
  latch.count_down(2);
  EXPECT_EQ(wait_for(latch, Deadline::in(1'000'000)), Latch::Outcome::timed_out);
  latch.count_down(7);
  EXPECT_EQ(latch.count(), 0U);
  latch.count_down(1);
  EXPECT_EQ(wait_for(latch, Deadline::passed()), Latch::Outcome::open);
}

TEST(Latch, ShowsWhatAllHaveDone) {
  constexpr int kThreads = 4, kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    Latch latch(kThreads);
    std::vector<int> done(kThreads);
    std::atomic<int> good = 0;
    in_parallel(2 * kThreads, [&](int index) {
      if (index < kThreads) {
        done[static_cast<std::size_t>(index)] = 1;
        latch.count_down(1);
        return;
      }
      wait_for(latch);
      int sum = 0;
      for (const int one : done) sum += one;
      good += sum == kThreads;
    });
    ASSERT_EQ(good, kThreads);
  }
}

}  // namespace
