// Every interleaving of two or three threads on the shipped Mutex and ReentrantMutex, on the shipped lot and a
// bucket lock that is one operation; and planted faults that the same programs must find. Two programs are made of
// this: in one who comes may overtake who waits (no time passes for the explorer), in the other every unlock hands
// over.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <type_traits>

#include "model/expectations.hpp"
#include "model/flawed_mutex.hpp"
#include "model/impatient.hpp"
#include "raddle/sync/mutex.hpp"
#include "raddle/sync/raw_mutex.hpp"
#include "raddle/sync/reentrant_mutex.hpp"

namespace {

using raddle::Deadline;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::ReentrantMutex;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::Waiting;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::Fault;
using raddle::model::FlawedMutex;
using raddle::model::Impatient;
using raddle::model::Program;
namespace order = raddle::order;

static_assert(raddle::RawMutex::is_one_operation && raddle::threads_are_fibers);

constexpr bool kHandsOver = RADDLE_FAIR_AFTER == 0;
constexpr long least(long if_barging, long if_handing_over) { return kHandsOver ? if_handing_over : if_barging; }

// A lock, what it guards, and one thread that may wait for a notification.
template <class Lock>
struct Shared {
  explicit Shared(Fault fault) : lock(make(fault)), edge(lock) {}

  // Takes the lock, and what it has taken it gives back. Without doing anything in between: what must go wrong
  // when a wake-up is lost does so without it, and every operation multiplies the orders.
  void pass(Deadline deadline, Waiting&& waiting, bool stays_a_while = false) {
    switch (lock.lock(LockStyle::owned, deadline, waiting)) {
      case LockOutcome::taken:
        if (stays_a_while) be_inside();
        good = lock.unlock() && good;
        break;
      case LockOutcome::timed_out:
        good = good && deadline.has_passed();
        break;
      case LockOutcome::interrupted:
        break;
      case LockOutcome::owner_died:
        good = false;
    }
  }
  // Two threads at once are seen, as they conflict in what they do there.
  void be_inside() {
    good = ++inside == 1 && good;
    value.fetch_add(1, order::seq_cst);
    --inside;
  }

  // Waits for notify() as on a condition, and takes the lock in any case.
  void wait(Deadline deadline, Waiting&& waiting) {
    PlainWaiting plain;
    waiter = this_thread_id();
    const auto must_wait = [this] { return !notified.load(order::seq_cst); };
    const ParkingLot::Outcome outcome = ParkingLot::park(&notified, "condition", must_wait, deadline, waiting);
    if (outcome != ParkingLot::Outcome::handed_over) lock.lock(LockStyle::owned, Deadline::never(), plain);
    if (outcome == ParkingLot::Outcome::not_parked || outcome == ParkingLot::Outcome::woken)
      good = good && notified.now();
    good = lock.is_mine() && good;
    good = lock.unlock() && good;
  }
  void notify() {
    notified.store(true, order::seq_cst);
    lock.requeue_here(&notified, waiter, LockStyle::owned, edge);
  }

  static Lock make(Fault fault) {
    if constexpr (std::is_same_v<Lock, FlawedMutex>)
      return Lock(fault);
    else
      return Lock("model");
  }

