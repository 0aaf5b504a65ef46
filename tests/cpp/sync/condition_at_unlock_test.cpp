// notify_at_unlock(): notifications that are counted, and carried out when the lock is given back.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "raddle/sync/condition.hpp"
#include "raddle/sync/reentrant_mutex.hpp"
#include "support/parallel.hpp"
#include "support/parked.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Condition;
using raddle::Deadline;
using raddle::has_ended;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::PlainWaiting;
using raddle::Postponed;
using raddle::ReentrantMutex;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using raddle::test::until_waiting;

// A condition and its re-entrant mutex. The waits are made as embedders make them.
struct Hall {
  ReentrantMutex mutex{"RLock"};
  Condition condition;
  std::atomic<int> notified = 0, timed_out = 0;
  std::vector<std::thread> threads;

  void lock() {
    PlainWaiting waiting;
    mutex.lock(Deadline::never(), waiting);
  }
  // With the lock.
  Condition::Outcome wait(Deadline deadline = Deadline::never()) { return wait_for(condition, deadline); }
  Condition::Outcome wait_for(Condition& awaited, Deadline deadline = Deadline::never()) {
    Condition::Waiter* waiter = awaited.enlist(&mutex.mutex(), LockStyle::owned);
    mutex.unlock_all();
    PlainWaiting waiting;
    const Condition::Outcome outcome = awaited.sleep(waiter, deadline, waiting);
    if (outcome != Condition::Outcome::notified_with_lock)
      mutex.mutex().lock(LockStyle::owned, Deadline::never(), waiting);
    mutex.set_depth(1);
    return outcome;
  }
  void add(Deadline deadline = Deadline::never()) {
    const std::size_t before = condition.approx_waiting();
    threads.emplace_back([this, deadline] {
      lock();
      ++(wait(deadline) == Condition::Outcome::timed_out ? timed_out : notified);
      mutex.unlock();
    });
    until_waiting(condition, before + 1);
  }
  void join() {
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }
};

TEST(ConditionAtUnlock, CountsFirstAndMovesAtUnlock) {
  Hall hall;
  for (int i = 0; i < 4; ++i) hall.add();
  hall.lock();
  hall.lock();
  hall.condition.notify_at_unlock();
  hall.condition.notify_at_unlock(2);
  EXPECT_EQ(hall.condition.approx_waiting(), 1U);
  EXPECT_EQ(hall.mutex.mutex().approx_waiting(), 0U);
  hall.mutex.unlock();  // it has it still
  EXPECT_EQ(hall.mutex.mutex().approx_waiting(), 0U);
  hall.mutex.unlock();
  while (hall.notified != 3) std::this_thread::yield();
  hall.lock();
  hall.condition.notify_at_unlock(Condition::kAll);
  hall.condition.notify_at_unlock(Condition::kAll);  // nobody is left
  EXPECT_EQ(hall.condition.approx_waiting(), 0U);
  EXPECT_EQ(hall.mutex.unlock_all(), 1U);
  hall.join();
  hall.lock();
  hall.condition.notify_at_unlock();  // that is for nobody who comes later
  EXPECT_EQ(hall.wait(Deadline::in(1'000'000)), Condition::Outcome::timed_out);
  hall.mutex.unlock();
}

// Whoever waits itself, for anything, carries out first what it has put off: then the others wait for its lock, as
// deadlock detection must see.
TEST(ConditionAtUnlock, MovesBeforeItsThreadWaits) {
  Hall hall;
  Mutex other("Lock");
  for (int i = 0; i < 2; ++i) hall.add();
  hall.lock();
  hall.condition.notify_at_unlock(2);
  PlainWaiting waiting;
  other.lock(LockStyle::owned, Deadline::never(), waiting);
  EXPECT_EQ(other.lock(LockStyle::owned, Deadline::in(1'000'000), waiting), LockOutcome::timed_out);
  while (hall.mutex.mutex().approx_waiting() != 2) std::this_thread::yield();
  hall.mutex.unlock();
  hall.join();
}

