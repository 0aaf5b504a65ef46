// Every interleaving of two or three threads on the shipped RWLock, on the shipped lot, mutexes that are one
// operation, a table of three cells and thread numbers of the explorer's fibers; and locks with faults planted.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include "model/expectations.hpp"
#include "model/flawed_rw_lock.hpp"
#include "model/impatient.hpp"
#include "raddle/sync/raw_mutex.hpp"
#include "raddle/sync/rw_lock.hpp"

namespace {

using raddle::Deadline;
using raddle::PlainWaiting;
using raddle::RWLock;
using raddle::Waiting;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::FlawedRWLock;
using raddle::model::Impatient;
using raddle::model::Program;
using raddle::model::RWFault;
namespace order = raddle::order;
using Outcome = RWLock::Outcome;

static_assert(raddle::RawMutex::is_one_operation && raddle::Mutex::is_one_operation && raddle::threads_are_fibers);

class Shipped : public RWLock {
 public:
  explicit Shipped(RWFault) {}
};

// Who is inside is plain data: a writer must be alone. Threads that are there together are seen, as they conflict
// in what they do there.
template <class Lock>
struct Shared {
  explicit Shared(RWFault fault) : lock(fault) {}

  void while_reading() {
    good = good && writers == 0;
    ++readers;
    value.load(order::seq_cst);
    --readers;
  }
  void while_writing(int mine = 0) {  // mine: reads of this thread
    good = good && writers == 0 && readers == mine;
    ++writers;
    value.fetch_add(1, order::seq_cst);
    good = good && writers == 1 && readers == mine;
    --writers;
  }

  bool take_read(Deadline deadline = Deadline::never(), Waiting&& waiting = PlainWaiting()) {
    return lock.read(deadline, waiting) == Outcome::taken;
  }
  bool take_write(Deadline deadline = Deadline::never(), Waiting&& waiting = PlainWaiting()) {
    return lock.write(deadline, waiting) == Outcome::taken;
  }
  void leave_read() {
    while_reading();
    lock.unlock_read();
  }
  void leave_write() {
    while_writing();
    lock.unlock_write();
  }