  Lock lock;
  typename Lock::Edge edge;
  raddle::atomic<int> value{0};
  raddle::atomic<bool> notified{false};
  ThreadId waiter = 1;
  int inside = 0;  // plain: no more than one, if the lock excludes
  bool good = true;
};

constexpr auto go_inside = [](auto& shared) { shared.pass(Deadline::never(), PlainWaiting(), true); };
constexpr auto go_inside_twice = [](auto& shared) { go_inside(shared), go_inside(shared); };
constexpr auto pass = [](auto& shared) { shared.pass(Deadline::never(), PlainWaiting()); };
constexpr auto try_to_pass = [](auto& shared) { shared.pass(Deadline::passed(), PlainWaiting()); };
constexpr auto pass_until_timeout = [](auto& shared) { shared.pass(Deadline::at(1), PlainWaiting()); };
constexpr auto pass_until_interrupt = [](auto& shared) { shared.pass(Deadline::never(), Impatient(0)); };
constexpr auto pass_until_second_look = [](auto& shared) { shared.pass(Deadline::never(), Impatient(1)); };
constexpr auto pass_until_either = [](auto& shared) { shared.pass(Deadline::at(1), Impatient(0)); };
constexpr auto go_inside_without_the_lock = [](auto& shared) {
  ++shared.inside;
  shared.value.fetch_add(1, order::seq_cst);
  --shared.inside;
};
constexpr auto wait_for_notification = [](auto& shared) { shared.wait(Deadline::never(), PlainWaiting()); };
constexpr auto wait_until_timeout = [](auto& shared) { shared.wait(Deadline::at(1), PlainWaiting()); };
constexpr auto wait_until_interrupt = [](auto& shared) { shared.wait(Deadline::never(), Impatient(0)); };
constexpr auto wait_until_second_look = [](auto& shared) { shared.wait(Deadline::never(), Impatient(1)); };
constexpr auto notify_inside = [](auto& shared) {
  PlainWaiting waiting;
  shared.lock.lock(LockStyle::owned, Deadline::never(), waiting);
  shared.notify();
  shared.good = shared.lock.unlock() && shared.good;
};
constexpr auto notify_outside = [](auto& shared) { shared.notify(); };
// Gives back what the program's maker has taken.
constexpr auto give = [](auto& shared) { shared.good = shared.lock.unlock() && shared.good; };
constexpr auto notify_and_give = [](auto& shared) { shared.notify(), give(shared); };

enum class AtFirst : std::uint8_t { free, taken };
template <class Lock, class... Threads>
std::function<Program()> around_a(Fault fault, AtFirst at_first, Threads... threads) {
  return [=] {
    auto shared = std::make_shared<Shared<Lock>>(fault);
    PlainWaiting waiting;
    if (at_first == AtFirst::taken) shared->lock.lock(LockStyle::signal, Deadline::passed(), waiting);
    return Program{{[shared, threads] { threads(*shared); }...},
                   [shared] { return shared->good && !shared->lock.is_locked(); }};
  };
}
template <class... Threads>
std::function<Program()> around(Threads... threads) {
  return around_a<Mutex>(Fault::none, AtFirst::free, threads...);
}
// It costs fewer orders than a thread that takes it.
template <class... Threads>
std::function<Program()> around_a_taken_one(Threads... threads) {
  return around_a<Mutex>(Fault::none, AtFirst::taken, threads...);
}
template <class... Threads>
std::function<Program()> flawed(Fault fault, Threads... threads) {
  return around_a<FlawedMutex>(fault, AtFirst::free, threads...);
}
template <class... Threads>
std::function<Program()> flawed_taken_one(Fault fault, Threads... threads) {
  return around_a<FlawedMutex>(fault, AtFirst::taken, threads...);
}

TEST(MutexModel, ExcludesAndEnds) {
  expect_to_hold(explore(around(go_inside, go_inside, go_inside)), least(400'000, 130'000));
}
TEST(MutexModel, ExcludesTwoThatComeAgain) {
  expect_to_hold(explore(around(go_inside_twice, go_inside_twice)), least(40'000, 30'000));
}
TEST(MutexModel, ATryChangesNothingForOthers) {
  expect_to_hold(explore(around_a_taken_one(try_to_pass, pass, give)), least(6'000, 3'000));
}
TEST(MutexModel, ATimeOutTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around_a_taken_one(pass_until_timeout, pass, give)), least(200'000, 70'000));
}
TEST(MutexModel, AnInterruptTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around_a_taken_one(pass_until_interrupt, pass, give)), least(200'000, 70'000));
}
TEST(MutexModel, ALookForSignalsLosesNoWakeUp) {
  expect_to_hold(explore(around_a_taken_one(pass_until_second_look, give)), 60);
}
TEST(MutexModel, ATimeOutAndAnInterruptOfOneTakeNoWakeUpWithThem) {
  expect_to_hold(explore(around_a_taken_one(pass_until_either, pass, give)), least(200'000, 70'000));
}
TEST(MutexModel, AThreadThatDoesNotLockIsFound) {
  expect_to_fail(around(go_inside, go_inside_without_the_lock), "the check at the end failed");
}

