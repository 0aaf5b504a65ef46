#include "raddle/sync/owner_lock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/parallel.hpp"
#include "support/queues.hpp"

namespace {

using raddle::has_vanished;
using raddle::OwnerLock;
using raddle::PlainWaiting;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using Outcome = OwnerLock::Outcome;

TEST(ThreadId, IsNeverUsedTwice) {
  ThreadId first = 0, second = 0;
  std::thread([&] { first = this_thread_id(); }).join();
  std::thread([&] { second = this_thread_id(); }).join();
  EXPECT_NE(first, second);
  EXPECT_EQ(this_thread_id(), this_thread_id());
}

TEST(ThreadId, TellsWhoSurvivedAFork) {
  const ThreadId mine = this_thread_id();
  ThreadId other = 0;
  std::thread([&] { other = this_thread_id(); }).join();
  EXPECT_FALSE(has_vanished(other));
  EXPECT_TRUE(holds_in_child([&] {
    ThreadId later = 0;
    std::thread([&] { later = this_thread_id(); }).join();
    const bool here = this_thread_id() == mine && !has_vanished(mine) && has_vanished(other);
    return here && later != other && !has_vanished(later) &&
           holds_in_child([&] { return has_vanished(later) && !has_vanished(mine); });
  }));
}

TEST(OwnerLock, KnowsItsOwner) {
  OwnerLock lock;
  PlainWaiting waiting;
  EXPECT_FALSE(lock.is_mine());
  EXPECT_EQ(lock.lock(waiting), Outcome::taken);
  EXPECT_EQ(lock.lock(waiting), Outcome::mine_before);
  EXPECT_TRUE(lock.is_mine());
  std::thread([&] { EXPECT_FALSE(lock.is_mine()); }).join();
  lock.unlock();
  EXPECT_FALSE(lock.is_mine());
}

TEST(OwnerLock, Excludes) {
  constexpr int kThreads = 6, kRounds = 5'000;
  OwnerLock lock;
  int count = 0;  // guarded by the lock
  in_parallel(kThreads, [&](int) {
    PlainWaiting waiting;
    for (int i = 0; i < kRounds; ++i) {
      ASSERT_EQ(lock.lock(waiting), Outcome::taken);
      ++count;
      if (i % 500 == 0) std::this_thread::yield();
      lock.unlock();
    }
  });
  EXPECT_EQ(count, kThreads * kRounds);
}

TEST(OwnerLock, ForkFreesItFromVanishedOwnersOnly) {
  OwnerLock lock;
  std::thread([&] {
    PlainWaiting waiting;
    lock.lock(waiting);
  }).join();
  const auto outcome = [&] {
    PlainWaiting waiting;
    return lock.lock(waiting);
  };
  EXPECT_TRUE(holds_in_child([&] { return outcome() == Outcome::taken_over; }));
  lock.unlock();
  EXPECT_EQ(outcome(), Outcome::taken);
  EXPECT_TRUE(holds_in_child([&] { return outcome() == Outcome::mine_before; }));
  lock.unlock();
}

}  // namespace
