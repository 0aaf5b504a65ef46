#include "raddle/sync/once.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "support/parallel.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Attempt;
using raddle::Deadlock;
using raddle::Entry;
using raddle::Look;
using raddle::PlainWaiting;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
namespace order = raddle::order;
using State = Attempt::State;

template <class Condition>
void wait_until(Condition holds) {
  while (!holds()) std::this_thread::yield();
}

// One result, with an attempt at a time. Attempts of earlier runs are kept until the end.
class Cell {
 public:
  ~Cell() {
    for (Attempt* attempt = all_.load(order::relaxed); attempt != nullptr;) {
      Kept* kept = static_cast<Kept*>(attempt);
      attempt = kept->before;
      delete kept;
    }
  }

  class Place {
   public:
    explicit Place(Cell& cell) : cell_(cell) {}
    Look look() {
      for (;;) {
        Attempt* seen = cell_.current_.load(order::acquire);
        attempt_ = seen;
        if (seen != nullptr && seen->state() == State::running) return Look::other;
        if (seen != nullptr && seen->state() == State::succeeded) return Look::ready;
        auto mine = std::make_unique<Kept>();
        if (!cell_.current_.compare_exchange_strong(seen, mine.get(), order::acq_rel, order::relaxed)) continue;
        attempt_ = mine.release();
        cell_.keep(attempt_);
        return Look::mine;
      }
    }
    Attempt& attempt() const { return *attempt_; }

   private:
    Cell& cell_;
    Attempt* attempt_ = nullptr;
  };

 private:
  struct Kept : Attempt {
    Attempt* before = nullptr;
  };
  void keep(Attempt* attempt) {
    Attempt* before = all_.load(order::relaxed);
    do static_cast<Kept*>(attempt)->before = before;
    while (!all_.compare_exchange_weak(before, attempt, order::release, order::relaxed));
  }

  raddle::atomic<Attempt*> current_{nullptr};
  raddle::atomic<Attempt*> all_{nullptr};
};

Entry enter(Cell::Place& place, bool alone = false) {
  PlainWaiting waiting;
  return raddle::enter_once(place, "test", alone, waiting);
}

TEST(Once, OneOfManyRunsAndAllSeeWhatItWrote) {
  constexpr int kThreads = 8, kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    Cell cell;
    int written = 0;  // plain: the end of the attempt publishes it
    raddle::atomic<int> runs{0}, seen{0};
    in_parallel(kThreads, [&](int) {
      Cell::Place place(cell);
      if (enter(place) == Entry::run) {
        runs.fetch_add(1, order::relaxed);
        written = 42;
        place.attempt().end(State::succeeded);
      }
      seen.fetch_add(written == 42 ? 1 : 0, order::relaxed);
    });
    ASSERT_EQ(runs.load(order::relaxed), 1);
    ASSERT_EQ(seen.load(order::relaxed), kThreads);
  }
}

TEST(Once, AFailureReachesThoseWhoWaitAndNobodyElse) {
  Cell cell;
  Cell::Place runner(cell);
  ASSERT_EQ(enter(runner), Entry::run);
  raddle::atomic<int> failures{0};
  std::thread one([&] {
    Cell::Place place(cell);
    failures.fetch_add(enter(place) == Entry::failure ? 1 : 0, order::relaxed);
  });
  std::thread other([&] {
    Cell::Place place(cell);
    failures.fetch_add(enter(place) == Entry::failure ? 1 : 0, order::relaxed);
  });
  wait_until([&] { return runner.attempt().approx_waiting() == 2; });
  EXPECT_FALSE(runner.attempt().end_in_failure());
  runner.attempt().end(State::failed);
  one.join();
  other.join();
  EXPECT_EQ(failures.load(order::relaxed), 2);
  Cell::Place later(cell);
  EXPECT_EQ(enter(later), Entry::run);
  EXPECT_TRUE(later.attempt().end_in_failure());
  EXPECT_EQ(later.attempt().state(), State::given_up);
}

TEST(Once, WhatIsGivenUpIsTakenOverByOneOfThoseWhoWait) {
  Cell cell;
  Cell::Place runner(cell);
  ASSERT_EQ(enter(runner), Entry::run);
  raddle::atomic<int> runs{0}, ready{0};
  const auto want = [&] {
    Cell::Place place(cell);
    switch (enter(place)) {
      case Entry::run:
        runs.fetch_add(1, order::relaxed);
        place.attempt().end(State::succeeded);
        break;
      case Entry::ready:
        ready.fetch_add(1, order::relaxed);
        break;
      default:
        break;
    }
  };
  std::thread one(want), other(want);
  wait_until([&] { return runner.attempt().approx_waiting() == 2; });
  runner.attempt().end(State::given_up);
  one.join();
  other.join();
  EXPECT_EQ(runs.load(order::relaxed), 1);
  EXPECT_EQ(ready.load(order::relaxed), 1);
}