TEST(ConditionAtUnlock, AThreadThatEndsLeavesTheLockToThoseItHasNotified) {
  Hall hall;
  std::atomic<int> told = 0;
  std::thread sleeper([&] {
    hall.lock();
    Condition::Waiter* waiter = hall.condition.enlist(&hall.mutex.mutex(), LockStyle::owned);
    hall.mutex.unlock_all();
    PlainWaiting waiting;
    EXPECT_EQ(hall.condition.sleep(waiter, Deadline::never(), waiting), Condition::Outcome::notified);
    told += hall.mutex.lock(Deadline::never(), waiting) == LockOutcome::owner_died ? 1 : 0;
    hall.mutex.unlock();
  });
  until_waiting(hall.condition, 1);
  std::thread([&] {
    hall.lock();
    hall.condition.notify_at_unlock();
  }).join();
  sleeper.join();
  EXPECT_EQ(told, 1);
}

// A time limit that passes after the notification counts for nothing.
TEST(ConditionAtUnlock, ATimeLimitLeavesWhatIsCounted) {
  Hall hall;
  hall.add(Deadline::in(200'000'000));
  hall.add(Deadline::in(200'000'000));
  hall.lock();
  hall.condition.notify_at_unlock();
  // The second one times out, the first one does not, and both wait for the lock.
  while (hall.mutex.mutex().approx_waiting() != 2) std::this_thread::yield();
  EXPECT_EQ(hall.condition.approx_waiting(), 0U);
  hall.mutex.unlock();
  hall.join();
  EXPECT_EQ(hall.notified, 1);
  EXPECT_EQ(hall.timed_out, 1);
}

TEST(ConditionAtUnlock, WhoWithdrawsPassesTheNotificationOn) {
  Hall hall;
  hall.lock();
  Condition::Waiter* waiter = hall.condition.enlist(&hall.mutex.mutex(), LockStyle::owned);
  hall.mutex.unlock();
  hall.add();
  hall.lock();
  hall.condition.notify_at_unlock();
  hall.condition.withdraw(waiter);
  EXPECT_EQ(hall.condition.approx_waiting(), 0U);
  hall.mutex.unlock();
  hall.join();
  EXPECT_EQ(hall.notified, 1);
}

TEST(ConditionAtUnlock, ForkCarriesOutWhatTheForkingThreadHasPutOff) {
  Hall hall;
  hall.add();
  hall.lock();
  hall.condition.notify_at_unlock();
  EXPECT_TRUE(holds_in_child([&] {
    const bool nobody = hall.condition.approx_waiting() == 0;
    hall.condition.notify_at_unlock();
    hall.mutex.unlock();
    hall.lock();
    const bool timed_out = hall.wait(Deadline::in(1'000'000)) == Condition::Outcome::timed_out;
    hall.mutex.unlock();
    return nobody && timed_out && !hall.mutex.mutex().is_locked();
  }));
  EXPECT_EQ(hall.mutex.mutex().approx_waiting(), 1U);
  hall.mutex.unlock();
  hall.join();
  EXPECT_EQ(hall.notified, 1);
}

// What is counted for one that another has notified meanwhile is for nobody who comes later, and so not for the
// one that has counted, when it waits itself.
TEST(ConditionAtUnlock, NotifiesNobodyWhoCameLater) {
  Hall hall;
  hall.lock();
  Condition::Waiter* waiter = hall.condition.enlist(&hall.mutex.mutex(), LockStyle::owned);
  hall.mutex.unlock();
  hall.add();
  hall.lock();
  EXPECT_EQ(hall.condition.notify(), 1U);  // the waiter
  hall.condition.notify_at_unlock();       // the one that was added
  hall.condition.withdraw(waiter);         // it notifies it too
  EXPECT_EQ(hall.wait(Deadline::in(1'000'000)), Condition::Outcome::timed_out);
  hall.mutex.unlock();
  hall.join();
  EXPECT_EQ(hall.notified, 1);
}

