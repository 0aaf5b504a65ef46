// Every interleaving of two to three threads that take one key and give it back, on the shipped KeyedMutex, Mutex
// and parking lot, stripe locks and a mutex that are one operation; and planted faults. Entries
// that are deleted are kept until the end, to see whether anybody writes into them.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "model/quarantine.hpp"
#include "raddle/sync/keyed_mutex.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::Deadline;
using raddle::IndexLock;
using raddle::LockOutcome;
using raddle::Match;
using raddle::PlainWaiting;
using raddle::Waiting;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::explore;
using raddle::model::Impatient;
using raddle::model::Program;
using raddle::model::quarantine;
using raddle::model::quarantine_rests;
namespace order = raddle::order;

static_assert(raddle::RawMutex::is_one_operation && IndexLock::is_one_operation && raddle::threads_are_fibers);

// A key counts the entries that the table has for it.
struct Counted {
  using Key = int*;
  static void retain(int* entries) noexcept { ++*entries; }
  static void release(int* entries) { --*entries; }
};

// Excludes nobody; for a control.
class NoLock {
 public:
  IndexLock::State lock() noexcept { return before_(), IndexLock::State(index_, false); }
  void unlock(std::uint64_t index, bool) noexcept { before_(), index_ = index; }
  IndexLock::State peek() const noexcept { return IndexLock::State(index_, false); }

 private:
  void before_() const noexcept { raddle::model::before(this, raddle::model::Access::write); }
  std::uint64_t index_ = 0;
};

template <class StripeLock>
struct Shared {
  using Mutexes = raddle::KeyedMutex<Counted, StripeLock>;
  using Claim = typename Mutexes::Claim;

  // The stripe's lock is no lock of the explorer's at the end: it is left.
  Mutexes mutexes{"key"};
  int entries = 0;
  raddle::atomic<int> value{0};
  int inside = 0;  // plain: no more than one, if the key excludes
  bool good = true;

  static Match finds(int*) { return Match::yes; }
  static Match overlooks(int*) { return Match::no; }

  bool take(Match (*probe)(int*), Deadline deadline, Waiting& waiting) {
    typename Mutexes::Visit visit(mutexes, &entries, 1);
    const Claim claim = visit.claim(probe);
    if (claim == Claim::taken) return true;
    return visit.wait(deadline, waiting) == LockOutcome::taken;
  }
  // Two threads at once are seen, as they conflict in what they do there.
  void go_inside(Match (*probe)(int*), Deadline deadline, Waiting&& waiting) {
    if (!take(probe, deadline, waiting)) return;
    good = good && ++inside == 1 && entries == 1;
    value.fetch_add(1, order::seq_cst);
    --inside;
    good = mutexes.release(1, probe) == Mutexes::Release::done && good;
  }
  bool is_empty() { return quarantine_rests() && good && entries == 0 && mutexes.size() == 0; }
};

template <class StripeLock>
using Body = void (*)(Shared<StripeLock>&);
template <class StripeLock>
std::function<Program()> around(std::vector<Body<StripeLock>> threads) {
  return [=] {
    quarantine(sizeof(typename Shared<StripeLock>::Mutexes::Entry));
    auto shared = std::make_shared<Shared<StripeLock>>();
    Program program{{}, [shared] { return shared->is_empty(); }};
    for (const auto body : threads) program.threads.emplace_back([shared, body] { body(*shared); });
    return program;
  };
}

template <class StripeLock>
void once(Shared<StripeLock>& shared) {
  shared.go_inside(shared.finds, Deadline::never(), PlainWaiting());
}
void twice(Shared<IndexLock>& shared) { once(shared), once(shared); }
void nested(Shared<IndexLock>& shared) {
  PlainWaiting waiting;
  shared.good = shared.take(shared.finds, Deadline::never(), waiting) && shared.good;
  shared.good = shared.take(shared.finds, Deadline::passed(), waiting) && shared.good;
  auto probe = shared.finds;
  shared.mutexes.release(1, probe);
  shared.good = shared.good && shared.entries == 1;
  shared.mutexes.release(1, probe);
}
void until_timeout(Shared<IndexLock>& shared) { shared.go_inside(shared.finds, Deadline::at(1), PlainWaiting()); }
void until_interrupt(Shared<IndexLock>& shared) {
  shared.go_inside(shared.finds, Deadline::never(), Impatient(0));
}
void tries(Shared<IndexLock>& shared) { shared.go_inside(shared.finds, Deadline::passed(), PlainWaiting()); }
void overlooks(Shared<IndexLock>& shared) {
  shared.go_inside(shared.overlooks, Deadline::never(), PlainWaiting());
}

TEST(KeyedMutexModel, TwoTakeIt) { expect_to_hold(explore(around<IndexLock>({once, once})), 150); }
TEST(KeyedMutexModel, OneTakesItTwice) { expect_to_hold(explore(around<IndexLock>({twice, once})), 10'000); }
TEST(KeyedMutexModel, OneTakesItAgainBesideAnother) {
  expect_to_hold(explore(around<IndexLock>({nested, once})), 500);
}
TEST(KeyedMutexModel, ATimeOutLeavesItWhole) {
  expect_to_hold(explore(around<IndexLock>({until_timeout, once})), 200);
}
TEST(KeyedMutexModel, AnInterruptLeavesItWhole) {
  expect_to_hold(explore(around<IndexLock>({until_interrupt, once})), 200);
}
TEST(KeyedMutexModel, TimeOutsOfTwoLeaveItWhole) {
  expect_to_hold(explore(around<IndexLock>({until_timeout, until_timeout})), 250);
}
TEST(KeyedMutexModel, ThreeTryIt) { expect_to_hold(explore(around<IndexLock>({tries, tries, tries})), 10'000); }

TEST(KeyedMutexModel, AKeyThatIsOverlookedIsFound) {
  expect_to_fail(around<IndexLock>({once, overlooks}), "the check at the end failed");
}
TEST(KeyedMutexModel, AStripeWithoutALockIsFound) {
  expect_to_fail(around<NoLock>({once<NoLock>, once<NoLock>}), ".+");
}

}  // namespace
