// Every interleaving of threads around the shipped Condition, on the shipped lot, with bucket and list locks that
// are one operation each: of two with the shipped Mutex, in whose queue the notified wait, and of three with a
// lock of another kind, which is one operation too; and with a re-entrant mutex that carries out notifications
// when it is given back. Two programs are made of this, as of mutex_model_test.cpp.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "model/quarantine.hpp"
#include "raddle/sync/condition.hpp"
#include "raddle/sync/raw_mutex.hpp"
#include "raddle/sync/reentrant_mutex.hpp"

namespace {

using raddle::Condition;
using raddle::Deadline;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::PlainWaiting;
using raddle::RawMutex;
using raddle::ReentrantMutex;
using raddle::Waiting;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::Impatient;
using raddle::model::Program;
using raddle::model::quarantine_nothrow;
using raddle::model::quarantine_rests;

static_assert(raddle::RawMutex::is_one_operation && raddle::IndexLock::is_one_operation);
static_assert(raddle::Postponed::threads_are_fibers);

// The caller's lock: the shipped Mutex, or one that a condition does not know.
struct Shipped {
  Mutex mutex{"model"};
  Mutex* known() { return &mutex; }
  void lock() {
    PlainWaiting plain;
    mutex.lock(LockStyle::owned, Deadline::never(), plain);
  }
  void lock_came() {}
  bool unlock() { return mutex.unlock(); }
  bool is_mine() const { return mutex.is_mine(); }
  static void notify(Condition& condition, std::size_t n) { condition.notify(n); }
};
struct Reentrant {
  ReentrantMutex mutex{"model"};
  Mutex* known() { return &mutex.mutex(); }
  void lock() {
    PlainWaiting plain;
    mutex.lock(Deadline::never(), plain);
  }
  void lock_came() { mutex.set_depth(1); }
  bool unlock() { return mutex.unlock(); }
  bool is_mine() const { return mutex.is_mine(); }
  static void notify(Condition& condition, std::size_t n) { condition.notify_at_unlock(n); }
};
// Puts its notification off, and never does it.
struct Forgetful : Reentrant {
  bool unlock() { return mutex.mutex().unlock(); }
};
struct Other {
  RawMutex mutex;
  Mutex* known() { return nullptr; }
  void lock() { mutex.lock(); }
  void lock_came() {}
  bool unlock() { return mutex.unlock(), true; }
  bool is_mine() const { return true; }  // the explorer knows
  static void notify(Condition& condition, std::size_t n) { condition.notify(n); }
};
// The same, with notifications that are carried out at its unlock.
struct OtherAtUnlock : Other {
  bool unlock() {
    raddle::Postponed::carry_out();
    return Other::unlock();
  }
  static void notify(Condition& condition, std::size_t n) { condition.notify_at_unlock(n); }
};

// Tokens under a lock, and a condition for those that want one.
template <class Lock>
struct Box {
  Lock lock;
  Condition condition;
  int tokens = 0;  // guarded by the lock
  raddle::atomic<int> told{0};
  raddle::atomic<int> waits_notified{0};
  bool good = true;

  void unlock() { good = lock.unlock() && good; }

