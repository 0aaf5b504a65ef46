// Every interleaving of three threads on the shipped IndexLock, on the shipped parking lot and a mutex that is one
// operation; and a lock with a fault planted.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "model/expectations.hpp"
#include "raddle/sync/index_lock.hpp"
#include "raddle/sync/parking_lot.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::Deadline;
using raddle::IndexLock;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::Program;
namespace order = raddle::order;

static_assert(raddle::RawMutex::is_one_operation, "model/substitutes/raw_mutex must be found first");

// A lock, what it guards, and a second number that is written under it.
template <class Lock>
struct Shared {
  Lock lock;
  raddle::atomic<std::uint64_t> written{0};
  std::uint64_t held = 0;  // plain: how often the lock was taken
  bool good = true;

  void count() {
    const IndexLock::State state = lock.lock();
    const std::uint64_t index = state.index();
    good = good && index == held++;
    const std::uint64_t before = written.load(order::seq_cst);
    good = good && before == index;
    written.store(before + 1, order::seq_cst);
    lock.unlock(index + 1, state.closed());
  }
  // The index tells what was written before it was published.
  void look() {
    const IndexLock::State state = lock.peek();
    const std::uint64_t seen = written.load(order::seq_cst);
    good = good && !state.closed() && seen >= state.index();
  }
  void close() {
    const IndexLock::State state = lock.lock();
    good = good && state.index() == held && !state.abandoned();
    lock.unlock(state.index(), true);
  }
};

template <class Lock>
using Body = void (*)(Shared<Lock>&);
template <class Lock>
std::function<Program()> around(std::vector<Body<Lock>> threads, std::uint64_t counts, bool closes = false) {
  return [=] {
    auto shared = std::make_shared<Shared<Lock>>();
    Program program{{}, [=] {
                      const IndexLock::State state = shared->lock.peek();
                      return shared->good && state.index() == counts && shared->written.now() == counts &&
                             state.closed() == closes && !state.abandoned();
                    }};
    for (const auto body : threads) program.threads.emplace_back([shared, body] { body(*shared); });
    return program;
  };
}

template <class Lock>
void count(Shared<Lock>& shared) {
  shared.count();
}
void count_twice(Shared<IndexLock>& shared) { shared.count(), shared.count(); }
void look_twice(Shared<IndexLock>& shared) { shared.look(), shared.look(); }
void close(Shared<IndexLock>& shared) { shared.close(); }

TEST(IndexLockModel, ExcludesAndLetsEverybodyIn) {
  expect_to_hold(explore(around<IndexLock>({count, count, count}, 3)), 70'000);
}
TEST(IndexLockModel, ExcludesWhoComesBack) {
  expect_to_hold(explore(around<IndexLock>({count_twice, count_twice}, 4)), 20'000);
}
TEST(IndexLockModel, PublishesTheIndexWhenItUnlocks) {
  expect_to_hold(explore(around<IndexLock>({count, count, look_twice}, 2)), 2'000);
}
TEST(IndexLockModel, KeepsIndexAndClosedApart) {
  expect_to_hold(explore(around<IndexLock>({count, count, close}, 2, true)), 1'000);
}

// The same protocol, with a fault.
enum class Fault : std::uint8_t { none, forgets_who_still_sleeps, does_not_say_that_it_sleeps, unlocks_early };

template <Fault fault>
class FaultyLock {
  static constexpr std::uint64_t kHeld = 1, kSleepers = 0x100;
  static constexpr int kIndexShift = 10;

 public:
  IndexLock::State peek() { return IndexLock::State(word_.load(order::seq_cst)); }
  IndexLock::State lock() {
    std::uint64_t seen = 0;
    PlainWaiting waiting;
    while (!try_lock(seen))
      ParkingLot::park(&word_, "lock", [this] { return must_sleep(); }, Deadline::never(), waiting);
    return IndexLock::State(seen);
  }
  void unlock(std::uint64_t index, bool) {
    std::uint64_t word = index << kIndexShift;
    if (fault == Fault::unlocks_early) word |= word_.fetch_and(~kHeld, order::seq_cst) & kSleepers;
    if ((word_.exchange(word & ~kSleepers, order::seq_cst) & kSleepers) == 0) return;
    ParkingLot::unpark_one(&word_, [this](bool more) {
      if (more && fault != Fault::forgets_who_still_sleeps) word_.fetch_or(kSleepers, order::seq_cst);
    });
  }

 private:
  bool try_lock(std::uint64_t& seen) {
    seen = word_.load(order::seq_cst);
    return (seen & kHeld) == 0 &&
           word_.compare_exchange_strong(seen, seen | kHeld, order::seq_cst, order::relaxed);
  }
  bool must_sleep() {
    for (std::uint64_t word = word_.load(order::seq_cst); (word & kHeld) != 0;)
      if ((word & kSleepers) != 0 || fault == Fault::does_not_say_that_it_sleeps ||
          word_.compare_exchange_strong(word, word | kSleepers, order::seq_cst, order::relaxed))
        return true;
    return false;
  }

  raddle::atomic<std::uint64_t> word_{0};
};

template <Fault fault>
std::function<Program()> three_count() {
  using Lock = FaultyLock<fault>;
  return around<Lock>({count<Lock>, count<Lock>, count<Lock>}, 3);
}
TEST(IndexLockModel, TheProtocolOfTheFaultsHolds) { expect_to_hold(explore(three_count<Fault::none>()), 30'000); }
TEST(IndexLockModel, AWakeUpThatForgetsWhoStillSleepsIsFound) {
  expect_to_strand(three_count<Fault::forgets_who_still_sleeps>());
}
TEST(IndexLockModel, ASleeperThatDoesNotSaySoIsFound) {
  expect_to_strand(three_count<Fault::does_not_say_that_it_sleeps>());
}
TEST(IndexLockModel, AnIndexThatIsPublishedApartIsFound) {
  expect_to_fail(three_count<Fault::unlocks_early>(), "the check at the end failed");
}

}  // namespace
