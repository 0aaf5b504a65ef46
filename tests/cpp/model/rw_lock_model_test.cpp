// Every interleaving of two or three threads on the shipped RWLock, on the shipped lot, mutexes that are one operation,
// a table of three cells and thread numbers of the explorer's fibers; and locks with faults planted.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

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

// Who is inside is plain data: a writer must be alone. Threads that are there together are seen, as they conflict in
// what they do there.
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

  void read(Deadline deadline = Deadline::never(), Waiting&& waiting = PlainWaiting()) {
    if (lock.read(deadline, waiting) != Outcome::taken) return;
    while_reading();
    lock.unlock_read();
  }
  bool write(Deadline deadline = Deadline::never(), Waiting&& waiting = PlainWaiting()) {
    if (lock.write(deadline, waiting) != Outcome::taken) return false;
    while_writing();
    lock.unlock_write();
    return true;
  }

  Lock lock;
  raddle::atomic<int> value{0};
  int readers = 0, writers = 0;
  bool good = true;
};

// What a thread does.
constexpr auto read_once = [](auto& shared) { shared.read(); };
constexpr auto write_once = [](auto& shared) { shared.write(); };
constexpr auto read_until_timeout = [](auto& shared) { shared.read(Deadline::at(1)); };
constexpr auto write_until_timeout = [](auto& shared) { shared.write(Deadline::at(1)); };
constexpr auto read_until_interrupt = [](auto& shared) { shared.read(Deadline::never(), Impatient(0)); };
constexpr auto write_until_interrupt = [](auto& shared) { shared.write(Deadline::never(), Impatient(0)); };
constexpr auto read_inside_a_read = [](auto& shared) {
  PlainWaiting waiting;
  shared.good = shared.good && shared.lock.read(Deadline::never(), waiting) == Outcome::taken;
  shared.read();
  shared.while_reading();
  shared.lock.unlock_read();
};
constexpr auto read_inside_a_write = [](auto& shared) {
  PlainWaiting waiting;
  shared.good = shared.good && shared.lock.write(Deadline::never(), waiting) == Outcome::taken &&
                shared.lock.read(Deadline::never(), waiting) == Outcome::taken;
  shared.while_writing();
  shared.lock.unlock_write();
  shared.while_reading();
  shared.lock.unlock_read();
};
// Nobody writes between.
constexpr auto write_and_downgrade = [](auto& shared) {
  PlainWaiting waiting;
  shared.good = shared.good && shared.lock.write(Deadline::never(), waiting) == Outcome::taken;
  shared.while_writing();
  const int value = shared.value.now();
  shared.good = shared.good && shared.lock.downgrade();
  shared.while_reading();
  shared.good = shared.good && shared.value.now() == value;
  shared.lock.unlock_write();
};
// Nor here.
template <class MakeWaiting>
void upgrade_with(auto& shared, Deadline deadline, MakeWaiting make_waiting) {
  PlainWaiting waiting;
  shared.good = shared.good && shared.lock.upgradable(Deadline::never(), waiting) == Outcome::taken;
  shared.while_reading();
  const int value = shared.value.now();
  auto upgrading = make_waiting();
  if (shared.lock.write(deadline, upgrading) == Outcome::taken) {
    shared.good = shared.good && shared.value.now() == value;
    shared.while_writing();
    shared.lock.unlock_write();
  }
  shared.lock.unlock_upgradable();
}
constexpr auto upgrade = [](auto& shared) {
  upgrade_with(shared, Deadline::never(), [] { return PlainWaiting(); });
};
constexpr auto upgrade_until_timeout = [](auto& shared) {
  upgrade_with(shared, Deadline::at(1), [] { return PlainWaiting(); });
};
constexpr auto upgrade_until_interrupt = [](auto& shared) {
  upgrade_with(shared, Deadline::never(), [] { return Impatient(0); });
};

