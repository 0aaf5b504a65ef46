// Every interleaving of three threads that park, unpark, time out and are interrupted, on the shipped sources of
// the lot and a mutex that is one operation; and planted faults that the same exploration must find.
#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "raddle/sync/parking_lot.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::Deadline;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::Waiting;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::Impatient;
using raddle::model::Program;
namespace order = raddle::order;
using Outcome = ParkingLot::Outcome;

static_assert(raddle::RawMutex::is_one_operation, "model/substitutes/raw_mutex must be found first");

// What a box does wrong, for the controls.
enum class Fault : std::uint8_t {
  none,
  does_not_look_in_validate,
  treats_woken_as_timed_out,
  gives_up_though_woken,
  looks_at_flag_before_the_change,
  clears_flag_though_more_remain,
};

// How a box learns whether it must wake somebody: it always asks the lot, or only if a flag says that somebody may
// sleep. Who parks sets the flag and then looks at the tokens, both under the bucket's lock; who puts changes the
// tokens and then looks at the flag; who wakes the last one clears it, under the same lock.
enum class Asks : std::uint8_t { always, if_flagged };

// A box of tokens: whoever takes one waits until there is one.
class Box {
 public:
  explicit Box(Asks asks, Fault fault) : asks_(asks), fault_(fault) {}

  void put() {
    const bool early = fault_ == Fault::looks_at_flag_before_the_change;
    bool somebody = early && sleepers_.load(order::seq_cst);
    tokens_.fetch_add(1, order::seq_cst);
    if (!early) somebody = asks_ == Asks::always || sleepers_.load(order::seq_cst);
    if (somebody) wake_one();
  }
  // Whether it got one.
  bool take(Deadline deadline, Waiting& waiting) {
    while (!try_take()) {
      const Outcome outcome = ParkingLot::park(&tokens_, "box", [this] { return must_wait(); }, deadline, waiting);
      if (outcome == Outcome::woken) ++received_;
      switch (outcome) {
        case Outcome::woken:
          if (fault_ == Fault::treats_woken_as_timed_out && deadline.has_passed()) return false;
          if (fault_ == Fault::gives_up_though_woken && waiting.interrupted()) return false;
          [[fallthrough]];
        case Outcome::not_parked:
        case Outcome::handed_over:
          continue;
        case Outcome::timed_out:
        case Outcome::interrupted:
          return false;
      }
    }
    return true;
  }
  void take() {
    PlainWaiting waiting;
    take(Deadline::never(), waiting);
  }
  // At the end. Every wake-up that the lot says it has sent has reached somebody who was told so.
  bool adds_up(int left) const { return tokens_.now() == left && sent_ == received_; }

 private:
  bool try_take() {
    int seen = tokens_.load(order::seq_cst);
    while (seen > 0)
      if (tokens_.compare_exchange_strong(seen, seen - 1, order::seq_cst, order::seq_cst)) return true;
    return false;
  }
  bool must_wait() {
    if (asks_ == Asks::if_flagged) sleepers_.store(true, order::seq_cst);
    return fault_ == Fault::does_not_look_in_validate || tokens_.load(order::seq_cst) == 0;
  }
  void wake_one() {
    const auto note_the_last = [this](bool more) {
      if (asks_ == Asks::always) return;
      if (!more || fault_ == Fault::clears_flag_though_more_remain) sleepers_.store(false, order::seq_cst);
    };
    if (ParkingLot::unpark_one(&tokens_, note_the_last)) ++sent_;
  }

  const Asks asks_;
  const Fault fault_;
  raddle::atomic<int> tokens_{0};
  raddle::atomic<bool> sleepers_{false};
  int sent_ = 0, received_ = 0;  // plain: sums, whatever the order
};

void take(Box& box) { box.take(); }
void put(Box& box) { box.put(); }
void take_twice(Box& box) { box.take(), box.take(); }
void put_twice(Box& box) { box.put(), box.put(); }
// These compete for tokens and keep none, so that the others can end whatever becomes of these.
void compete(Box& box, Deadline deadline, Waiting&& waiting) {
  if (box.take(deadline, waiting)) box.put();
}
void compete_until_timeout(Box& box) { compete(box, Deadline::at(1), PlainWaiting()); }
void compete_until_interrupt(Box& box) { compete(box, Deadline::never(), Impatient(0)); }
void compete_until_second_look(Box& box) { compete(box, Deadline::never(), Impatient(1)); }
// If a wake-up comes between the end of its time and its leaving the queue, the interrupt comes too.
void compete_until_timeout_and_interrupt(Box& box) { compete(box, Deadline::at(1), Impatient(0)); }

// Threads around one box in which `left` tokens must be left.
std::function<Program()> around(std::initializer_list<void (*)(Box&)> threads, int left, Asks asks,
                                Fault fault = Fault::none) {
  return [threads = std::vector(threads), left, asks, fault] {
    auto box = std::make_shared<Box>(asks, fault);
    Program program{{}, [box, left] { return box->adds_up(left); }};
    for (const auto body : threads) program.threads.emplace_back([box, body] { body(*box); });
    return program;
  };
}

