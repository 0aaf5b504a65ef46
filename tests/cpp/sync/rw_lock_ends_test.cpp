// What becomes of a RWLock when its threads end, vanish in a fork, or wait for each other.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "raddle/sync/deadlock.hpp"
#include "raddle/sync/rw_lock.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Deadline;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::PlainWaiting;
using raddle::RWLock;
using raddle::Waiting;
using raddle::test::holds_in_child;
using Outcome = RWLock::Outcome;

constexpr auto kRead = &RWLock::read;
constexpr auto kWrite = &RWLock::write;
constexpr auto kUpgradable = &RWLock::upgradable;
using Take = decltype(kWrite);

Outcome take(RWLock& lock, Take how, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return (lock.*how)(deadline, waiting);
}
Outcome take_in_thread(RWLock& lock, Take how, Deadline deadline = Deadline::never()) {
  Outcome outcome{};
  std::thread([&] { outcome = take(lock, how, deadline); }).join();
  return outcome;
}
void until_waiting(const RWLock& lock, std::size_t count) {
  while (lock.approx_waiting() != count) std::this_thread::yield();
}

TEST(RWLockEnds, ThatOfAWriterIsToldOnce) {
  for (const Take next : {kRead, kWrite, kUpgradable}) {
    RWLock lock;
    ASSERT_EQ(take_in_thread(lock, kWrite), Outcome::taken);
    EXPECT_EQ(take(lock, next), Outcome::owner_died);
    EXPECT_EQ(take(lock, kRead), Outcome::taken);
    EXPECT_TRUE(lock.unlock_read());
    EXPECT_EQ(take(lock, kWrite), Outcome::taken);
    EXPECT_TRUE(lock.unlock_write());
  }
}

TEST(RWLockEnds, ThatOfAnUpgradableIsTold) {
  RWLock lock;
  ASSERT_EQ(take_in_thread(lock, kUpgradable), Outcome::taken);
  EXPECT_EQ(take(lock, kRead), Outcome::taken);  // had no need to wait for it
  EXPECT_TRUE(lock.unlock_read());
  EXPECT_EQ(take(lock, kWrite), Outcome::owner_died);
  EXPECT_EQ(take(lock, kWrite), Outcome::taken);
}

TEST(RWLockEnds, ThatOfAReaderIsToldToAWriter) {
  RWLock lock;
  ASSERT_EQ(take_in_thread(lock, kRead), Outcome::taken);
  EXPECT_EQ(lock.approx_readers(), 0U);
  EXPECT_EQ(take(lock, kWrite), Outcome::owner_died);
  EXPECT_EQ(take(lock, kWrite), Outcome::taken);
  EXPECT_TRUE(lock.unlock_write());
}

TEST(RWLockEnds, ThatOfAReaderIsToldToWhoGetsItsSlot) {
  RWLock lock;
  ASSERT_EQ(take_in_thread(lock, kRead), Outcome::taken);
  EXPECT_EQ(take_in_thread(lock, kRead), Outcome::owner_died);
  EXPECT_EQ(take(lock, kWrite), Outcome::taken);
}

// The next thread of its slot has the same cell.
TEST(RWLockEnds, WhatAReaderHadCountedIsNotItsSuccessors) {
  RWLock lock;
  const auto in_thread = [](auto call) { std::thread(call).join(); };
  for (const bool downgraded : {false, true}) {
    in_thread([&] {
      ASSERT_EQ(take(lock, downgraded ? kWrite : kRead), Outcome::taken);
      EXPECT_TRUE(!downgraded || lock.downgrade());
    });
    ASSERT_EQ(take(lock, kWrite), Outcome::owner_died);
    in_thread([&] {
      ASSERT_EQ(take(lock, kWrite), Outcome::taken);
      ASSERT_EQ(take(lock, kRead), Outcome::taken);
      EXPECT_TRUE(lock.unlock_write());
      EXPECT_FALSE(lock.is_writing());
      EXPECT_TRUE(lock.is_reading());
      EXPECT_TRUE(lock.unlock_read());
    });
    in_thread([&] { ASSERT_EQ(take(lock, kRead), Outcome::taken); });
    ASSERT_EQ(take(lock, kWrite), Outcome::owner_died);
    in_thread([&] {
      ASSERT_EQ(take(lock, kWrite), Outcome::taken);
      ASSERT_TRUE(lock.downgrade());
      EXPECT_TRUE(lock.is_reading());
      EXPECT_EQ(take_in_thread(lock, kWrite, Deadline::passed()), Outcome::timed_out);
      EXPECT_TRUE(lock.unlock_write());
      EXPECT_FALSE(lock.is_reading());
    });
  }
}

