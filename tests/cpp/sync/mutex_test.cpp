#include "raddle/sync/mutex.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "raddle/sync/reentrant_mutex.hpp"
#include "support/locks.hpp"
#include "support/parallel.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Deadline;
using raddle::kNoThread;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::PlainWaiting;
using raddle::ReentrantMutex;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using raddle::test::kMillisecond;
using raddle::test::let_pass;
using raddle::test::lock;
using raddle::test::LookingWaiting;
using raddle::test::wait_until;
using raddle::test::wait_until_parked;

TEST(Mutex, KnowsItsTaker) {
  Mutex mutex("test");
  EXPECT_FALSE(mutex.is_locked());
  EXPECT_EQ(lock(mutex), LockOutcome::taken);
  EXPECT_TRUE(mutex.is_mine());
  EXPECT_EQ(mutex.taker(), this_thread_id());
  EXPECT_EQ(mutex.owner(), this_thread_id());
  std::thread([&] { EXPECT_FALSE(mutex.is_mine()); }).join();
  EXPECT_FALSE(mutex.try_lock_fast(LockStyle::owned));
  EXPECT_TRUE(mutex.unlock());
  EXPECT_FALSE(mutex.unlock());
  EXPECT_FALSE(mutex.is_locked());
}

TEST(Mutex, TakenAsASignalItHasNoOwnerAndAnybodyReleasesIt) {
  Mutex mutex("test");
  EXPECT_EQ(lock(mutex, Deadline::never(), LockStyle::signal), LockOutcome::taken);
  EXPECT_EQ(mutex.owner(), kNoThread);
  EXPECT_EQ(mutex.taker(), this_thread_id());
  std::thread([&] {
    EXPECT_TRUE(mutex.unlock());
    EXPECT_FALSE(mutex.unlock());
  }).join();
  EXPECT_FALSE(mutex.is_locked());
}

TEST(Mutex, ATryAndATimeOutChangeNothing) {
  Mutex mutex("test");
  lock(mutex);
  std::thread([&] {
    EXPECT_EQ(lock(mutex, Deadline::passed()), LockOutcome::timed_out);
    const std::int64_t begin = Deadline::now();
    EXPECT_EQ(lock(mutex, Deadline::in(20 * kMillisecond)), LockOutcome::timed_out);
    EXPECT_GE(Deadline::now() - begin, 20 * kMillisecond);
    LookingWaiting waiting([&] { return waiting.looks == 2; });
    EXPECT_EQ(mutex.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::interrupted);
  }).join();
  EXPECT_EQ(mutex.approx_waiting(), 0U);
  EXPECT_TRUE(mutex.is_mine());
  EXPECT_TRUE(mutex.unlock());
  EXPECT_FALSE(mutex.is_locked());
}

// Threads that time out, are interrupted, or come and go. The plain number makes ThreadSanitizer a judge too.
TEST(Mutex, ExcludesAndStrandsNobody) {
  constexpr int kThreads = 4, kRounds = 3'000;
  Mutex mutex("test");
  int count = 0;
  std::atomic<int> taken = 0;
  in_parallel(kThreads, [&](int thread) {
    for (int i = 0; i < kRounds; ++i) {
      LookingWaiting waiting([&] { return thread == 2; });
      const Deadline deadline = thread == 1 ? Deadline::in(i % 3 * 20'000) : Deadline::never();
      const LockStyle style = thread == 3 ? LockStyle::signal : LockStyle::owned;
      const LockOutcome outcome = mutex.lock(style, deadline, waiting);
      if (outcome != LockOutcome::taken) continue;
      EXPECT_TRUE(mutex.is_mine());
      ++count;
      ++taken;
      if (i % 300 == 0) let_pass(2 * kMillisecond);  // the others are asleep by then, and it is handed over
      EXPECT_TRUE(mutex.unlock());
    }
  });
  EXPECT_EQ(count, taken);
  EXPECT_GE(count, 2 * kRounds);
  EXPECT_FALSE(mutex.is_locked());
}

// Tokens that go back and forth between a thread that takes and one that releases.
TEST(Mutex, SignalsAreNotLost) {
  constexpr int kRounds = 5'000;
  Mutex ping("test"), pong("test");
  lock(ping, Deadline::never(), LockStyle::signal);
  lock(pong, Deadline::never(), LockStyle::signal);
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      lock(ping, Deadline::never(), LockStyle::signal);
      ASSERT_TRUE(pong.unlock());
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    ASSERT_TRUE(ping.unlock());
    lock(pong, Deadline::never(), LockStyle::signal);
  }
  other.join();
}