TEST(ConditionAtUnlock, APassedOnNotificationIsOne) {
  for (const bool counts_more : {false, true}) {
    Hall hall;
    hall.lock();
    Condition::Waiter* waiter = hall.condition.enlist(&hall.mutex.mutex(), LockStyle::owned);
    hall.mutex.unlock();
    for (int i = 0; i < 4; ++i) hall.add();
    hall.lock();
    hall.condition.notify_at_unlock();
    hall.condition.withdraw(waiter);
    EXPECT_EQ(hall.condition.approx_waiting(), 3U);
    EXPECT_EQ(hall.mutex.mutex().approx_waiting(), 0U);
    if (counts_more) hall.condition.notify_at_unlock();
    const int notified = counts_more ? 2 : 1;
    hall.mutex.unlock();
    while (hall.notified < notified) std::this_thread::yield();
    EXPECT_EQ(hall.condition.approx_waiting(), 4U - static_cast<unsigned>(notified));
    EXPECT_EQ(hall.mutex.mutex().approx_waiting(), 0U);
    hall.lock();
    hall.condition.notify_at_unlock(Condition::kAll);
    hall.mutex.unlock();
    hall.join();
    EXPECT_EQ(hall.notified, 4);
  }
}

TEST(ConditionAtUnlock, SeveralConditionsOfOneMutex) {
  Hall hall;
  Condition others[3];
  std::atomic<int> told = 0;
  std::vector<std::thread> threads;
  for (Condition& other : others)
    for (std::size_t i = 1; i <= 2; ++i) {
      threads.emplace_back([&hall, &other, &told] {
        hall.lock();
        hall.wait_for(other);
        ++told;
        hall.mutex.unlock();
      });
      until_waiting(other, i);
    }
  for (int round = 1; round <= 2; ++round) {
    hall.lock();
    for (Condition& other : others) other.notify_at_unlock();
    hall.mutex.unlock();
    while (told != 3 * round) std::this_thread::yield();
    for (const Condition& other : others) EXPECT_EQ(other.approx_waiting(), 2U - static_cast<unsigned>(round));
  }
  for (std::thread& thread : threads) thread.join();
}

// One that ends with the lock and has counted: the others may have the lock when they know of its end, and must
// not come across what it has put off.
TEST(ConditionAtUnlock, WhatAThreadHasPutOffIsDoneBeforeOthersKnowOfItsEnd) {
  struct Work {
    Postponed postponed{[](Postponed& self) noexcept {
      auto& work = reinterpret_cast<Work&>(self);
      work.done_by = this_thread_id();
      work.had_ended = has_ended(work.done_by);
    }};
    ThreadId done_by = 0;
    bool had_ended = false;
  } work;
  ThreadId id = 0;
  std::thread([&] {
    id = this_thread_id();
    work.postponed.put_off();
  }).join();
  EXPECT_EQ(work.done_by, id);
  EXPECT_FALSE(work.had_ended);
}