  // Of waits of which one at most may be notified.
  void count(Condition::Outcome outcome) {
    if (outcome != Condition::Outcome::timed_out)
      good = waits_notified.fetch_add(1, raddle::order::seq_cst) == 0 && good;
  }
  void notify(std::size_t n = 1) { Lock::notify(condition, n); }
  void put(int n = 1, std::size_t notified = 1) {
    lock.lock();
    tokens += n;
    notify(notified);
    unlock();
  }
  // A wait of one condition, once. What a notified one finds it may not find alone: others may have been faster.
  Condition::Outcome wait(Deadline deadline, Waiting& waiting, bool gives_the_lock_first) {
    if (gives_the_lock_first) unlock();
    Condition::Waiter* waiter = condition.enlist(lock.known(), LockStyle::owned);
    if (!gives_the_lock_first) unlock();
    const Condition::Outcome outcome = condition.sleep(waiter, deadline, waiting);
    if (outcome != Condition::Outcome::notified_with_lock)
      lock.lock();
    else
      lock.lock_came();
    good = good && lock.is_mine();
    return outcome;
  }
  bool take(Deadline deadline, Waiting&& waiting, bool gives_the_lock_first = false) {
    bool taken = true;
    lock.lock();
    while (tokens == 0 && taken) {
      const Condition::Outcome outcome = wait(deadline, waiting, gives_the_lock_first);
      taken = outcome == Condition::Outcome::notified || outcome == Condition::Outcome::notified_with_lock;
    }
    if (taken) --tokens;
    unlock();
    return taken;
  }
};

constexpr auto take = [](auto& box) { box.take(Deadline::never(), PlainWaiting()); };
constexpr auto put = [](auto& box) { box.put(); };
constexpr auto put_two = [](auto& box) { box.put(2, 2); };
constexpr auto put_two_for_all = [](auto& box) { box.put(2, Condition::kAll); };
constexpr auto take_and_give_the_lock_first = [](auto& box) { box.take(Deadline::never(), PlainWaiting(), true); };
// These keep nothing, and pass nothing on but by notifying: a notification that one of them was given and did not
// take must reach another.
constexpr auto borrow_until_timeout = [](auto& box) {
  if (box.take(Deadline::at(1), PlainWaiting())) box.put();
};
constexpr auto borrow_until_interrupt = [](auto& box) {
  if (box.take(Deadline::never(), Impatient(0))) box.put();
};
// Waits once. Who was notified finds a token: here nobody else takes one.
constexpr auto look = [](auto& box, Deadline deadline, Waiting&& waiting) {
  box.lock.lock();
  if (box.tokens == 0) {
    const Condition::Outcome outcome = box.wait(deadline, waiting, false);
    const bool notified =
        outcome == Condition::Outcome::notified || outcome == Condition::Outcome::notified_with_lock;
    box.good = box.good && notified <= (box.tokens == 1);
  }
  box.unlock();
};
// Notifies one, then waits; nobody notifies it.
constexpr auto notify_and_wait = [](auto& box) {
  box.lock.lock();
  box.notify();
  PlainWaiting plain;
  const Condition::Outcome outcome = box.wait(Deadline::at(1), plain, false);
  box.good = box.good && outcome == Condition::Outcome::timed_out;
  box.unlock();
};
constexpr auto wait_until_timeout = [](auto& box) {
  box.lock.lock();
  PlainWaiting plain;
  box.wait(Deadline::at(1), plain, false);
  box.unlock();
};
// Knows whether it was notified before it fell asleep.
class Attentive final : public Waiting {
 public:
  explicit Attentive(const raddle::atomic<int>& notified) : notified_(notified) {}

  void before_sleep() override { comes_late_ = notified_.load(raddle::order::seq_cst) != 0; }
  void after_sleep() override {}
  bool interrupted() override { return false; }
  std::int64_t patience() override { return INT64_MAX; }
  bool comes_late() const { return comes_late_; }