// Taken by the program's maker, which never gives it back: the threads do. As often as it was taken and given
// back, it is taken at the end.
std::function<Program()> around_a_signal(int takers, int givers) {
  return [=] {
    struct Signal {
      Mutex mutex{"model"};
      int taken = 1, given = 0, refused = 0;
      void take() {
        PlainWaiting waiting;
        if (mutex.lock(LockStyle::signal, Deadline::never(), waiting) == LockOutcome::taken) ++taken;
      }
      void give() { ++(mutex.unlock() ? given : refused); }
    };
    auto signal = std::make_shared<Signal>();
    signal->mutex.try_lock_fast(LockStyle::signal);
    Program program{{}, [=] {
                      const int left = signal->taken - signal->given;
                      return signal->taken == takers + 1 && signal->given + signal->refused == givers &&
                             left == (signal->mutex.is_locked() ? 1 : 0) &&
                             signal->mutex.owner() == raddle::kNoThread;
                    }};
    for (int i = 0; i < takers; ++i) program.threads.emplace_back([signal] { signal->take(); });
    for (int i = 0; i < givers; ++i) program.threads.emplace_back([signal] { signal->give(); });
    return program;
  };
}

TEST(MutexModelSignal, AnybodyReleases) { expect_to_hold(explore(around_a_signal(1, 1)), 20); }
TEST(MutexModelSignal, OneOfTwoReleasesIsRefusedUnlessItWasTakenBetween) {
  expect_to_hold(explore(around_a_signal(1, 2)), 500);
}
// With as many releases as there are takers some order strands a taker: a release comes too early, and is refused.
TEST(MutexModelSignal, ARefusedReleaseIsNoSignal) { expect_to_strand(around_a_signal(2, 2)); }

TEST(MutexModelMoved, AWaiterIsMovedOntoTheLock) {
  expect_to_hold(explore(around(wait_for_notification, notify_inside)), 50);
  expect_to_hold(explore(around_a_taken_one(wait_for_notification, notify_outside, give)), 50);
}
TEST(MutexModelMoved, BesideAThirdThatLocks) {
  expect_to_hold(explore(around(wait_for_notification, notify_outside, pass)), 500);
}
TEST(MutexModelMoved, BesideAThirdThatTries) {
  expect_to_hold(explore(around_a_taken_one(wait_for_notification, notify_and_give, try_to_pass)), 5'000);
}
TEST(MutexModelMoved, ATimeOutOfTheMovedTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around(wait_until_timeout, notify_inside)), 200);
  expect_to_hold(explore(around_a_taken_one(wait_until_timeout, notify_outside, give)), 200);
}
TEST(MutexModelMoved, AnInterruptOfTheMovedTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around(wait_until_interrupt, notify_inside)), 200);
  expect_to_hold(explore(around_a_taken_one(wait_until_interrupt, notify_outside, give)), 200);
}
TEST(MutexModelMoved, ALookForSignalsOfTheMovedLosesNoWakeUp) {
  expect_to_hold(explore(around(wait_until_second_look, notify_inside)), 400);
  expect_to_hold(explore(around_a_taken_one(wait_until_second_look, notify_outside, give)), 400);
}

// --- ReentrantMutex ---

struct SharedReentrant {
  ReentrantMutex lock{"model"};
  raddle::atomic<int> value{0};
  int inside = 0;
  bool good = true;

  void go_inside(int times, Deadline deadline, Waiting&& waiting) {
    const LockOutcome outcome = lock.lock(deadline, waiting);
    if (outcome != LockOutcome::taken) return;
    for (int i = 1; i < times; ++i)  // with a deadline that has passed: it does not wait for itself
      good = lock.lock(Deadline::passed(), waiting) == LockOutcome::taken && good;
    good = lock.depth() == static_cast<std::uint64_t>(times) && ++inside == 1 && good;
    value.fetch_add(1, order::seq_cst);
    --inside;
    for (int i = 0; i < times; ++i) good = lock.unlock() && good;
    good = !lock.unlock() && !lock.is_mine() && good;
  }
  void give_up_and_come_back() {
    PlainWaiting waiting;
    lock.lock(Deadline::never(), waiting);
    lock.lock(Deadline::never(), waiting);
    const std::uint64_t depth = lock.unlock_all();
    good = depth == 2 && !lock.is_mine() && good;
    lock.lock(Deadline::never(), waiting);
    lock.set_depth(depth);
    good = lock.unlock() && lock.is_mine() && lock.unlock() && !lock.is_mine() && good;
  }
};