// Who has waited for long has it as soon as the holder has released it, in the order of arrival.
TEST(Mutex, IsHandedOverToWhoHasWaitedForLong) {
  Mutex mutex("test");
  lock(mutex);
  std::atomic<ThreadId> ids[3] = {};
  std::atomic<bool> looked = false;
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      ids[i] = this_thread_id();
      EXPECT_EQ(lock(mutex), LockOutcome::taken);
      order.push_back(i);
      wait_until([&] { return looked.load(); });
      mutex.unlock();
    });
    wait_until_parked(ids[i]);
  }
  let_pass(2 * RADDLE_FAIR_AFTER);
  mutex.unlock();
  EXPECT_FALSE(mutex.try_lock_fast(LockStyle::owned));
  EXPECT_EQ(lock(mutex, Deadline::passed()), LockOutcome::timed_out);
  looked = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST(Mutex, AWaiterIsServedThoughAnotherNeverPauses) {
  Mutex mutex("test");
  std::atomic<bool> end = false;
  std::thread hammerer([&] {
    while (!end) {
      lock(mutex);
      let_pass(20'000);
      mutex.unlock();
    }
  });
  for (int i = 0; i < 20; ++i) {
    const std::int64_t begin = Deadline::now();
    EXPECT_EQ(lock(mutex), LockOutcome::taken);
    mutex.unlock();
    EXPECT_LE(Deadline::now() - begin, 5'000 * kMillisecond);
  }
  end = true;
  hammerer.join();
}

// A handler that runs inside the wait and takes the same lock.
TEST(Mutex, WaitsNest) {
  Mutex mutex("test");
  std::atomic<bool> may_release = false;
  std::atomic<ThreadId> holder = kNoThread;
  std::thread thread([&] {
    lock(mutex);
    holder = this_thread_id();
    wait_until([&] { return may_release.load(); });
    mutex.unlock();
  });
  wait_until([&] { return holder != kNoThread; });
  int inner = 0;
  LookingWaiting waiting([&] {
    may_release = true;
    if (waiting.looks == 1 && lock(mutex) == LockOutcome::taken) ++inner, mutex.unlock();
    return false;
  });
  EXPECT_EQ(mutex.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::taken);
  EXPECT_EQ(inner, 1);
  mutex.unlock();
  thread.join();
}

// --- fork ---

TEST(Mutex, ForkFreesItFromVanishedTakersOnly) {
  Mutex mutex("test");
  std::atomic<bool> taken = false, end = false;
  std::thread holder([&] {
    lock(mutex);
    taken = true;
    wait_until([&] { return end.load(); });
    mutex.unlock();
  });
  wait_until([&] { return taken.load(); });
  std::thread waiter([&] {  // the word says that somebody sleeps
    lock(mutex);
    mutex.unlock();
  });
  wait_until([&] { return mutex.approx_waiting() == 1; });
  EXPECT_TRUE(holds_in_child([&] {
    return !mutex.is_locked() && lock(mutex) == LockOutcome::taken && mutex.is_mine() && mutex.unlock() &&
           lock(mutex, Deadline::passed()) == LockOutcome::taken &&
           // In the grandchild the thread that forked still has it.
           holds_in_child([&] { return mutex.is_mine() && mutex.unlock() && !mutex.is_locked(); });
  }));
  end = true;
  holder.join();
  waiter.join();
}

TEST(Mutex, AWaitThatForksInAHandlerTakesItInTheChild) {
  Mutex mutex("test");
  std::atomic<bool> taken = false, end = false;
  std::thread holder([&] {
    lock(mutex);
    taken = true;
    wait_until([&] { return end.load(); });
    mutex.unlock();
  });
  wait_until([&] { return taken.load(); });
  pid_t child = -1;
  LookingWaiting waiting([&] {
    if (waiting.looks == 1) child = fork();
    if (child == 0) alarm(10);
    return child != 0;
  });
  const LockOutcome outcome = mutex.lock(LockStyle::owned, Deadline::never(), waiting);
  if (child == 0) _exit(outcome == LockOutcome::taken && mutex.is_mine() ? 0 : 1);
  EXPECT_EQ(outcome, LockOutcome::interrupted);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  end = true;
  holder.join();
}

// --- threads that ended ---

TEST(Mutex, ARobustOneTellsOfATakerThatEnded) {
  Mutex robust("test", true), plain("test");
  std::thread([&] { lock(robust), lock(plain); }).join();
  EXPECT_EQ(lock(robust, Deadline::passed()), LockOutcome::owner_died);
  EXPECT_TRUE(robust.is_mine());
  robust.unlock();
  EXPECT_EQ(lock(robust, Deadline::passed()), LockOutcome::taken);
  robust.unlock();
  EXPECT_EQ(lock(plain, Deadline::in(kMillisecond)), LockOutcome::timed_out);
  EXPECT_TRUE(plain.unlock());
}

TEST(Mutex, MayBecomeRobustLater) {
  Mutex mutex("test");
  mutex.make_robust();
  std::thread([&] { lock(mutex); }).join();
  EXPECT_EQ(lock(mutex, Deadline::passed()), LockOutcome::owner_died);
  mutex.unlock();
}

TEST(Mutex, ThoseWhoWaitLearnThatTheTakerEnds) {
  Mutex mutex("test", true);
  std::atomic<bool> taken = false, end = false;
  std::thread holder([&] {
    lock(mutex);
    taken = true;
    wait_until([&] { return end.load(); });
  });
  wait_until([&] { return taken.load(); });
  std::atomic<int> died = 0;
  std::thread ending([&] {
    wait_until([&] { return mutex.approx_waiting() == 3; });
    end = true;
  });
  in_parallel(3, [&](int) {
    const LockOutcome outcome = lock(mutex);
    EXPECT_TRUE(outcome == LockOutcome::taken || outcome == LockOutcome::owner_died);
    died += outcome == LockOutcome::owner_died ? 1 : 0;
    mutex.unlock();
  });
  EXPECT_EQ(died, 1);
  holder.join();
  ending.join();
}

// Every thread takes it and ends, and the next one learns of it, wherever the end comes in its way to sleep.
TEST(Mutex, NobodySleepsForATakerThatEndedMeanwhile) {
  constexpr int kThreads = 400, kAtOnce = 3;
  Mutex mutex("test", true);
  std::atomic<int> died = 0, taken = 0;
  in_parallel(kAtOnce, [&](int) {
    for (int i = 0; i < kThreads; ++i) {
      std::thread([&] {
        const LockOutcome outcome = lock(mutex);
        ++(outcome == LockOutcome::owner_died ? died : taken);
      }).join();
    }
  });
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(died, kAtOnce * kThreads - 1);
}

// --- ReentrantMutex ---

LockOutcome lock_again(ReentrantMutex& mutex, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return mutex.lock(deadline, waiting);
}

TEST(ReentrantMutex, IsFreeWhenGivenBackAsOften) {
  ReentrantMutex mutex("test");
  EXPECT_FALSE(mutex.unlock());
  for (std::uint64_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(lock_again(mutex), LockOutcome::taken);
    EXPECT_EQ(mutex.depth(), i);
  }
  std::thread([&] {
    EXPECT_FALSE(mutex.unlock());
    EXPECT_FALSE(mutex.try_lock_fast());
    EXPECT_EQ(mutex.depth(), 0U);
    EXPECT_EQ(lock_again(mutex, Deadline::in(kMillisecond)), LockOutcome::timed_out);
  }).join();
  EXPECT_TRUE(mutex.unlock());
  EXPECT_EQ(mutex.unlock_all(), 2U);
  EXPECT_FALSE(mutex.is_mine());
  EXPECT_FALSE(mutex.unlock());
}

TEST(ReentrantMutex, Excludes) {
  constexpr int kThreads = 4, kRounds = 3'000;
  ReentrantMutex mutex("test");
  int count = 0;
  in_parallel(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      const int depth = i % 3 + 1;
      for (int n = 0; n < depth; ++n) ASSERT_EQ(lock_again(mutex), LockOutcome::taken);
      ++count;
      if (i % 500 == 0) let_pass(2 * kMillisecond);
      for (int n = 0; n < depth; ++n) ASSERT_TRUE(mutex.unlock());
    }
  });
  EXPECT_EQ(count, kThreads * kRounds);
}

TEST(ReentrantMutex, TellsOfAnOwnerThatEnded) {
  ReentrantMutex mutex("test");
  std::thread([&] { lock_again(mutex), lock_again(mutex); }).join();
  EXPECT_EQ(lock_again(mutex), LockOutcome::owner_died);
  EXPECT_EQ(mutex.depth(), 1U);
  EXPECT_TRUE(mutex.unlock());
  EXPECT_FALSE(mutex.mutex().is_locked());
}

TEST(ReentrantMutex, ForkKeepsTheDepthOfTheForkingThread) {
  ReentrantMutex mine("test"), others("test");
  lock_again(mine), lock_again(mine);
  std::atomic<bool> taken = false, end = false;
  std::thread holder([&] {
    lock_again(others), lock_again(others);
    taken = true;
    wait_until([&] { return end.load(); });
    others.unlock(), others.unlock();
  });
  wait_until([&] { return taken.load(); });
  EXPECT_TRUE(holds_in_child([&] {
    return mine.depth() == 2 && mine.unlock() && mine.unlock() && !mine.unlock() &&
           lock_again(others) == LockOutcome::taken && others.depth() == 1 && others.unlock() && !others.unlock();
  }));
  end = true;
  holder.join();
}

}  // namespace
