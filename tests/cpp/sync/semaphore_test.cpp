#include "raddle/sync/semaphore.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/parallel.hpp"
#include "support/parked.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Deadline;
using raddle::PlainWaiting;
using raddle::Semaphore;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using raddle::test::until_waiting;
using Outcome = Semaphore::Outcome;

Outcome acquire(Semaphore& semaphore, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return semaphore.acquire(deadline, waiting);
}

TEST(Semaphore, CountsPermits) {
  Semaphore semaphore("Semaphore", 2);
  EXPECT_EQ(acquire(semaphore), Outcome::taken);
  EXPECT_TRUE(semaphore.try_acquire());
  EXPECT_FALSE(semaphore.try_acquire());
  EXPECT_EQ(acquire(semaphore, Deadline::passed()), Outcome::timed_out);
  EXPECT_EQ(acquire(semaphore, Deadline::in(1'000'000)), Outcome::timed_out);
  EXPECT_TRUE(semaphore.release(3));
  EXPECT_EQ(semaphore.permits(), 3U);
}

TEST(Semaphore, RefusesMoreThanItsBound) {
  Semaphore bounded("Semaphore", 1, 3);
  EXPECT_FALSE(bounded.release(3));
  EXPECT_EQ(bounded.permits(), 1U);
  EXPECT_TRUE(bounded.release(2));
  EXPECT_FALSE(bounded.release());
  Semaphore full("Semaphore", Semaphore::kMost);
  EXPECT_FALSE(full.release());
  EXPECT_EQ(full.permits(), Semaphore::kMost);
  EXPECT_FALSE(full.release(Semaphore::kMost));
}

// Also where a thread sleeps, and stays asleep.
TEST(Semaphore, RefusesMoreThanItsBoundWhileThreadsWait) {
  Semaphore semaphore("Semaphore", 0, 2);
  std::thread waiting([&] { EXPECT_EQ(acquire(semaphore), Outcome::taken); });
  until_waiting(semaphore, 1);
  EXPECT_FALSE(semaphore.release(3));
  until_waiting(semaphore, 1);
  EXPECT_EQ(semaphore.permits(), 0U);
  EXPECT_TRUE(semaphore.release(2));
  waiting.join();
  EXPECT_EQ(semaphore.permits(), 1U);
}

TEST(Semaphore, LetsInAsManyAsThereArePermits) {
  constexpr int kThreads = 6, kPermits = 2, kRounds = 3'000;
  Semaphore semaphore("Semaphore", kPermits);
  std::atomic<int> inside = 0, most = 0;
  in_parallel(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      acquire(semaphore);
      const int now = ++inside;
      if (now > most) most = now;
      if (i % 300 == 0) std::this_thread::yield();
      --inside;
      semaphore.release();
    }
  });
  EXPECT_LE(most, kPermits);
  EXPECT_EQ(semaphore.permits(), std::uint64_t{kPermits});
  EXPECT_EQ(semaphore.approx_waiting(), 0U);
}

TEST(Semaphore, OneReleaseOfManyLetsManyGo) {
  constexpr int kThreads = 5;
  for (const auto wait : {std::chrono::milliseconds(0), std::chrono::milliseconds(3)}) {  // handed over after 1
    Semaphore semaphore("Semaphore", 0);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] { EXPECT_EQ(acquire(semaphore), Outcome::taken); });
    until_waiting(semaphore, kThreads);
    std::this_thread::sleep_for(wait);
    semaphore.release(kThreads - 1);
    while (semaphore.permits() != 0) std::this_thread::yield();
    until_waiting(semaphore, 1);
    semaphore.release(2);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(semaphore.permits(), 1U);
  }
}

// Threads that take and give without end do not keep one out that waits.
TEST(Semaphore, WhoHasWaitedLongIsNext) {
  Semaphore semaphore("Semaphore", 1);
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) {
      acquire(semaphore);
      for (int i = 0; i < 2'000 && !stop; ++i) std::this_thread::yield();
      semaphore.release();
    }
  });
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(acquire(semaphore, Deadline::in(20'000'000'000)), Outcome::taken);
    semaphore.release();
  }
  stop = true;
  busy.join();
}

TEST(Semaphore, ATimeOutTakesNoPermitWithIt) {
  constexpr int kThreads = 4, kRounds = 500;
  Semaphore semaphore("Semaphore", 0);
  std::atomic<int> taken = 0;
  std::atomic<bool> stop = false;
  std::thread giver([&] {
    for (int i = 0; i < kRounds; ++i) {
      semaphore.release();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    stop = true;
  });
  in_parallel(kThreads, [&](int index) {
    while (!stop || semaphore.permits() != 0)
      if (acquire(semaphore, Deadline::in(20'000 * (index + 1))) == Outcome::taken) ++taken;
  });
  giver.join();
  EXPECT_EQ(taken + static_cast<int>(semaphore.permits()), kRounds);
}

TEST(Semaphore, InAChildNobodyWaitsAndThePermitsAreAsTheyWere) {
  Semaphore semaphore("Semaphore", 0);
  std::thread waiting([&] { acquire(semaphore); });
  until_waiting(semaphore, 1);
  EXPECT_TRUE(holds_in_child([&] {
    const bool nobody = semaphore.approx_waiting() == 0 && semaphore.permits() == 0;
    semaphore.release(2);
    return nobody && acquire(semaphore) == Outcome::taken && semaphore.permits() == 1;
  }));
  semaphore.release();
  waiting.join();
}

}  // namespace