constexpr auto once = [](SharedReentrant& shared) { shared.go_inside(1, Deadline::never(), PlainWaiting()); };
constexpr auto twice = [](SharedReentrant& shared) { shared.go_inside(2, Deadline::never(), PlainWaiting()); };
constexpr auto twice_until_timeout = [](SharedReentrant& shared) {
  shared.go_inside(2, Deadline::at(1), PlainWaiting());
};
constexpr auto twice_until_interrupt = [](SharedReentrant& shared) {
  shared.go_inside(2, Deadline::never(), Impatient(0));
};
constexpr auto give_up_and_come_back = [](SharedReentrant& shared) { shared.give_up_and_come_back(); };
constexpr auto without_the_lock = [](SharedReentrant& shared) {
  ++shared.inside;
  shared.value.fetch_add(1, order::seq_cst);
  --shared.inside;
};

template <class... Threads>
std::function<Program()> around_reentrant(Threads... threads) {
  return [=] {
    auto shared = std::make_shared<SharedReentrant>();
    return Program{{[shared, threads] { threads(*shared); }...},
                   [shared] { return shared->good && !shared->lock.mutex().is_locked(); }};
  };
}

TEST(ReentrantMutexModel, ExcludesAndEnds) { expect_to_hold(explore(around_reentrant(twice, once)), 3'000); }
TEST(ReentrantMutexModel, ATimeOutTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around_reentrant(twice_until_timeout, twice)), 10'000);
}
TEST(ReentrantMutexModel, AnInterruptTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around_reentrant(twice_until_interrupt, twice)), 10'000);
}
TEST(ReentrantMutexModel, IsGivenBackAsAWhole) {
  expect_to_hold(explore(around_reentrant(give_up_and_come_back, once)), least(400'000, 150'000));
}
TEST(ReentrantMutexModel, AThreadThatDoesNotLockIsFound) {
  expect_to_fail(around_reentrant(twice, without_the_lock), "the check at the end failed");
}

// --- the planted faults ---

TEST(MutexModelFaults, WithoutOneItIsRight) {
  expect_to_hold(explore(flawed(Fault::none, go_inside, go_inside_twice)), 30);
  expect_to_hold(explore(flawed_taken_one(Fault::none, pass_until_timeout, pass, give)), 30);
  expect_to_hold(explore(flawed(Fault::none, wait_for_notification, notify_inside)), 30);
}
TEST(MutexModelFaults, ADroppedWakeUpIsFound) {
  expect_to_strand(flawed(Fault::drops_the_wake_up, go_inside, go_inside));
}
TEST(MutexModelFaults, AForgottenSleeperIsFound) {
  expect_to_strand(flawed(Fault::forgets_that_more_wait, go_inside, go_inside, go_inside));
}
TEST(MutexModelFaults, AThreadThatSleepsWithoutALookIsFound) {
  expect_to_strand(flawed(Fault::announces_without_a_look, go_inside, go_inside));
}
TEST(MutexModelFaults, AMovedWaiterThatNobodyKnowsOfIsFound) {
  expect_to_strand(flawed(Fault::moves_without_announcing, wait_for_notification, notify_inside));
}
TEST(MutexModelFaults, ALockThatIsHandedOverThoughTakenIsFound) {
  if (!kHandsOver) GTEST_SKIP() << "nothing is handed over";
  expect_to_fail(flawed(Fault::hands_over_what_is_taken, go_inside, go_inside, go_inside),
                 "the check at the end failed");
}
TEST(MutexModelFaults, AHandOverThatNobodyIsToldOfIsFound) {
  if (!kHandsOver) GTEST_SKIP() << "nothing is handed over";
  expect_to_strand(flawed(Fault::hands_over_to_nobody, go_inside, go_inside));
}
TEST(MutexModelFaults, ATimeOutThatTakesAWakeUpWithItIsFound) {
  if (kHandsOver) GTEST_SKIP() << "who is woken has the lock";
  expect_to_strand(flawed_taken_one(Fault::lets_a_time_out_take_it_along, pass_until_timeout, pass, give));
}
TEST(MutexModelFaults, AnInterruptThatTakesAWakeUpWithItIsFound) {
  if (kHandsOver) GTEST_SKIP() << "who is woken has the lock";
  expect_to_strand(flawed_taken_one(Fault::lets_an_interrupt_take_it_along, pass_until_interrupt, pass, give));
}

}  // namespace
