// Every interleaving of threads that want one result, on the shipped Attempt, enter_once() and lot and a mutex
// that is one operation; and planted faults that the same exploration must find.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "raddle/sync/once.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::Attempt;
using raddle::Entry;
using raddle::Look;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::Waiting;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::Impatient;
using raddle::model::Program;
namespace order = raddle::order;

static_assert(raddle::RawMutex::is_one_operation && raddle::threads_are_fibers);

enum class Fault : std::uint8_t {
  none,
  wakes_nobody,
  wakes_one,
  looks_before_it_says_so,
  says_how_it_ended_before_the_outcome,  // of the runner
  lets_two_run,                          // of the place
  keeps_what_is_over,                    // of the place
};

// The protocol of Attempt, with a fault.
class FaultyAttempt {
 public:
  explicit FaultyAttempt(Fault fault) : fault_(fault), runner_(raddle::this_thread_id()) {}

  Attempt::State state() const { return static_cast<Attempt::State>(word_.load(order::acquire) >> 1); }
  void end(Attempt::State how) {
    const bool sleepers = (word_.exchange(static_cast<int>(how) << 1, order::acq_rel) & 1) != 0;
    if (!sleepers || fault_ == Fault::wakes_nobody) return;
    fault_ == Fault::wakes_one ? ParkingLot::unpark_one(&word_) : ParkingLot::unpark_all(&word_) != 0;
  }
  bool end_in_failure() {
    int seen = 0;
    return word_.compare_exchange_strong(seen, static_cast<int>(Attempt::State::given_up) << 1, order::release,
                                         order::relaxed);
  }
  Attempt::Outcome wait(const char* what, bool, Waiting& waiting) {
    if (runner_ == raddle::this_thread_id()) return Attempt::Outcome::own;
    const auto must_wait = [this] {
      int word = word_.load(order::relaxed);
      while (word >> 1 == 0) {
        if (fault_ == Fault::looks_before_it_says_so) return word_.fetch_or(1, order::relaxed), true;
        if ((word & 1) != 0 || word_.compare_exchange_weak(word, word | 1, order::relaxed, order::relaxed))
          return true;
      }
      return false;
    };
    while (state() == Attempt::State::running)
      if (ParkingLot::park(&word_, what, must_wait, raddle::Deadline::never(), waiting) ==
          ParkingLot::Outcome::interrupted)
        return Attempt::Outcome::interrupted;
    return Attempt::Outcome::ended;
  }

 private:
  const Fault fault_;
  const raddle::ThreadId runner_;
  raddle::atomic<int> word_{0};
};

class PlainAttempt : public Attempt {  // the shipped one
 public:
  explicit PlainAttempt(Fault) {}
};

// How a run ends: the first one, and those after it.
enum class Run : std::uint8_t { succeeds, raises, is_given_up };

template <class Attempt_>
struct Shared {
  Fault fault;
  Run first;
  raddle::atomic<Attempt_*> slot{nullptr};  // the attempt that counts
  raddle::atomic<int> inside{0};            // who runs the factory
  raddle::atomic<int> runs{0};
  raddle::atomic<int> value{0};  // of the run that succeeded
  // Of threads that have ended:
  int got_value = 0, got_failure = 0, gave_up = 0, interrupted = 0;
  bool good = true;
  // Of all threads: those of one execution are fibers. In here, so that they have the same addresses, and so the
  // same places in the parking lot, in all executions.
  std::array<std::optional<Attempt_>, 16> attempts;
  std::size_t made = 0;

  class Place {
   public:
    explicit Place(Shared& shared) : shared_(shared) {}

    Look look() {
      for (;;) {
        if (shared_.value.load(order::seq_cst) != 0) return Look::ready;
        Attempt_* seen = shared_.slot.load(order::seq_cst);
        if (seen != nullptr) {
          attempt_ = seen;
          const Attempt::State state = seen->state();
          if (state == Attempt::State::running) return Look::other;
          if (state == Attempt::State::succeeded) return Look::ready;
          if (shared_.fault == Fault::keeps_what_is_over) return Look::other;
        }
        Attempt_* mine = &shared_.attempts.at(shared_.made++).emplace(shared_.fault);
        if (shared_.fault == Fault::lets_two_run)
          shared_.slot.store(mine, order::seq_cst);
        else if (!shared_.slot.compare_exchange_strong(seen, mine, order::seq_cst, order::seq_cst))
          continue;
        attempt_ = mine;
        return Look::mine;
      }
    }
    Attempt_& attempt() const { return *attempt_; }

   private:
    Shared& shared_;
    Attempt_* attempt_ = nullptr;
  };

