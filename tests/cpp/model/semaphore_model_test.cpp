// Every interleaving of two or three threads on the shipped Semaphore and Event, on the shipped lot and a bucket
// lock that is one operation; and planted faults that the same programs must find. Two programs are made of this:
// in one who comes may overtake who waits (no time passes for the explorer), in the other every release hands
// over.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "raddle/sync/event.hpp"
#include "raddle/sync/raw_mutex.hpp"
#include "raddle/sync/semaphore.hpp"

namespace {

using raddle::Deadline;
using raddle::Event;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::Semaphore;
using raddle::Waiting;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::Impatient;
using raddle::model::Program;
namespace order = raddle::order;
using Outcome = Semaphore::Outcome;

static_assert(raddle::RawMutex::is_one_operation && raddle::threads_are_fibers);

enum class Fault : std::uint8_t {
  none,
  adds_without_looking_for_sleepers,
  sleeps_without_looking_for_permits,
  forgets_that_more_sleep,
  wakes_one_for_many,
  gives_up_though_woken,
};

// The protocol of Semaphore with a fault, where who comes may overtake.
class FlawedSemaphore {
  static constexpr std::uint64_t kSleepers = 1, kPermit = 2;

 public:
  FlawedSemaphore(Fault fault, std::uint64_t permits) : fault_(fault), word_(permits * kPermit) {}

  Outcome acquire(Deadline deadline, Waiting& waiting) {
    while (!try_acquire()) {
      if (deadline.has_passed()) return Outcome::timed_out;
      const auto outcome = ParkingLot::park(&word_, "model", [this] { return must_wait(); }, deadline, waiting);
      if (outcome == ParkingLot::Outcome::timed_out) return Outcome::timed_out;
      if (outcome == ParkingLot::Outcome::interrupted) return Outcome::interrupted;
      if (outcome == ParkingLot::Outcome::woken && fault_ == Fault::gives_up_though_woken && waiting.interrupted())
        return Outcome::interrupted;
    }
    return Outcome::taken;
  }
  bool release(std::uint64_t n = 1) {
    const std::uint64_t before = word_.fetch_add(n * kPermit, order::seq_cst);
    if ((before & kSleepers) == 0 || fault_ == Fault::adds_without_looking_for_sleepers) return true;
    bool sleepers = true;
    const auto note = [&](bool more) {
      sleepers = more;
      if (!more || fault_ == Fault::forgets_that_more_sleep) word_.fetch_and(~kSleepers, order::seq_cst);
    };
    for (; n != 0 && sleepers; n = fault_ == Fault::wakes_one_for_many ? 0 : n - 1)
      ParkingLot::unpark_one(&word_, note);
    return true;
  }
  std::uint64_t permits() const { return word_.now() / kPermit; }

 private:
  bool try_acquire() {
    std::uint64_t seen = word_.load(order::seq_cst);
    while (seen >= kPermit)
      if (word_.compare_exchange_strong(seen, seen - kPermit, order::seq_cst, order::seq_cst)) return true;
    return false;
  }
  bool must_wait() {
    const std::uint64_t seen = word_.fetch_or(kSleepers, order::seq_cst);
    return fault_ == Fault::sleeps_without_looking_for_permits || seen < kPermit;
  }

