// Every interleaving of threads that park, unpark, time out and are interrupted, on the shipped sources; and
// planted faults that the same exploration must find. Two threads each, as far as all orders are to be seen: with
// three the contended path of the bucket's lock multiplies them beyond what a test can run.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "model/explorer.hpp"
#include "raddle/sync/parking_lot.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::Deadline;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::RawMutex;
using raddle::Waiting;
using raddle::model::Exploration;
using raddle::model::explore;
using raddle::model::Program;
namespace order = raddle::order;
using Outcome = ParkingLot::Outcome;

void expect_to_hold(const Exploration& exploration, long at_least) {
  EXPECT_EQ(exploration.failure, "") << "in execution " << exploration.executions;
  EXPECT_GE(exploration.executions, at_least) << "too few orders to mean anything";
  testing::Test::RecordProperty("executions", static_cast<int>(exploration.executions));
}

// In a process of its own: the threads that sleep for ever stay in the lot.
template <class Make>
void expect_to_strand(Make make) {
  EXPECT_EXIT(_exit(explore(make).failure == "threads sleep for ever" ? 0 : 1), testing::ExitedWithCode(0), "");
}

TEST(Explorer, FindsAnUpdateThatIsLost) {
  const auto program = [] {
    auto value = std::make_shared<raddle::atomic<int>>(0);
    const auto add = [value] { value->store(value->load(order::seq_cst) + 1, order::seq_cst); };
    return Program{{add, add}, [value] { return value->load(order::seq_cst) == 2; }};
  };
  EXPECT_EQ(explore(program).failure, "the check at the end failed");
}

TEST(Explorer, RunsEachMeaningOnce) {
  // Two threads with two writes each to words of their own: all orders mean the same.
  const auto apart = [] {
    auto words = std::make_shared<std::array<raddle::atomic<int>, 2>>();
    const auto write = [words](std::size_t i) {
      (*words)[i].store(1, order::seq_cst);
      (*words)[i].store(2, order::seq_cst);
    };
    return Program{{[=] { write(0); }, [=] { write(1); }}};
  };
  EXPECT_EQ(explore(apart).executions, 1);
  // Two writes each to one word: 4! / (2! 2!) orders.
  const auto together = [] {
    auto word = std::make_shared<raddle::atomic<int>>(0);
    const auto write = [word] {
      word->store(1, order::seq_cst);
      word->store(2, order::seq_cst);
    };
    return Program{{write, write}};
  };
  EXPECT_EQ(explore(together).executions, 6);
}

TEST(RawMutexModel, ExcludesAndEnds) {
  expect_to_hold(explore([] {
                   struct Shared {
                     RawMutex mutex;
                     int inside = 0;
                     raddle::atomic<int> step{0};
                     bool met = false;
                   };
                   auto shared = std::make_shared<Shared>();
                   const auto body = [shared] {
                     shared->mutex.lock();
                     if (shared->inside++ != 0) shared->met = true;
                     shared->step.load(order::seq_cst);  // lets others run here
                     --shared->inside;
                     shared->mutex.unlock();
                   };
                   return Program{{body, body, body}, [shared] { return !shared->met; }};
                 }),
                 6);
}

// A box of tokens: whoever takes one waits until there is one.
struct Box {
  raddle::atomic<int> tokens{0};
  int taken = 0, gave_up = 0;

  void put() {
    tokens.fetch_add(1, order::seq_cst);
    ParkingLot::unpark_one(&tokens);
  }
  bool try_take() {
    int seen = tokens.load(order::seq_cst);
    while (seen > 0)
      if (tokens.compare_exchange_strong(seen, seen - 1, order::seq_cst, order::seq_cst)) return ++taken, true;
    return false;
  }
  bool is_empty() { return tokens.load(order::seq_cst) == 0; }

  template <class Validate>
  void take(Deadline deadline, Waiting& waiting, bool hands_on, Validate validate) {
    while (!try_take()) {
      switch (ParkingLot::park(&tokens, "box", validate, deadline, waiting)) {
        case Outcome::not_parked:
        case Outcome::woken:
          continue;
        case Outcome::interrupted_after_wake:
          if (hands_on) ParkingLot::unpark_one(&tokens);
          [[fallthrough]];
        case Outcome::timed_out:
        case Outcome::interrupted:
          ++gave_up;
          return;
      }
    }
  }
  void take(Deadline deadline = Deadline::never()) {
    PlainWaiting waiting;
    take(deadline, waiting, true, [this] { return is_empty(); });
  }
  bool adds_up(int put, int takers) {
    return tokens.load(order::seq_cst) == put - taken && taken + gave_up == takers;
  }
};

TEST(ParkingLotModel, OneWaitsOneWakes) {
  expect_to_hold(explore([] {
                   auto box = std::make_shared<Box>();
                   return Program{{[box] { box->take(); }, [box] { box->put(); }},
                                  [box] { return box->adds_up(1, 1) && box->taken == 1; }};
                 }),
                 5);
}

TEST(ParkingLotModel, OneWaitsTwiceOneWakesTwice) {
  expect_to_hold(explore([] {
                   auto box = std::make_shared<Box>();
                   return Program{{[box] { box->take(), box->take(); }, [box] { box->put(), box->put(); }},
                                  [box] { return box->adds_up(2, 2) && box->taken == 2; }};
                 }),
                 20);
}

TEST(ParkingLotModel, ATimeOutMayComeAtAnyMoment) {
  expect_to_hold(explore([] {
                   auto box = std::make_shared<Box>();
                   return Program{{[box] { box->take(Deadline::at(1)); }, [box] { box->put(); }},
                                  [box] { return box->adds_up(1, 1); }};
                 }),
                 20);
}

// Interrupted at the first look for signals.
struct Impatient final : Waiting {
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return true; }
  std::int64_t patience() override { return 1; }
};

// One token for two takers, of whom one may be interrupted. Who took it puts it back, so that everybody can end.
Program interrupted_beside_a_waiter(bool hands_on) {
  auto box = std::make_shared<Box>();
  const auto take_and_give_back = [box](Waiting& waiting, bool hands) {
    const int before = box->gave_up;
    box->take(Deadline::never(), waiting, hands, [box] { return box->is_empty(); });
    if (box->gave_up == before) box->put();
  };
  return Program{{[=] {
                    Impatient waiting;
                    take_and_give_back(waiting, hands_on);
                  },
                  [=] {
                    PlainWaiting waiting;
                    take_and_give_back(waiting, true);
                  },
                  [box] { box->put(); }}};
}

TEST(ParkingLotModel, AnInterruptMayComeAtAnyMoment) {
  expect_to_hold(explore([] {
                   auto box = std::make_shared<Box>();
                   return Program{{[box] {
                                     Impatient waiting;
                                     box->take(Deadline::never(), waiting, true,
                                               [box] { return box->is_empty(); });
                                   },
                                   [box] { box->put(); }},
                                  [box] { return box->adds_up(1, 1); }};
                 }),
                 20);
}

TEST(ParkingLotModel, AWakeUpThatIsNotHandedOnIsFound) {
  expect_to_strand([] { return interrupted_beside_a_waiter(false); });
}

// The planted fault: the state is looked at before park() and not inside it.
TEST(ParkingLotModel, ALostWakeUpIsFound) {
  const auto program = [] {
    auto box = std::make_shared<Box>();
    return Program{{[box] {
                      PlainWaiting waiting;
                      box->take(Deadline::never(), waiting, true, [] { return true; });
                    },
                    [box] { box->put(); }}};
  };
  expect_to_strand(program);
}

}  // namespace