// Threads that end with the lock, one after the other, each with notifications of several conditions counted.
TEST(ConditionAtUnlock, ThreadsThatEndInTurnLoseNoNotification) {
  constexpr int kRounds = 300;
  Hall hall;
  Condition other;
  std::atomic<int> told = 0;
  std::thread sleeper([&] {
    for (int i = 0; i < kRounds; ++i) {
      hall.lock();
      hall.wait_for(other);
      ++told;
      hall.mutex.unlock();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    until_waiting(other, 1);
    hall.add();
    std::thread quitter([&] {
      hall.lock();
      hall.condition.notify_at_unlock();
      other.notify_at_unlock();
    });
    hall.lock();  // as soon as it can, after the quitter or before
    hall.condition.notify_at_unlock();
    hall.mutex.unlock();
    quitter.join();
    hall.join();
    while (told != i + 1) std::this_thread::yield();
  }
  sleeper.join();
}

// In a child the list holds records of threads that have vanished, until somebody looks it over.
TEST(ConditionAtUnlock, InAChildNothingIsCountedForThoseThatHaveVanished) {
  Hall hall;
  hall.add();
  EXPECT_TRUE(holds_in_child([&] {
    hall.lock();
    hall.condition.notify_at_unlock();
    return raddle::detail::postponed == nullptr && hall.condition.approx_waiting() == 0;
  }));
  hall.lock();
  hall.condition.notify_at_unlock();
  EXPECT_NE(raddle::detail::postponed, nullptr);
  hall.mutex.unlock();
  hall.join();
}

// Resetting the mutex gives it back.
TEST(ConditionAtUnlock, ResettingTheMutexCarriesOutWhatIsCounted) {
  Hall hall;
  hall.add();
  hall.lock();
  hall.condition.notify_at_unlock();
  hall.mutex.reset();
  const Deadline limit = Deadline::in(20'000'000'000);
  while (hall.notified != 1 && !limit.has_passed()) std::this_thread::yield();
  EXPECT_EQ(hall.notified, 1);
  Postponed::carry_out();
  hall.join();
}

// A thread that forks while it waits, as in a signal handler, and another one that has counted it.
class ForksOnce final : public raddle::Waiting {
 public:
  ForksOnce(std::atomic<int>& stage, bool& in_child) noexcept : stage_(stage), in_child_(in_child) {}
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override {
    if (stage_ != 1) return false;
    const pid_t child = fork();
    if (child == 0) return in_child_ = true, false;
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    stage_ = 2;
    return false;
  }
  std::int64_t patience() override { return in_child_ ? INT64_MAX : 1'000'000; }

 private:
  std::atomic<int>& stage_;
  bool& in_child_;
};

TEST(ConditionAtUnlock, WhatAVanishedThreadHasCountedIsCarriedOutByTheOneThatForked) {
  Hall hall;
  std::atomic<int> stage = 0;
  std::thread notifier([&] {
    until_waiting(hall.condition, 1);
    hall.lock();
    hall.condition.notify_at_unlock();
    stage = 1;
    while (stage != 2) std::this_thread::yield();
    hall.mutex.unlock();
  });
  bool in_child = false;
  hall.lock();
  Condition::Waiter* waiter = hall.condition.enlist(&hall.mutex.mutex(), LockStyle::owned);
  hall.mutex.unlock_all();
  ForksOnce waiting(stage, in_child);
  const Condition::Outcome outcome = hall.condition.sleep(waiter, Deadline::never(), waiting);
  if (in_child) _exit(outcome == Condition::Outcome::notified ? 0 : 1);
  EXPECT_NE(outcome, Condition::Outcome::timed_out);
  if (outcome == Condition::Outcome::notified) hall.lock();
  hall.mutex.set_depth(1);
  hall.mutex.unlock();
  notifier.join();
}

TEST(ConditionAtUnlock, LosesNoNotification) {
  constexpr int kPairs = 3, kItems = 2'000;
  Hall hall;
  bool is_full = false;  // guarded by the mutex, as the sum is
  long sum = 0;
  in_parallel(2 * kPairs, [&](int index) {
    for (int i = 1; i <= kItems; ++i) {
      hall.lock();
      const bool puts = index < kPairs;
      while (is_full == puts) hall.wait(i % 3 == 0 ? Deadline::in(30'000) : Deadline::never());
      is_full = puts;
      sum += puts ? i : -i;
      hall.condition.notify_at_unlock(i % 2 == 0 ? Condition::kAll : 2 * kPairs);
      hall.mutex.unlock();
    }
  });
  EXPECT_EQ(sum, 0);
  EXPECT_FALSE(is_full);
  EXPECT_EQ(hall.condition.approx_waiting(), 0U);
}

}  // namespace
