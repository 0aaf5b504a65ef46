#include "raddle/diag/observers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "raddle/sync/mutex.hpp"
#include "support/locks.hpp"

namespace {

using raddle::Deadline;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::Observed;
using raddle::Observers;
using raddle::test::lock;
using raddle::test::LookingWaiting;
using raddle::test::wait_until;

// What the calling thread was told of one primitive, and of its waits.
thread_local std::string told;
thread_local const void* primitive = nullptr;
void note(char what, Observed observed) {
  if (what == '<' || what == '>' || observed.primitive == primitive) told += what;
}
constexpr Observers table = {[](Observed o) noexcept { note('c', o); }, [](Observed o) noexcept { note('a', o); },
                             [](Observed o) noexcept { note('r', o); }, [](Observed o) noexcept { note('<', o); },
                             [](Observed o) noexcept { note('>', o); }};

class ObserversTest : public testing::Test {
 protected:
  void SetUp() override {
    raddle::observe(&table);
    watch();
  }
  void TearDown() override { raddle::observe(nullptr); }
  void watch() {
    told.clear();
    primitive = &mutex;
  }
  Mutex mutex{"test"};
};

TEST_F(ObserversTest, LearnOfWhatIsFree) {
  lock(mutex);
  mutex.unlock();
  EXPECT_FALSE(mutex.unlock());
  EXPECT_EQ(told, "ar");
  raddle::observe(nullptr);
  lock(mutex);
  mutex.unlock();
  EXPECT_EQ(told, "ar");
}

TEST_F(ObserversTest, LearnOfTriesThatFailNothing) {
  lock(mutex);
  std::thread([&] {
    watch();
    EXPECT_FALSE(mutex.try_lock_fast(LockStyle::owned));
    EXPECT_EQ(lock(mutex, Deadline::passed()), LockOutcome::timed_out);
    EXPECT_EQ(told, "");
  }).join();
  mutex.unlock();
}

TEST_F(ObserversTest, LearnOfWaitsInTheirOrder) {
  lock(mutex);
  std::thread waiter([&] {
    watch();
    EXPECT_EQ(lock(mutex), LockOutcome::taken);
    mutex.unlock();
    EXPECT_EQ(told, "c<>ar");
  });
  wait_until([&] { return mutex.approx_waiting() == 1; });
  raddle::test::let_pass(2 * RADDLE_FAIR_AFTER);
  mutex.unlock();
  waiter.join();
  EXPECT_EQ(told, "ar");
}

TEST_F(ObserversTest, LearnOfTimeOutsAndInterrupts) {
  lock(mutex);
  std::thread([&] {
    watch();
    EXPECT_EQ(lock(mutex, Deadline::in(20 * raddle::test::kMillisecond)), LockOutcome::timed_out);
    EXPECT_EQ(told, "c<>");
    told.clear();
    LookingWaiting waiting([&] { return waiting.looks == 2; });
    EXPECT_EQ(mutex.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::interrupted);
    EXPECT_EQ(told, "c<><>");
  }).join();
  mutex.unlock();
}

}  // namespace