// A thread ends while it reads; the next one of its slot clears that away, and only that tells the writer. For
// ThreadSanitizer: nothing else orders what the two do to the number.
TEST(RWLockEnds, WhatItReadWasReadBeforeTheNextWrite) {
  RWLock lock;
  int number = 1;
  std::atomic<raddle::ThreadId> reader_id = raddle::kNoThread;
  std::atomic<bool> writer_began = false, cleared = false;
  const auto wait_for = [](const auto& word) {
    while (word.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  };
  std::thread writer([&] {
    raddle::this_thread_id();  // now: slots change hands under a lock
    writer_began.store(true, std::memory_order_relaxed);
    wait_for(cleared);
    EXPECT_EQ(take(lock, kWrite), Outcome::taken);
    ++number;
    EXPECT_TRUE(lock.unlock_write());
  });
  wait_for(writer_began);
  std::thread reader([&] {
    EXPECT_EQ(take(lock, kRead), Outcome::taken);
    EXPECT_EQ(number, 1);
    reader_id.store(raddle::this_thread_id(), std::memory_order_relaxed);
  });
  std::thread successor([&] {
    wait_for(reader_id);
    const raddle::ThreadId id = reader_id.load(std::memory_order_relaxed);
    while (raddle::ThreadSlots::Lock().in_use(raddle::slot_of(id))) std::this_thread::yield();
    ASSERT_EQ(raddle::slot_of(raddle::this_thread_id()), raddle::slot_of(id));
    EXPECT_EQ(take(lock, kRead), Outcome::owner_died);
    cleared.store(true, std::memory_order_relaxed);
  });
  writer.join();
  reader.join();
  successor.join();
}

// All wait for a thread that ends; one of them is told.
TEST(RWLockEnds, WakesWhoWaits) {
  for (const Take how : {kRead, kWrite, kUpgradable}) {
    RWLock lock;
    std::atomic<bool> taken = false;
    std::atomic<int> told = 0;
    std::thread owner([&] {
      ASSERT_EQ(take(lock, how), Outcome::taken);
      taken = true;
      until_waiting(lock, how == kWrite ? 3 : 1);
    });
    std::vector<std::thread> others;
    while (!taken) std::this_thread::yield();
    const auto start = [&](Take next, bool (RWLock::*unlock)() noexcept) {
      others.emplace_back([&lock, &told, next, unlock] {
        Outcome outcome = take(lock, next);
        if (outcome == Outcome::owner_died) ++told, outcome = take(lock, next);
        EXPECT_EQ(outcome, Outcome::taken);
        EXPECT_TRUE((lock.*unlock)());
      });
    };
    start(kWrite, &RWLock::unlock_write);
    if (how == kWrite) {
      start(kRead, &RWLock::unlock_read);
      start(kRead, &RWLock::unlock_read);
    }
    owner.join();
    for (std::thread& other : others) other.join();
    EXPECT_EQ(told, 1);
  }
}

TEST(RWLockEnds, AForkFreesWhatVanishedThreadsHad) {
  for (const Take how : {kRead, kWrite, kUpgradable}) {
    RWLock lock;
    std::atomic<bool> taken = false, end = false;
    std::thread other([&] {
      ASSERT_EQ(take(lock, how), Outcome::taken);
      taken = true;
      while (!end) std::this_thread::yield();
    });
    while (!taken) std::this_thread::yield();
    for (const Take next : {kRead, kWrite, kUpgradable})
      EXPECT_TRUE(holds_in_child([&] { return take(lock, next) == Outcome::taken; }));
    end = true;
    other.join();
  }
}

TEST(RWLockEnds, AForkLeavesWhatItsThreadHas) {
  for (const Take how : {kRead, kWrite, kUpgradable}) {
    RWLock lock;
    ASSERT_EQ(take(lock, how), Outcome::taken);
    EXPECT_TRUE(holds_in_child([&] {
      return take_in_thread(lock, kWrite, Deadline::passed()) == Outcome::timed_out &&
             (how == kRead         ? lock.unlock_read()
              : how == kUpgradable ? lock.unlock_upgradable()
                                   : lock.unlock_write()) &&
             take_in_thread(lock, kWrite, Deadline::passed()) == Outcome::taken;
    }));
  }
}

// Waits that give up when they are told of a deadlock.
class Wary final : public Waiting {
 public:
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return false; }
  std::int64_t patience() override { return INT64_MAX; }
  bool deadlocked(raddle::Deadlock&) override { return true; }
};

// A reader of the one lock and a writer of it, who wants what the other has.
TEST(RWLockEnds, ACycleThroughAReaderIsFound) {
  RWLock lock;
  Mutex mutex("test");
  std::atomic<int> inside = 0, told = 0;
  const auto both_inside = [&] {
    ++inside;
    while (inside < 2) std::this_thread::yield();
  };
  std::thread reader([&] {
    Wary waiting;
    ASSERT_EQ(lock.read(Deadline::never(), waiting), Outcome::taken);
    both_inside();
    if (mutex.lock(LockStyle::owned, Deadline::never(), waiting) == LockOutcome::interrupted)
      ++told;
    else
      mutex.unlock();
    lock.unlock_read();
  });
  Wary waiting;
  ASSERT_EQ(mutex.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::taken);
  both_inside();
  if (lock.write(Deadline::never(), waiting) == Outcome::interrupted)
    ++told;
  else
    lock.unlock_write();
  mutex.unlock();
  reader.join();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(take(lock, kWrite), Outcome::taken);
}

// A reader that waits behind a writer, which waits for another reader, which waits for the first one.
TEST(RWLockEnds, ACycleThroughAWaitingWriterIsFound) {
  RWLock lock;
  Mutex mutex("test");
  std::atomic<bool> reading = false;
  std::atomic<int> told = 0;
  std::thread first([&] {
    Wary waiting;
    ASSERT_EQ(lock.read(Deadline::never(), waiting), Outcome::taken);
    reading = true;
    until_waiting(lock, 2);
    if (mutex.lock(LockStyle::owned, Deadline::never(), waiting) == LockOutcome::interrupted)
      ++told;
    else
      mutex.unlock();
    lock.unlock_read();
  });
  while (!reading) std::this_thread::yield();
  std::thread writer([&] {
    Wary waiting;
    if (lock.write(Deadline::never(), waiting) == Outcome::interrupted)
      ++told;
    else
      lock.unlock_write();
  });
  until_waiting(lock, 1);
  Wary waiting;
  ASSERT_EQ(mutex.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::taken);
  if (lock.read(Deadline::never(), waiting) == Outcome::interrupted)
    ++told;
  else
    lock.unlock_read();
  mutex.unlock();
  first.join();
  writer.join();
  EXPECT_EQ(told, 1);
}

}  // namespace