template <class Lock, class... Threads>
std::function<Program()> around(RWFault fault, Threads... threads) {
  return [=] {
    auto shared = std::make_shared<Shared<Lock>>(fault);
    return Program{{[shared, threads] { threads(*shared); }...}, [shared] { return shared->good; }};
  };
}
template <class... Threads>
void hold(long at_least, Threads... threads) {
  expect_to_hold(explore(around<Shipped>(RWFault::none, threads...)), at_least);
}
// The faults are planted in what holds without them.
template <class... Threads>
std::function<Program()> flawed(RWFault fault, Threads... threads) {
  expect_to_hold(explore(around<FlawedRWLock>(RWFault::none, threads...)), 1);
  return around<FlawedRWLock>(fault, threads...);
}
template <class... Threads>
void find_a_writer_beside_another(RWFault fault, Threads... threads) {
  expect_to_fail(flawed(fault, threads...), "the check at the end failed");
}
template <class... Threads>
void find_somebody_stranded(RWFault fault, Threads... threads) {
  expect_to_strand(flawed(fault, threads...));
}

TEST(RWLockModel, AReaderAndAWriter) {
  hold(20, read_once, write_once);
  hold(20, read_inside_a_read, write_once);
  hold(20, read_once, read_inside_a_write);
}
TEST(RWLockModel, TwoReadersAndAWriter) { hold(500, read_once, read_once, write_once); }
TEST(RWLockModel, AReaderAndTwoWriters) { hold(500, read_once, write_once, write_once); }
TEST(RWLockModel, AReaderReadsAgainBehindAWriter) { hold(500, read_inside_a_read, read_once, write_once); }
TEST(RWLockModel, ADowngrade) {
  hold(20, write_and_downgrade, write_and_downgrade);
  hold(500, write_and_downgrade, read_once, write_once);
}
TEST(RWLockModel, AnUpgrade) {
  hold(20, upgrade, upgrade);
  hold(500, upgrade, read_once, write_once);
}
TEST(RWLockModel, AWriterThatGivesUp) {
  hold(20, read_once, read_once, write_until_timeout);
  hold(20, read_once, read_once, write_until_interrupt);
}
TEST(RWLockModel, AReaderThatGivesUp) {
  hold(20, read_until_timeout, read_once, write_once);
  hold(20, read_until_interrupt, write_once, write_once);
}
TEST(RWLockModel, AnUpgradeThatGivesUp) {
  hold(20, upgrade_until_timeout, read_once, read_once);
  hold(20, upgrade_until_interrupt, read_once, write_once);
}

TEST(RWLockModel, ForgettingAReaderIsFound) {
  find_a_writer_beside_another(RWFault::forgets_a_reader, read_once, write_once);
}
TEST(RWLockModel, TwoWritersAreFound) {
  find_a_writer_beside_another(RWFault::grants_two_writers, write_once, write_once);
}
TEST(RWLockModel, AReaderThatLooksTooEarlyIsFound) {
  find_a_writer_beside_another(RWFault::looks_before_it_says_so, read_once, write_once);
}
TEST(RWLockModel, FreeingBeforeLettingInIsFound) {
  find_a_writer_beside_another(RWFault::frees_before_it_lets_in, read_once, write_once, write_once);
}
TEST(RWLockModel, AWriterThatIsNotWokenIsFound) {
  find_somebody_stranded(RWFault::wakes_no_writer, read_once, write_once);
}
TEST(RWLockModel, AWriterThatLooksTooEarlyIsFound) {
  find_somebody_stranded(RWFault::looks_before_it_parks, read_once, write_once);
}
TEST(RWLockModel, ReadersThatAreNotWokenAreFound) {
  find_somebody_stranded(RWFault::wakes_no_readers, read_once, write_once);
}
TEST(RWLockModel, AWriterThatGivesUpAndWakesNobodyIsFound) {
  find_somebody_stranded(RWFault::keeps_out_whom_it_kept_out, read_once, read_once, write_until_timeout);
}

}  // namespace
