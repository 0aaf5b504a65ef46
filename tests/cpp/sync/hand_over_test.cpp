// Nothing is handed over to a thread that its embedder will not let come back: what it waited for is free, or goes
// to others.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "raddle/sync/condition.hpp"
#include "raddle/sync/keyed_mutex.hpp"
#include "raddle/sync/mutex.hpp"
#include "raddle/sync/rw_lock.hpp"
#include "raddle/sync/semaphore.hpp"
#include "support/locks.hpp"

namespace {

using raddle::Condition;
using raddle::Deadline;
using raddle::kNoThread;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Match;
using raddle::Mutex;
using raddle::PlainWaiting;
using raddle::RWLock;
using raddle::Semaphore;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::Waiting;
using raddle::test::let_pass;
using raddle::test::lock;
using raddle::test::wait_until;
using raddle::test::wait_until_parked;

// A thread that waits and, once it has been woken, does not come back before the test ends: as if an interpreter
// ended it.
class Ending {
 public:
  // Returns when the thread has waited for so long that it would get handed over what it waits for.
  template <class Wait>
  explicit Ending(Wait wait)
      : thread_([this, wait] {
          Stopped waiting(*this);
          id_ = this_thread_id();
          wait(waiting);
        }) {
    wait_until_parked(id_);
    let_pass(2 * RADDLE_FAIR_AFTER);
  }
  ~Ending() {
    ends_ = true;
    thread_.join();
  }
  bool was_woken() const { return woken_; }

 private:
  struct Stopped final : Waiting {
    explicit Stopped(Ending& of) : ending(of) {}
    void before_sleep() override {}
    void after_sleep() override {
      ending.woken_ = true;
      wait_until([this] { return ending.ends_.load(); });
    }
    bool interrupted() override { return false; }
    std::int64_t patience() override { return INT64_MAX; }
    bool will_come_back() override { return false; }
    Ending& ending;
  };

  std::atomic<ThreadId> id_ = kNoThread;
  std::atomic<bool> woken_ = false, ends_ = false;
  std::thread thread_;
};

void take_and_give_back(Mutex& mutex, Waiting& waiting) {
  EXPECT_EQ(mutex.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::taken);
  mutex.unlock();
}

TEST(HandOver, AMutexIsFreeInstead) {
  Mutex mutex("test");
  lock(mutex);
  const Ending ending([&](Waiting& waiting) { take_and_give_back(mutex, waiting); });
  mutex.unlock();
  ASSERT_EQ(lock(mutex, Deadline::passed()), LockOutcome::taken);
  mutex.unlock();
}

TEST(HandOver, AMutexGoesToTheNextInLine) {
  Mutex mutex("test");
  lock(mutex);
  const Ending ending([&](Waiting& waiting) { take_and_give_back(mutex, waiting); });
  std::atomic<ThreadId> id = kNoThread;
  std::atomic<bool> looked = false;
  std::thread next([&] {
    id = this_thread_id();
    EXPECT_EQ(lock(mutex), LockOutcome::taken);
    wait_until([&] { return looked.load(); });
    mutex.unlock();
  });
  wait_until_parked(id);
  let_pass(2 * RADDLE_FAIR_AFTER);
  mutex.unlock();  // to nobody
  ASSERT_EQ(lock(mutex, Deadline::passed()), LockOutcome::taken);
  mutex.unlock();
  EXPECT_EQ(lock(mutex, Deadline::passed()), LockOutcome::timed_out);
  looked = true;
  next.join();
}

// It was moved to the lock's queue by a notification.
TEST(HandOver, AMutexIsFreeForOthersThanWhoWaitedForACondition) {
  Mutex mutex("test");
  Condition condition;
  const Ending ending([&](Waiting& waiting) {
    lock(mutex);
    Condition::Waiter* waiter = condition.enlist(&mutex, LockStyle::owned);
    ASSERT_NE(waiter, nullptr);
    mutex.unlock();
    EXPECT_EQ(condition.sleep(waiter, Deadline::never(), waiting), Condition::Outcome::notified);
  });
  lock(mutex);
  EXPECT_EQ(condition.notify(), 1U);
  EXPECT_EQ(mutex.approx_waiting(), 1U);
  let_pass(2 * RADDLE_FAIR_AFTER);
  mutex.unlock();
  ASSERT_EQ(lock(mutex, Deadline::passed()), LockOutcome::taken);
  mutex.unlock();
}

TEST(HandOver, PermitsStayInstead) {
  for (const std::uint64_t permits : {1U, 2U, 3U}) {
    Semaphore semaphore("test", 0);
    const auto wait = [&](Waiting& waiting) {
      EXPECT_EQ(semaphore.acquire(Deadline::never(), waiting), Semaphore::Outcome::taken);
    };
    const Ending first(wait), second(wait);
    EXPECT_TRUE(semaphore.release(permits));
    EXPECT_EQ(semaphore.permits(), permits);
    EXPECT_TRUE(semaphore.try_acquire());
    EXPECT_TRUE(semaphore.release(3));  // both have one to take when they go on
  }
}

TEST(HandOver, NobodyIsMadeAReader) {
  RWLock data;
  PlainWaiting waiting;
  ASSERT_EQ(data.write(Deadline::never(), waiting), RWLock::Outcome::taken);
  const Ending ending([&](Waiting& stopped) {
    EXPECT_EQ(data.read(Deadline::never(), stopped), RWLock::Outcome::taken);
    EXPECT_TRUE(data.unlock_read());
  });
  EXPECT_TRUE(data.unlock_write());
  wait_until([&] { return ending.was_woken(); });
  EXPECT_EQ(data.approx_readers(), 0U);
  ASSERT_EQ(data.write(Deadline::passed(), waiting), RWLock::Outcome::taken);
  EXPECT_TRUE(data.unlock_write());
}

TEST(HandOver, AKeyIsFreeInstead) {
  struct Numbers {
    using Key = std::uint64_t;
    static void retain(Key) noexcept {}
    static void release(Key) {}
  };
  using Mutexes = raddle::KeyedMutex<Numbers>;
  Mutexes keys("test");
  constexpr std::uint64_t kKey = 5, kHash = 7;
  const auto same = [](std::uint64_t) { return Match::yes; };
  const auto take = [&](Deadline deadline, Waiting& waiting) {
    Mutexes::Visit visit(keys, kKey, kHash);
    auto probe = same;
    return visit.claim(probe) == Mutexes::Claim::taken ? LockOutcome::taken : visit.wait(deadline, waiting);
  };
  const auto give_back = [&] {
    auto probe = same;
    EXPECT_EQ(keys.release(kHash, probe), Mutexes::Release::done);
  };
  PlainWaiting waiting;
  ASSERT_EQ(take(Deadline::never(), waiting), LockOutcome::taken);
  const Ending ending([&](Waiting& stopped) {
    EXPECT_EQ(take(Deadline::never(), stopped), LockOutcome::taken);
    give_back();
  });
  give_back();
  ASSERT_EQ(take(Deadline::passed(), waiting), LockOutcome::taken);
  give_back();
}

}  // namespace