TEST(Once, TheRunnerItselfIsTold) {
  Cell cell;
  Cell::Place outer(cell), inner(cell);
  ASSERT_EQ(enter(outer), Entry::run);
  EXPECT_EQ(enter(inner), Entry::own);
  outer.attempt().end(State::succeeded);
  EXPECT_EQ(enter(inner), Entry::ready);
}

TEST(Once, ARunnerThatEndedHasGivenUp) {
  Cell cell;
  std::thread([&] {
    Cell::Place place(cell);
    EXPECT_EQ(enter(place), Entry::run);
  }).join();
  Cell::Place later(cell);
  EXPECT_EQ(enter(later), Entry::run);
}

TEST(Once, ARunnerThatEndsWakesThoseWhoWait) {
  Cell cell;
  raddle::atomic<bool> may_end{false};
  raddle::atomic<Attempt*> running{nullptr};
  std::thread runner([&] {
    Cell::Place place(cell);
    EXPECT_EQ(enter(place), Entry::run);
    running.store(&place.attempt(), order::release);
    wait_until([&] { return may_end.load(order::acquire); });
  });
  wait_until([&] { return running.load(order::acquire) != nullptr; });
  std::thread waiter([&] {
    Cell::Place place(cell);
    EXPECT_EQ(enter(place), Entry::run);
    place.attempt().end(State::succeeded);
  });
  wait_until([&] { return running.load(order::acquire)->approx_waiting() == 1; });
  may_end.store(true, order::release);
  runner.join();
  waiter.join();
}

TEST(Once, WhoIsAloneWaitsForNobody) {
  Cell cell;
  raddle::atomic<bool> may_end{false}, runs{false};
  std::thread runner([&] {
    Cell::Place place(cell);
    EXPECT_EQ(enter(place), Entry::run);
    runs.store(true, order::release);
    wait_until([&] { return may_end.load(order::acquire); });
  });
  wait_until([&] { return runs.load(order::acquire); });
  Cell::Place place(cell);
  EXPECT_EQ(enter(place, true), Entry::run);
  may_end.store(true, order::release);
  runner.join();
}

TEST(Once, AVanishedRunnerHasGivenUp) {
  Cell cell;
  raddle::atomic<bool> may_end{false}, runs{false};
  std::thread runner([&] {
    Cell::Place place(cell);
    EXPECT_EQ(enter(place), Entry::run);
    runs.store(true, order::release);
    wait_until([&] { return may_end.load(order::acquire); });
    place.attempt().end(State::succeeded);
  });
  wait_until([&] { return runs.load(order::acquire); });
  EXPECT_TRUE(holds_in_child([&] {
    Cell::Place place(cell);
    return enter(place) == Entry::run;
  }));
  may_end.store(true, order::release);
  runner.join();
  Cell::Place place(cell);
  EXPECT_EQ(enter(place), Entry::ready);
}

// Gives up its wait when that is part of a cycle.
class Watching final : public raddle::Waiting {
 public:
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return false; }
  std::int64_t patience() override { return INT64_MAX; }
  bool deadlocked(Deadlock&) override { return true; }
};

TEST(Once, TwoRunnersThatNeedEachOthersResultsAreADeadlock) {
  Cell cells[2];
  raddle::atomic<int> there{0}, interrupted{0};
  in_parallel(2, [&](int number) {
    Cell::Place mine(cells[number]), other(cells[1 - number]);
    EXPECT_EQ(enter(mine), Entry::run);
    there.fetch_add(1, order::acq_rel);
    wait_until([&] { return there.load(order::acquire) == 2; });
    Watching waiting;
    const Entry entry = raddle::enter_once(other, "test", false, waiting);
    if (entry == Entry::interrupted) interrupted.fetch_add(1, order::relaxed);
    mine.attempt().end(State::given_up);
    if (entry == Entry::run) other.attempt().end(State::given_up);
  });
  EXPECT_EQ(interrupted.load(order::relaxed), 1);
}

}  // namespace