  void run(Attempt_& attempt) {
    good = good && inside.fetch_add(1, order::seq_cst) == 0;
    const int number = runs.fetch_add(1, order::seq_cst) + 1;
    const Run run = number == 1 ? first : Run::succeeds;
    inside.fetch_sub(1, order::seq_cst);
    switch (run) {
      case Run::succeeds:
        good = good && value.load(order::seq_cst) == 0;
        if (fault == Fault::says_how_it_ended_before_the_outcome) attempt.end(Attempt::State::succeeded);
        value.store(number, order::seq_cst);
        if (fault != Fault::says_how_it_ended_before_the_outcome) attempt.end(Attempt::State::succeeded);
        ++got_value;
        break;
      case Run::raises:
        if (!attempt.end_in_failure()) attempt.end(Attempt::State::failed);
        ++gave_up;
        break;
      case Run::is_given_up:
        attempt.end(Attempt::State::given_up);
        ++gave_up;
        break;
    }
  }
  void want(Waiting&& waiting) {
    Place place(*this);
    switch (enter_once(place, "once", false, waiting)) {
      case Entry::ready:
        good = good && value.load(order::seq_cst) != 0;
        ++got_value;
        break;
      case Entry::run:
        run(place.attempt());
        break;
      case Entry::failure:
        good = good && first == Run::raises;
        ++got_failure;
        break;
      case Entry::interrupted:
        ++interrupted;
        break;
      case Entry::own:
      case Entry::failed:
        good = false;
        break;
    }
  }
  // Everybody has ended in one of these ways.
  bool adds_up(int threads) const {
    const int failed_runs = first == Run::succeeds ? 0 : 1;
    return good && got_value + got_failure + gave_up + interrupted == threads && gave_up <= failed_runs &&
           runs.now() <= 1 + failed_runs && (got_value == 0 || value.now() == runs.now());
  }
};

using Shipped = Shared<PlainAttempt>;
using Faulty = Shared<FaultyAttempt>;

constexpr auto want = [](auto& shared) { shared.want(PlainWaiting()); };
constexpr auto want_twice = [](auto& shared) { shared.want(PlainWaiting()), shared.want(PlainWaiting()); };
constexpr auto want_until_interrupt = [](auto& shared) { shared.want(Impatient(0)); };

template <class Kind, class... Threads>
std::function<Program()> around(Fault fault, Run first, int wanted, Threads... threads) {
  return [=] {
    auto shared = std::make_shared<Kind>();
    shared->fault = fault;
    shared->first = first;
    return Program{{[shared, threads] { threads(*shared); }...},
                   [shared, wanted] { return shared->adds_up(wanted); }};
  };
}
template <class... Threads>
void hold(Run first, int wanted, long at_least, Threads... threads) {
  expect_to_hold(explore(around<Shipped>(Fault::none, first, wanted, threads...)), at_least);
}

TEST(OnceModel, OneRunsAndAllGetTheResult) { hold(Run::succeeds, 3, 4'000, want, want, want); }
TEST(OnceModel, WhoHasItGetsItAgain) { hold(Run::succeeds, 4, 20, want_twice, want_twice); }
TEST(OnceModel, AFailureReachesWhoWaitsAndALaterOneBeginsAnew) {
  hold(Run::raises, 2, 10, want, want);
  hold(Run::raises, 3, 30'000, want, want, want);
  hold(Run::raises, 3, 300, want_twice, want);
}
TEST(OnceModel, WhatIsGivenUpIsTakenOver) {
  hold(Run::is_given_up, 2, 10, want, want);
  hold(Run::is_given_up, 3, 200'000, want, want, want);
}
TEST(OnceModel, AnInterruptEndsOnlyItsOwnWait) {
  hold(Run::succeeds, 3, 6'000, want, want_until_interrupt, want);
  hold(Run::is_given_up, 3, 300'000, want, want_until_interrupt, want);
}

// The faults are planted in what holds without them.
template <class... Threads>
void strand(Fault fault, Run first, int wanted, Threads... threads) {
  expect_to_hold(explore(around<Faulty>(Fault::none, first, wanted, threads...)), 1);
  expect_to_strand(around<Faulty>(fault, first, wanted, threads...));
}
TEST(OnceModel, WakingNobodyIsFound) { strand(Fault::wakes_nobody, Run::succeeds, 2, want, want); }
TEST(OnceModel, WakingOnlyOneIsFound) { strand(Fault::wakes_one, Run::succeeds, 3, want, want, want); }
TEST(OnceModel, LookingBeforeSayingSoIsFound) {
  strand(Fault::looks_before_it_says_so, Run::succeeds, 2, want, want);
}
TEST(OnceModel, AnEndBeforeItsOutcomeIsFound) {
  expect_to_fail(around<Faulty>(Fault::says_how_it_ended_before_the_outcome, Run::succeeds, 2, want, want),
                 "the check at the end failed");
}
TEST(OnceModel, TwoRunnersAreFound) {
  expect_to_fail(around<Shipped>(Fault::lets_two_run, Run::succeeds, 2, want, want),
                 "the check at the end failed");
}
TEST(OnceModel, AnAttemptThatIsOverButStaysIsFound) {
  expect_to_fail(around<Shipped>(Fault::keeps_what_is_over, Run::is_given_up, 2, want, want), "does not end");
}

}  // namespace