  const Fault fault_;
  raddle::atomic<std::uint64_t> word_;
};

class Shipped : public Semaphore {
 public:
  Shipped(Fault, std::uint64_t permits) : Semaphore("model", permits) {}
};

constexpr auto take_as = [](auto& semaphore, Deadline deadline, Waiting&& waiting) {
  return semaphore.acquire(deadline, waiting) == Outcome::taken;
};
constexpr auto take = [](auto& semaphore) { take_as(semaphore, Deadline::never(), PlainWaiting()); };
constexpr auto give = [](auto& semaphore) { semaphore.release(); };
constexpr auto give_twice = [](auto& semaphore) { give(semaphore), give(semaphore); };
constexpr auto give_two_at_once = [](auto& semaphore) { semaphore.release(2); };
// These keep no permit, so that the others can end whatever becomes of these.
constexpr auto borrow = [](auto& semaphore) { take(semaphore), give(semaphore); };
constexpr auto borrow_until_timeout = [](auto& semaphore) {
  if (take_as(semaphore, Deadline::at(1), PlainWaiting())) give(semaphore);
};
constexpr auto borrow_until_interrupt = [](auto& semaphore) {
  if (take_as(semaphore, Deadline::never(), Impatient(0))) give(semaphore);
};
constexpr auto borrow_until_second_look = [](auto& semaphore) {
  if (take_as(semaphore, Deadline::never(), Impatient(1))) give(semaphore);
};

template <class Kind, class... Threads>
std::function<Program()> around(Fault fault, std::uint64_t permits, std::uint64_t left, Threads... threads) {
  return [=] {
    auto semaphore = std::make_shared<Kind>(fault, permits);
    return Program{{[semaphore, threads] { threads(*semaphore); }...},
                   [semaphore, left] { return semaphore->permits() == left; }};
  };
}
template <class... Threads>
void hold(std::uint64_t permits, std::uint64_t left, long at_least, Threads... threads) {
  expect_to_hold(explore(around<Shipped>(Fault::none, permits, left, threads...)), at_least);
}
template <class... Threads>
void find(Fault fault, std::uint64_t permits, std::uint64_t left, Threads... threads) {
  expect_to_hold(explore(around<FlawedSemaphore>(Fault::none, permits, left, threads...)), 1);
  expect_to_strand(around<FlawedSemaphore>(fault, permits, left, threads...));
}

TEST(SemaphoreModel, TwoTakeOneGives) {
  hold(0, 0, 20, take, take, give_twice);
  hold(0, 0, 20, take, take, give_two_at_once);
}
TEST(SemaphoreModel, TwoGive) { hold(0, 1, 20, take, give, give); }
TEST(SemaphoreModel, TwoBorrowWhatOneGives) { hold(0, 1, 100, borrow, borrow, give); }
TEST(SemaphoreModel, ATimeOutTakesNoPermitWithIt) {
  hold(0, 0, 50, borrow_until_timeout, take, give);
  hold(0, 1, 50, borrow_until_timeout, take, give_two_at_once);
}
TEST(SemaphoreModel, AnInterruptTakesNoPermitWithIt) {
  hold(0, 0, 50, borrow_until_interrupt, take, give);
  hold(0, 0, 50, borrow_until_second_look, take, give);
  hold(0, 1, 50, borrow_until_interrupt, borrow_until_timeout, give);
}

TEST(SemaphoreModel, NotLookingForSleepersIsFound) {
  find(Fault::adds_without_looking_for_sleepers, 0, 0, take, give);
}
TEST(SemaphoreModel, NotLookingForPermitsIsFound) {
  find(Fault::sleeps_without_looking_for_permits, 0, 0, take, give);
}
TEST(SemaphoreModel, ForgettingSleepersIsFound) {
  find(Fault::forgets_that_more_sleep, 0, 0, take, take, give_twice);
}
TEST(SemaphoreModel, WakingOneForManyIsFound) {
  find(Fault::wakes_one_for_many, 0, 0, take, take, give_two_at_once);
}
TEST(SemaphoreModel, GivingUpThoughWokenIsFound) {
  find(Fault::gives_up_though_woken, 0, 0, borrow_until_interrupt, take, give);
}

// Waits for the flag itself: a set() that is cleared at once is missed.
class FlawedEvent {
 public:
  bool is_set() const { return set_.load(order::seq_cst); }
  void set() {
    set_.store(true, order::seq_cst);
    room_.announce_to_all();
  }
  void clear() { set_.store(false, order::seq_cst); }
  Event::Outcome wait(Deadline deadline, Waiting& waiting) {
    while (!is_set()) room_.wait("model", [this] { return is_set(); }, deadline, waiting);
    return Event::Outcome::set;
  }

 private:
  raddle::atomic<bool> set_{false};
  raddle::WaitingRoom room_;
};

template <class Kind>
struct Signals {
  Kind event, begun;
  void wait(Waiting&& waiting = PlainWaiting(), Deadline deadline = Deadline::never()) {
    event.wait(deadline, waiting);
  }
  // Once all wait: what is waited for is over when they look.
  void flash() { event.set(), event.clear(); }
};

constexpr auto wait = [](auto& signals) { signals.wait(); };
constexpr auto wait_until_interrupt = [](auto& signals) { signals.wait(Impatient(0)); };
constexpr auto wait_until_timeout = [](auto& signals) { signals.wait(PlainWaiting(), Deadline::at(1)); };
constexpr auto set = [](auto& signals) { signals.event.set(); };
constexpr auto flash_and_set = [](auto& signals) { signals.flash(), signals.event.set(); };

template <class... Threads>
std::function<Program()> around_an_event(Threads... threads) {
  return [=] {
    auto signals = std::make_shared<Signals<Event>>();
    return Program{{[signals, threads] { threads(*signals); }...}, [signals] { return signals->event.is_set(); }};
  };
}

TEST(EventModel, LetsAllGo) { expect_to_hold(explore(around_an_event(wait, wait, set)), 20); }
TEST(EventModel, TwoSet) { expect_to_hold(explore(around_an_event(wait, set, set)), 10); }
TEST(EventModel, ClearedAtOnce) { expect_to_hold(explore(around_an_event(wait, wait, flash_and_set)), 50); }
TEST(EventModel, BesideThoseThatGiveUp) {
  expect_to_hold(explore(around_an_event(wait, wait_until_interrupt, set)), 20);
  expect_to_hold(explore(around_an_event(wait, wait_until_timeout, flash_and_set)), 20);
}

// A thread that looks after the flag has been cleared again: it parks only if it was not set since it began.
template <class Kind>
std::function<Program()> a_flash_after_it_began() {
  return [] {
    struct Shared {
      Kind event;
      raddle::atomic<bool> looks{false};
    };
    struct Telling final : Waiting {
      explicit Telling(Shared& to) : shared(to) {}
      void before_sleep() override { shared.looks.store(true, order::seq_cst); }
      void after_sleep() override {}
      bool interrupted() override { return false; }
      // Leaves the queue once to look for signals, and comes back.
      std::int64_t patience() override { return looked++ == 0 ? 1 : INT64_MAX; }
      Shared& shared;
      int looked = 0;
    };
    auto shared = std::make_shared<Shared>();
    return Program{{[shared] {
                      Telling waiting(*shared);
                      shared->event.wait(Deadline::never(), waiting);
                    },
                    [shared] {
                      // Not before the other has begun, or there is nothing to miss.
                      if (!shared->looks.load(order::seq_cst)) return shared->event.set();
                      shared->event.set();
                      shared->event.clear();
                    }}};
  };
}
TEST(EventModel, AFlashWhileItLooksForSignalsIsSeen) {
  expect_to_hold(explore(a_flash_after_it_began<Event>()), 5);
  expect_to_strand(a_flash_after_it_began<FlawedEvent>());
}

}  // namespace