class ParkingLotModel : public testing::TestWithParam<Asks> {};
INSTANTIATE_TEST_SUITE_P(Asks, ParkingLotModel, testing::Values(Asks::always, Asks::if_flagged),
                         [](const auto& suite) { return suite.param == Asks::always ? "Always" : "IfFlagged"; });

TEST_P(ParkingLotModel, TwoTakeOnePutsTwice) {
  expect_to_hold(explore(around({take, take, put_twice}, 0, GetParam())), 3'000);
}
TEST_P(ParkingLotModel, OneTakesTwiceTwoPut) {
  expect_to_hold(explore(around({take_twice, put, put}, 0, GetParam())), 300);
}
TEST_P(ParkingLotModel, ATimeOutTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around({compete_until_timeout, take, put}, 0, GetParam())), 1'000);
  expect_to_hold(explore(around({compete_until_timeout, take, put_twice}, 1, GetParam())), 20'000);
}
TEST_P(ParkingLotModel, AnInterruptTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around({compete_until_interrupt, take, put}, 0, GetParam())), 1'000);
  expect_to_hold(explore(around({compete_until_interrupt, take, put_twice}, 1, GetParam())), 15'000);
}
TEST(ParkingLotModelTwice, AnInterruptTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around({compete_until_interrupt, take_twice, put_twice}, 0, Asks::always)), 600'000);
}
TEST_P(ParkingLotModel, AnInterruptAfterALookInVainTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around({compete_until_second_look, take, put}, 0, GetParam())), 1'000);
}
TEST_P(ParkingLotModel, ATimeOutAndAnInterruptOfOneTakeNoWakeUpWithThem) {
  expect_to_hold(explore(around({compete_until_timeout_and_interrupt, take, put}, 0, GetParam())), 1'000);
}
TEST_P(ParkingLotModel, ATimeOutBesideAnInterruptTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around({compete_until_timeout, compete_until_interrupt, put}, 1, GetParam())), 5'000);
  expect_to_hold(explore(around({compete_until_timeout, compete_until_interrupt, put_twice}, 2, GetParam())),
                 100'000);
}

// The planted faults.
TEST_P(ParkingLotModel, ALostWakeUpIsFound) {
  expect_to_strand(around({take, take, put_twice}, 0, GetParam(), Fault::does_not_look_in_validate));
}
TEST_P(ParkingLotModel, ATimeOutThatTakesAWakeUpWithItIsFound) {
  expect_to_strand(around({compete_until_timeout, take, put}, 0, GetParam(), Fault::treats_woken_as_timed_out));
}
TEST_P(ParkingLotModel, AnInterruptThatTakesAWakeUpWithItIsFound) {
  expect_to_strand(around({compete_until_interrupt, take, put}, 0, GetParam(), Fault::gives_up_though_woken));
}
TEST(ParkingLotModelFlag, AFlagThatIsLookedAtTooEarlyIsFound) {
  expect_to_strand(around({take, take, put_twice}, 0, Asks::if_flagged, Fault::looks_at_flag_before_the_change));
}
TEST(ParkingLotModelFlag, AFlagThatIsClearedTooEarlyIsFound) {
  expect_to_strand(around({take, take, put_twice}, 0, Asks::if_flagged, Fault::clears_flag_though_more_remain));
}

// An event: who comes before it happened waits for it.
struct Event {
  raddle::atomic<bool> happened{false};
  std::size_t sent = 0, received = 0;  // wake-ups
  int saw = 0;

  void wait(Deadline deadline) {
    PlainWaiting waiting;
    while (!happened.load(order::seq_cst)) {
      const auto not_yet = [this] { return !happened.load(order::seq_cst); };
      const Outcome outcome = ParkingLot::park(&happened, "event", not_yet, deadline, waiting);
      if (outcome == Outcome::timed_out) return;
      if (outcome == Outcome::woken) ++received;
    }
    ++saw;
  }
};

std::function<Program()> event(Deadline of_one, bool wakes_all) {
  return [of_one, wakes_all] {
    auto event = std::make_shared<Event>();
    const auto set = [event, wakes_all] {
      event->happened.store(true, order::seq_cst);
      event->sent =
          wakes_all ? ParkingLot::unpark_all(&event->happened) : ParkingLot::unpark_one(&event->happened);
    };
    return Program{
        {[event, of_one] { event->wait(of_one); }, [event] { event->wait(Deadline::never()); }, set},
        [event, of_one] { return event->sent == event->received && (event->saw == 2 || !of_one.is_never()); }};
  };
}

TEST(ParkingLotModelAll, WakesEverybody) { expect_to_hold(explore(event(Deadline::never(), true)), 60); }
TEST(ParkingLotModelAll, WakesEverybodyBesideATimeOut) {
  expect_to_hold(explore(event(Deadline::at(1), true)), 100);
}
TEST(ParkingLotModelAll, OneWakeUpForTwoIsFound) { expect_to_strand(event(Deadline::never(), false)); }

}  // namespace
