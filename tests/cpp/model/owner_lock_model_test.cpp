// Every interleaving of three threads on the shipped OwnerLock, on the shipped room and lot, a mutex that is one
// operation and thread numbers of the explorer's fibers.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "raddle/sync/owner_lock.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::OwnerLock;
using raddle::PlainWaiting;
using raddle::Waiting;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::explore;
using raddle::model::Impatient;
using raddle::model::Program;
namespace order = raddle::order;
using Outcome = OwnerLock::Outcome;

static_assert(raddle::RawMutex::is_one_operation && raddle::threads_are_fibers);

struct Shared {
  OwnerLock lock;
  raddle::atomic<int> value{0};
  int inside = 0;  // plain: no more than one, if the lock excludes
  bool good = true;

  void go_inside(Waiting&& waiting = PlainWaiting()) {
    const Outcome outcome = lock.lock(waiting);
    if (outcome == Outcome::interrupted) return;
    good = good && outcome == Outcome::taken;
    be_inside();
    lock.unlock();
  }
  void go_inside_twice() {
    PlainWaiting waiting;
    good = good && !lock.is_mine() && lock.lock(waiting) == Outcome::taken && lock.is_mine() &&
           lock.lock(waiting) == Outcome::mine_before;
    be_inside();
    lock.unlock();
    good = good && !lock.is_mine();
  }
  // Two threads at once are seen, as they conflict in what they do there.
  void be_inside() {
    good = good && ++inside == 1;
    value.fetch_add(1, order::seq_cst);
    --inside;
  }
};

constexpr auto go_inside = [](Shared& shared) { shared.go_inside(); };
constexpr auto go_inside_twice = [](Shared& shared) { shared.go_inside_twice(); };
constexpr auto go_inside_until_interrupt = [](Shared& shared) { shared.go_inside(Impatient(0)); };
constexpr auto go_inside_without_the_lock = [](Shared& shared) { shared.be_inside(); };

template <class... Threads>
std::function<Program()> around(Threads... threads) {
  return [=] {
    auto shared = std::make_shared<Shared>();
    return Program{{[shared, threads] { threads(*shared); }...}, [shared] { return shared->good; }};
  };
}

TEST(OwnerLockModel, ExcludesAndEnds) { expect_to_hold(explore(around(go_inside, go_inside, go_inside)), 5'000); }
TEST(OwnerLockModel, KnowsItsOwner) { expect_to_hold(explore(around(go_inside_twice, go_inside_twice)), 400); }
TEST(OwnerLockModel, AnInterruptTakesNoWakeUpWithIt) {
  expect_to_hold(explore(around(go_inside_until_interrupt, go_inside, go_inside)), 5'000);
}
TEST(OwnerLockModel, AThreadThatDoesNotLockIsFound) {
  expect_to_fail(around(go_inside, go_inside_without_the_lock), "the check at the end failed");
}

}  // namespace
