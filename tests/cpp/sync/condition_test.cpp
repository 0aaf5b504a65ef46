#include "raddle/sync/condition.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/parallel.hpp"
#include "support/parked.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Condition;
using raddle::Deadline;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::PlainWaiting;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using raddle::test::until_waiting;

void lock(Mutex& mutex) {
  PlainWaiting waiting;
  mutex.lock(LockStyle::owned, Deadline::never(), waiting);
}

// A condition, its mutex, and threads that wait once each.
struct Crew {
  Mutex mutex{"Lock"};
  Condition condition;
  std::atomic<int> notified = 0, timed_out = 0;
  std::vector<std::thread> threads;

  void add(Deadline deadline = Deadline::never()) {
    const std::size_t before = condition.approx_waiting();
    threads.emplace_back([this, deadline] {
      lock(mutex);
      ++(condition.wait(mutex, deadline) ? notified : timed_out);
      EXPECT_TRUE(mutex.is_mine());
      mutex.unlock();
    });
    if (deadline.is_never()) until_waiting(condition, before + 1);
  }
  std::size_t notify(std::size_t n) {
    lock(mutex);
    const std::size_t count = condition.notify(n);
    mutex.unlock();
    return count;
  }
  void join() {
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }
};

TEST(Condition, NotifiesAsManyAsItIsTold) {
  Crew crew;
  for (int i = 0; i < 4; ++i) crew.add();
  EXPECT_EQ(crew.notify(0), 0U);
  EXPECT_EQ(crew.notify(1), 1U);
  while (crew.notified != 1) std::this_thread::yield();
  EXPECT_EQ(crew.notify(2), 2U);
  while (crew.notified != 3) std::this_thread::yield();
  EXPECT_EQ(crew.condition.approx_waiting(), 1U);
  EXPECT_EQ(crew.notify(Condition::kAll), 1U);
  crew.join();
  EXPECT_EQ(crew.notify(1), 0U);
}

// Those that are notified while the lock is held sleep on, in its queue.
TEST(Condition, WakesNobodyWhileTheLockIsHeld) {
  Crew crew;
  for (int i = 0; i < 3; ++i) crew.add();
  lock(crew.mutex);
  EXPECT_EQ(crew.condition.notify_all(), 3U);
  while (crew.mutex.approx_waiting() != 3) std::this_thread::yield();  // who was not asleep yet comes by itself
  EXPECT_EQ(crew.condition.approx_waiting(), 0U);
  crew.mutex.unlock();
  crew.join();
  EXPECT_EQ(crew.notified, 3);
  EXPECT_FALSE(crew.mutex.is_locked());
}

TEST(Condition, FirstInFirstNotified) {
  Mutex mutex("Lock");
  Condition condition;
  std::vector<int> order;  // guarded by the mutex
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      lock(mutex);
      condition.wait(mutex);
      order.push_back(i);
      mutex.unlock();
    });
    until_waiting(condition, static_cast<std::size_t>(i) + 1);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    lock(mutex);
    condition.notify();
    mutex.unlock();
    for (std::size_t seen = 0; seen != i + 1;) {
      lock(mutex);
      seen = order.size();
      mutex.unlock();
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(Condition, TimesOutAndLeavesTheRestInTheList) {
  Crew crew;
  crew.add();
  crew.add(Deadline::in(2'000'000));
  while (crew.timed_out != 1) std::this_thread::yield();
  EXPECT_EQ(crew.condition.approx_waiting(), 1U);
  crew.notify(1);
  crew.join();
  EXPECT_EQ(crew.notified, 1);
}

// A bounded buffer of one place: every item arrives once, whoever times out meanwhile.
TEST(Condition, LosesNoNotification) {
  constexpr int kPairs = 3, kItems = 2'000;
  Mutex mutex("Lock");
  Condition changed;
  bool is_full = false;  // guarded by the mutex, as the sum is
  long sum = 0;
  in_parallel(2 * kPairs, [&](int index) {
    for (int i = 1; i <= kItems; ++i) {
      lock(mutex);
      const bool puts = index < kPairs;
      while (is_full == puts) changed.wait(mutex, i % 3 == 0 ? Deadline::in(30'000) : Deadline::never());
      is_full = puts;
      sum += puts ? i : -i;
      changed.notify_all();
      mutex.unlock();
    }
  });
  EXPECT_EQ(sum, 0);
  EXPECT_FALSE(is_full);
  EXPECT_EQ(changed.approx_waiting(), 0U);
}

TEST(Condition, WithdrawnOrInterruptedItPassesTheNotificationOn) {
  Crew crew;
  Condition::Waiter* waiter = crew.condition.enlist(&crew.mutex, LockStyle::owned);
  crew.add();
  EXPECT_EQ(crew.condition.approx_waiting(), 2U);
  crew.notify(1);  // the first, which is not asleep
  EXPECT_EQ(crew.notified, 0);
  crew.condition.withdraw(waiter);
  crew.join();
  EXPECT_EQ(crew.notified, 1);
}

TEST(Condition, InAChildNobodyWaits) {
  Crew crew;
  crew.add();
  crew.add();
  EXPECT_TRUE(holds_in_child([&] {
    const bool nobody = crew.condition.approx_waiting() == 0 && crew.notify(1) == 0;
    // Alone: sanitizers want no new threads in the child of a process with several.
    lock(crew.mutex);
    const bool notified = crew.condition.wait(crew.mutex, Deadline::in(1'000'000));
    crew.mutex.unlock();
    return nobody && !notified && crew.condition.approx_waiting() == 0 && !crew.mutex.is_locked();
  }));
  EXPECT_EQ(crew.notify(Condition::kAll), 2U);
  crew.join();
}

// Forks while others are inside the list: whatever they were at, it can be used in the child.
TEST(Condition, ForksWhileThreadsWaitAndNotify) {
  Mutex mutex("Lock");
  Condition condition;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      while (!stop) {
        lock(mutex);
        if (i == 0)
          condition.notify_all();
        else
          condition.wait(mutex, Deadline::in(20'000));
        mutex.unlock();
      }
    });
  }
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(holds_in_child([&] {
      lock(mutex);
      const bool timed_out = !condition.wait(mutex, Deadline::in(100'000));
      const bool nobody = condition.notify_all() == 0 && condition.approx_waiting() == 0;
      mutex.unlock();
      return timed_out && nobody;
    }));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
