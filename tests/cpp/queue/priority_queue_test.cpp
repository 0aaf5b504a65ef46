// What only PriorityQueue has: comparisons that fail and comparisons that call the queue.
#include "raddle/queue/priority_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace {

using raddle::Answer;
using raddle::PlainWaiting;
using raddle::PriorityQueue;
using raddle::QueueProgress;
using raddle::QueueStatus;

// Lets a test look at every comparison.
thread_local std::function<bool()> fails;

struct Watched {
  static Answer less(int a, int b) {
    if (fails && fails()) return Answer::failed;
    return a < b ? Answer::yes : Answer::no;
  }
  using Waiting = PlainWaiting;
};
using Queue = PriorityQueue<int, Watched>;

std::vector<int> take_all(Queue& queue) {
  fails = nullptr;
  std::vector<int> items(queue.size());
  EXPECT_EQ(queue.try_get_many(items.data(), items.size()).moved, items.size());
  return items;
}

std::vector<int> shuffled(int count, unsigned seed) {
  std::vector<int> items(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) items[static_cast<std::size_t>(i)] = i / 2;  // some are equal
  std::shuffle(items.begin(), items.end(), std::mt19937(seed));
  return items;
}

TEST(PriorityQueue, Sorts) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    Queue queue;
    std::vector<int> items = shuffled(static_cast<int>(seed * 3), seed);
    for (const int item : items) ASSERT_EQ(queue.try_put(item), QueueStatus::done);
    std::sort(items.begin(), items.end());
    EXPECT_EQ(take_all(queue), items);
  }
}

// Whichever comparison fails, the call has changed nothing.
TEST(PriorityQueue, AFailedComparisonChangesNothing) {
  const std::vector<int> items = shuffled(21, 1);
  std::vector<int> sorted = items;
  std::sort(sorted.begin(), sorted.end());
  for (int call = 0; call < 3; ++call) {  // put, get, get of many
    bool failed = true;
    for (int successes = 0; failed; ++successes) {
      Queue queue;
      for (const int item : items) queue.try_put(item);
      int left = successes;
      fails = [&] { return left-- <= 0; };
      int out[30];
      const QueueProgress progress = call == 0   ? QueueProgress{1, queue.try_put(-1)}
                                     : call == 1 ? QueueProgress{1, queue.try_get(out[0])}
                                                 : queue.try_get_many(out, 21);
      failed = progress.status == QueueStatus::failed;
      fails = nullptr;
      if (!failed) break;
      EXPECT_EQ(queue.size(), items.size());
      EXPECT_EQ(take_all(queue), sorted) << "call " << call << " after " << successes;
    }
  }
}

TEST(PriorityQueue, PuttingBackKeepsTheOrderIfComparisonsWorkAgain) {
  const std::vector<int> items = shuffled(40, 2);
  for (int successes = 0; successes < 60; ++successes) {
    Queue queue;
    for (const int item : items) queue.try_put(item);
    int left = successes;
    fails = [&] { return left-- == 0; };  // exactly one fails
    int out[40];
    queue.try_get_many(out, 30);
    const std::size_t size = queue.size();
    const std::vector<int> rest = take_all(queue);
    EXPECT_TRUE(size == 10 || size == 40);
    EXPECT_TRUE(std::is_sorted(rest.begin(), rest.end())) << successes;
  }
}

// A comparison that puts, takes, or takes everything: the call around it begins its search again.
TEST(PriorityQueue, ComparisonsMayCallTheQueue) {
  for (int when = 0; when < 12; ++when) {
    for (int what = 0; what < 3; ++what) {
      Queue queue;
      for (const int item : shuffled(15, 3)) queue.try_put(item);
      int left = when;
      std::size_t taken = 0;
      fails = [&] {
        if (left-- != 0) return false;
        const auto outer = std::exchange(fails, nullptr);
        int out;
        EXPECT_TRUE(queue.is_held_here());
        QueueStatus status = QueueStatus::done;
        if (what == 0) status = queue.try_put(-7);
        if (what == 1) status = queue.try_get(out);
        if (what == 2) queue.take_all([&](int) { ++taken; });
        EXPECT_EQ(status, QueueStatus::done);
        fails = outer;
        return false;
      };
      int out = 99;
      const QueueStatus around = queue.try_get(out);
      const bool called = left < 0;
      const std::vector<int> rest = take_all(queue);
      EXPECT_TRUE(std::is_sorted(rest.begin(), rest.end()));
      if (!called) {
        EXPECT_EQ(rest.size(), 14U);
      } else if (what == 0) {
        EXPECT_EQ(out, -7);
        EXPECT_EQ(rest.size(), 15U);
      } else if (what == 1) {
        EXPECT_EQ(rest.size(), 13U);
      } else {
        EXPECT_EQ(around, QueueStatus::empty);
        EXPECT_EQ(taken, 15U);
      }
    }
  }
  fails = nullptr;
}

TEST(PriorityQueue, IsClosedInTheMiddleOfAPut) {
  Queue queue;
  queue.try_put(1);
  fails = [&] { return queue.close(), false; };
  EXPECT_EQ(queue.try_put(0), QueueStatus::closed);
  fails = nullptr;
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.put_count(), 1U);
}

// Gives up every wait at once.
struct Impatient final : raddle::Waiting {
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return true; }
  std::int64_t patience() override { return 1000; }
  bool may_spin() override { return false; }
};
struct GivesUp {
  static Answer less(int a, int b) { return Watched::less(a, b); }
  using Waiting = Impatient;
};

// A call whose wait for the lock is given up says so and puts and takes nothing.
TEST(PriorityQueue, GivesUpAndChangesNothing) {
  PriorityQueue<int, GivesUp> queue;
  for (const int item : shuffled(1000, 4)) queue.try_put(item);
  int out[1000];
  queue.try_get_many(out, 990);  // few items in much memory
  std::atomic<bool> comparing = false, stop = false;
  std::thread owner([&] {
    int i = 0;
    fails = [&] {
      comparing = true;
      while (i == 0 && !stop) std::this_thread::yield();
      return false;
    };
    queue.try_put(3);
    for (i = 1; i < 2000; ++i) queue.try_put(i % 7);
    fails = nullptr;
  });
  while (!comparing) std::this_thread::yield();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(queue.try_get_many(out, 5).status, QueueStatus::interrupted);
    EXPECT_EQ(queue.try_put(1), QueueStatus::interrupted);
  }
  stop = true;
  owner.join();
  EXPECT_EQ(queue.size(), 10U + 2000U);
}

}  // namespace