 private:
  const raddle::atomic<int>& notified_;
  bool comes_late_ = false;
};
constexpr auto wait_attentively = [](auto& box) {
  box.lock.lock();
  Attentive attentive(box.told);
  if (box.told.load(raddle::order::seq_cst) == 0) {
    const Condition::Outcome outcome = box.wait(Deadline::at(1), attentive, false);
    // Who goes to sleep, in the list, when it has been notified already does not time out.
    box.good = box.good && (outcome != Condition::Outcome::timed_out || !attentive.comes_late());
  }
  box.unlock();
};
constexpr auto notify_and_tell = [](auto& box) {
  box.lock.lock();
  box.notify();
  box.told.store(1, raddle::order::seq_cst);
  box.unlock();
};
// Begins two waits. The first one, which is notified before the second, does not take place.
constexpr auto withdraw_one_and_wait = [](auto& box) {
  box.lock.lock();
  Condition::Waiter* withdrawn = box.condition.enlist(box.lock.known(), LockStyle::owned);
  Condition::Waiter* waiter = box.condition.enlist(box.lock.known(), LockStyle::owned);
  box.unlock();
  box.condition.withdraw(withdrawn);
  PlainWaiting plain;
  box.count(box.condition.sleep(waiter, Deadline::at(1), plain));
};
constexpr auto wait_and_count = [](auto& box) {
  box.lock.lock();
  PlainWaiting plain;
  box.count(box.wait(Deadline::at(1), plain, false));
  box.unlock();
};
constexpr auto notify_one = [](auto& box) {
  box.lock.lock();
  box.notify();
  box.unlock();
};
constexpr auto look_until_timeout = [](auto& box) { look(box, Deadline::at(1), PlainWaiting()); };
constexpr auto look_until_interrupt = [](auto& box) { look(box, Deadline::never(), Impatient(0)); };

template <class Lock, class... Threads>
std::function<Program()> around(int left, Threads... threads) {
  return [=] {
    quarantine_nothrow();  // waiters: where one was, no other one is, or programs would not be the same each time
    auto box = std::make_shared<Box<Lock>>();
    return Program{{[box, threads] { threads(*box); }...},
                   [box, left] { return quarantine_rests() && box->good && box->tokens == left; }};
  };
}

TEST(ConditionModel, WithAMutex) {
  expect_to_hold(explore(around<Shipped>(0, take, put)), 1'000);
  expect_to_hold(explore(around<Shipped>(1, look_until_timeout, put)), 1'000);
  expect_to_hold(explore(around<Shipped>(1, look_until_interrupt, put)), 1'000);
}
TEST(ConditionModel, WithNotificationsThatAreCarriedOutAtUnlock) {
  expect_to_hold(explore(around<Reentrant>(0, take, put)), 1'000);
  expect_to_hold(explore(around<Reentrant>(1, look_until_timeout, put)), 1'000);
  expect_to_hold(explore(around<Reentrant>(1, look_until_interrupt, put)), 1'000);
}
TEST(ConditionModel, WhoNotifiesAndThenWaitsIsNotNotified) {
  expect_to_hold(explore(around<Other>(0, notify_and_wait, wait_until_timeout)), 20);
  expect_to_hold(explore(around<OtherAtUnlock>(0, notify_and_wait, wait_until_timeout)), 20);
}
// From the moment when it is counted.
TEST(ConditionModel, WhoIsNotifiedFirstDoesNotTimeOutLater) {
  expect_to_hold(explore(around<Shipped>(0, wait_attentively, notify_and_tell)), 1'000);
  expect_to_hold(explore(around<Reentrant>(0, wait_attentively, notify_and_tell)), 1'000);
  expect_to_hold(explore(around<OtherAtUnlock>(0, wait_attentively, notify_and_tell)), 20);
}
TEST(ConditionModel, ANotificationThatIsNotCarriedOutIsFound) {
  expect_to_strand(around<Forgetful>(0, take, put));
}
TEST(ConditionModel, TwoTakeOnePutsTwo) {
  expect_to_hold(explore(around<Other>(0, take, take, put_two)), 20);
  expect_to_hold(explore(around<Other>(0, take, take, put_two_for_all)), 20);
  expect_to_hold(explore(around<OtherAtUnlock>(0, take, take, put_two)), 20);
  expect_to_hold(explore(around<OtherAtUnlock>(0, take, take, put_two_for_all)), 20);
}
TEST(ConditionModel, ATimeOutLosesNoNotification) {
  expect_to_hold(explore(around<Other>(0, borrow_until_timeout, take, put)), 50);
  expect_to_hold(explore(around<OtherAtUnlock>(0, borrow_until_timeout, take, put)), 50);
}
TEST(ConditionModel, AnInterruptPassesTheNotificationOn) {
  expect_to_hold(explore(around<Other>(0, borrow_until_interrupt, take, put)), 50);
  expect_to_hold(explore(around<OtherAtUnlock>(0, borrow_until_interrupt, take, put)), 50);
}
// Whether the one that declines it was only counted, or is notified already, or is being told.
TEST(ConditionModel, APassedOnNotificationIsOne) {
  expect_to_hold(explore(around<Other>(0, withdraw_one_and_wait, wait_and_count, notify_one)), 50);
  expect_to_hold(explore(around<OtherAtUnlock>(0, withdraw_one_and_wait, wait_and_count, notify_one)), 50);
}

TEST(ConditionModel, EnteringTheListWithoutTheLockIsFound) {
  expect_to_strand(around<Other>(0, take_and_give_the_lock_first, put));
}

}  // namespace