  Lock lock;
  raddle::atomic<int> value{0};
  int readers = 0, writers = 0;
  bool good = true;
};

// What a thread does.
constexpr auto read_once = [](auto& shared) {
  if (shared.take_read()) shared.leave_read();
};
constexpr auto write_once = [](auto& shared) {
  if (shared.take_write()) shared.leave_write();
};
constexpr auto read_then_write = [](auto& shared) { read_once(shared), write_once(shared); };
constexpr auto write_then_read = [](auto& shared) { write_once(shared), read_once(shared); };
constexpr auto read_until_timeout = [](auto& shared) {
  if (shared.take_read(Deadline::at(1))) shared.leave_read();
};
constexpr auto write_until_timeout = [](auto& shared) {
  if (shared.take_write(Deadline::at(1))) shared.leave_write();
};
constexpr auto read_until_interrupt = [](auto& shared) {
  if (shared.take_read(Deadline::never(), Impatient(0))) shared.leave_read();
};
constexpr auto write_until_interrupt = [](auto& shared) {
  if (shared.take_write(Deadline::never(), Impatient(0))) shared.leave_write();
};
constexpr auto read_inside_a_read = [](auto& shared) {
  shared.good = shared.good && shared.take_read() && shared.take_read();
  shared.leave_read();
  shared.leave_read();
};
constexpr auto read_inside_a_write = [](auto& shared) {
  shared.good = shared.good && shared.take_write() && shared.take_read();
  shared.leave_write();
  shared.leave_read();
};

// What a thread does that begins with what it has: a read, a write, or the upgradable mode.
constexpr auto end_read = [](auto& shared) { shared.leave_read(); };
constexpr auto end_write = [](auto& shared) { shared.leave_write(); };
constexpr auto read_again = [](auto& shared) {
  shared.good = shared.good && shared.take_read();
  shared.leave_read();
  shared.leave_read();
};
// Nobody writes between.
constexpr auto downgrade = [](auto& shared) {
  shared.while_writing();
  const int value = shared.value.now();
  shared.good = shared.good && shared.lock.downgrade();
  shared.while_reading();
  shared.good = shared.good && shared.value.now() == value;
  shared.lock.unlock_write();
};
// Nor here.
template <class Waits>
void upgrade_with(auto& shared, Deadline deadline, Waits&& waiting) {
  const int value = shared.value.now();
  if (shared.take_write(deadline, std::forward<Waits>(waiting))) {
    shared.good = shared.good && shared.value.now() == value;
    shared.leave_write();
  }
  shared.lock.unlock_upgradable();
}
constexpr auto upgrade = [](auto& shared) { upgrade_with(shared, Deadline::never(), PlainWaiting()); };
constexpr auto upgrade_until_timeout = [](auto& shared) { upgrade_with(shared, Deadline::at(1), PlainWaiting()); };
constexpr auto upgrade_until_interrupt = [](auto& shared) {
  upgrade_with(shared, Deadline::never(), Impatient(0));
};
constexpr auto take_upgradable_and_upgrade = [](auto& shared) {
  PlainWaiting waiting;
  shared.good = shared.good && shared.lock.upgradable(Deadline::never(), waiting) == Outcome::taken;
  upgrade(shared);
};

enum class Has : std::uint8_t { nothing, read, write, upgradable };

// `has`: what the first thread begins with.
template <class Lock, class... Threads>
std::function<Program()> around(RWFault fault, Has has, Threads... threads) {
  return [=] {
    auto shared = std::make_shared<Shared<Lock>>(fault);
    raddle::acting_as = 1;
    if (has == Has::read) shared->take_read();
    if (has == Has::write) shared->take_write();
    if constexpr (requires(Waiting& waiting) { shared->lock.upgradable(Deadline::never(), waiting); }) {
      PlainWaiting waiting;
      if (has == Has::upgradable) shared->lock.upgradable(Deadline::never(), waiting);
    }
    raddle::acting_as = raddle::kNoThread;
    return Program{{[shared, threads] { threads(*shared); }...}, [shared] { return shared->good; }};
  };
}
template <class... Threads>
void hold(long at_least, Has has, Threads... threads) {
  expect_to_hold(explore(around<Shipped>(RWFault::none, has, threads...)), at_least);
}
// The faults are planted in what holds without them.
template <class... Threads>
std::function<Program()> flawed(RWFault fault, Has has, Threads... threads) {
  expect_to_hold(explore(around<FlawedRWLock>(RWFault::none, has, threads...)), 1);
  return around<FlawedRWLock>(fault, has, threads...);
}
template <class... Threads>
void find_a_writer_beside_another(RWFault fault, Has has, Threads... threads) {
  expect_to_fail(flawed(fault, has, threads...), "the check at the end failed");
}
template <class... Threads>
void find_somebody_stranded(RWFault fault, Has has, Threads... threads) {
  expect_to_strand(flawed(fault, has, threads...));
}

TEST(RWLockModel, AReaderAndAWriter) {
  hold(200, Has::nothing, read_once, write_once);
  hold(200, Has::nothing, read_inside_a_read, write_once);
  hold(300, Has::nothing, read_once, read_inside_a_write);
  hold(20'000, Has::nothing, read_then_write, write_then_read);
}
TEST(RWLockModel, AReaderAndTwoWriters) { hold(10'000, Has::nothing, read_once, write_once, write_once); }
TEST(RWLockModel, AReaderAndAnUpgrade) { hold(200, Has::nothing, read_once, take_upgradable_and_upgrade); }
TEST(RWLockModel, AReaderLeavesAnotherComesAWriterWaits) { hold(100, Has::read, end_read, write_once, read_once); }
TEST(RWLockModel, AReaderReadsAgainBehindAWriter) { hold(100, Has::read, read_again, write_once, read_once); }
TEST(RWLockModel, AReaderLeavesAWriterGivesUp) {
  hold(100, Has::read, end_read, write_until_timeout, read_once);
  hold(100, Has::read, end_read, write_until_interrupt, read_once);
}
TEST(RWLockModel, AWriterLeavesOthersCome) {
  hold(100, Has::write, end_write, read_once, write_once);
  hold(100, Has::write, end_write, read_once, read_once);
}
TEST(RWLockModel, AWriterLeavesAReaderGivesUp) {
  hold(100, Has::write, end_write, read_until_timeout, read_once);
  hold(100, Has::write, end_write, read_until_interrupt, write_once);
}
TEST(RWLockModel, ADowngrade) { hold(100, Has::write, downgrade, read_once, write_once); }
TEST(RWLockModel, AnUpgrade) { hold(100, Has::upgradable, upgrade, read_once, write_once); }
TEST(RWLockModel, AnUpgradeThatGivesUp) {
  hold(100, Has::upgradable, upgrade_until_timeout, read_once);
  hold(100, Has::upgradable, upgrade_until_interrupt, read_once);
}

TEST(RWLockModel, ForgettingAReaderIsFound) {
  find_a_writer_beside_another(RWFault::forgets_a_reader, Has::nothing, read_once, write_once);
}
TEST(RWLockModel, TwoWritersAreFound) {
  find_a_writer_beside_another(RWFault::grants_two_writers, Has::nothing, write_once, write_once);
}
TEST(RWLockModel, AReaderThatLooksTooEarlyIsFound) {
  find_a_writer_beside_another(RWFault::looks_before_it_says_so, Has::nothing, read_once, write_once);
}
TEST(RWLockModel, FreeingBeforeLettingInIsFound) {
  find_a_writer_beside_another(RWFault::frees_before_it_lets_in, Has::write, end_write, read_once, write_once);
}
TEST(RWLockModel, AWriterThatIsNotWokenIsFound) {
  find_somebody_stranded(RWFault::wakes_no_writer, Has::nothing, read_once, write_once);
}
TEST(RWLockModel, AWriterThatLooksTooEarlyIsFound) {
  find_somebody_stranded(RWFault::looks_before_it_parks, Has::nothing, read_once, write_once);
}
TEST(RWLockModel, ReadersThatAreNotWokenAreFound) {
  find_somebody_stranded(RWFault::wakes_no_readers, Has::nothing, read_once, write_once);
}
TEST(RWLockModel, AWriterThatGivesUpAndWakesNobodyIsFound) {
  find_somebody_stranded(RWFault::keeps_out_whom_it_kept_out, Has::read, end_read, write_until_timeout, read_once);
}

}  // namespace
