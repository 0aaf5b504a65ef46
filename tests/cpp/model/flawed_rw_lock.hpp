// The protocol of RWLock for plain reads and writes, with a fault.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/sync/mutex.hpp"
#include "raddle/sync/parking_lot.hpp"
#include "raddle/sync/rw_lock.hpp"

namespace raddle::model {

enum class RWFault : std::uint8_t {
  none,
  forgets_a_reader,            // the writer passes over a cell
  grants_two_writers,          // whoever has the mutex meets another one who has it
  looks_before_it_says_so,     // the reader, at the word
  wakes_no_writer,             // a reader that leaves
  looks_before_it_parks,       // the writer looks at the cell, and then says that it waits
  wakes_no_readers,            // a writer that leaves
  frees_before_it_lets_in,     // a writer that leaves: the word, then those who are parked
  keeps_out_whom_it_kept_out,  // a writer that gives up: readers that have parked meanwhile
};

class FlawedRWLock {
 public:
  using Outcome = RWLock::Outcome;

  explicit FlawedRWLock(RWFault fault) : fault_(fault) {}

  Outcome read(Deadline deadline, Waiting& waiting) {
    const ThreadId me = this_thread_id();
    for (;;) {
      if (enter(me)) return Outcome::taken;
      const auto validate = [this] {
        std::uint64_t word = word_.load(order::seq_cst);
        while (word != 0)
          if (word_.compare_exchange_strong(word, word | kReaders, order::seq_cst, order::seq_cst)) return true;
        return false;
      };
      const auto outcome = ParkingLot::park(&word_, "model", validate, deadline, waiting);
      if (outcome == ParkingLot::Outcome::handed_over) return Outcome::taken;
      if (outcome == ParkingLot::Outcome::timed_out) return Outcome::timed_out;
      if (outcome == ParkingLot::Outcome::interrupted) return Outcome::interrupted;
    }
  }
  void unlock_read() { leave(cell_of(this_thread_id())); }

  Outcome write(Deadline deadline, Waiting& waiting) {
    if (fault_ != RWFault::grants_two_writers) intent_.lock(LockStyle::owned, Deadline::never(), waiting);
    word_.store(this_thread_id() << 2, order::seq_cst);
    bool first = true;
    for (atomic<ThreadId>& cell : cells_) {
      if (std::exchange(first, false) && fault_ == RWFault::forgets_a_reader) continue;
      const Outcome outcome = wait_for(cell, deadline, waiting);
      if (outcome == Outcome::taken) continue;
      if (fault_ == RWFault::keeps_out_whom_it_kept_out)
        word_.store(0, order::seq_cst), intent_.unlock();
      else
        unlock_write();
      return outcome;
    }
    return Outcome::taken;
  }
  void unlock_write() {
    if (fault_ == RWFault::wakes_no_readers) {
      word_.store(0, order::seq_cst);
    } else {
      if (fault_ == RWFault::frees_before_it_lets_in) word_.store(0, order::seq_cst), give_intent_back();
      const auto let_in = [this](const ParkingLot::Parked& parked) {
        cell_of(parked.thread_id).store(parked.thread_id, order::seq_cst);
        return true;
      };
      ParkingLot::unpark_all(&word_, let_in, [this] {
        if (fault_ != RWFault::frees_before_it_lets_in) word_.store(0, order::seq_cst);
      });
      if (fault_ == RWFault::frees_before_it_lets_in) return;
    }
    give_intent_back();
  }

 private:
  static constexpr std::uint64_t kReaders = 1, kWriter = 2;

  atomic<ThreadId>& cell_of(ThreadId id) { return cells_[id - 1]; }
  void give_intent_back() {
    if (fault_ != RWFault::grants_two_writers) intent_.unlock();
  }
  bool enter(ThreadId me) {
    if (fault_ == RWFault::looks_before_it_says_so) {
      if (word_.load(order::seq_cst) != 0) return false;
      cell_of(me).store(me, order::seq_cst);
      return true;
    }
    cell_of(me).store(me, order::seq_cst);
    if (word_.load(order::seq_cst) == 0) return true;
    leave(cell_of(me));
    return false;
  }
  void leave(atomic<ThreadId>& cell) {
    cell.store(kNoThread, order::seq_cst);
    if ((word_.load(order::seq_cst) & kWriter) != 0 && fault_ != RWFault::wakes_no_writer)
      ParkingLot::unpark_one(&cell);
  }
  Outcome wait_for(atomic<ThreadId>& cell, Deadline deadline, Waiting& waiting) {
    const bool early = fault_ == RWFault::looks_before_it_parks;
    while (cell.load(order::seq_cst) != kNoThread) {
      const auto validate = [&] {
        const bool was_taken = early && cell.load(order::seq_cst) != kNoThread;
        word_.fetch_or(kWriter, order::seq_cst);
        return early ? was_taken : cell.load(order::seq_cst) != kNoThread;
      };
      const auto outcome = ParkingLot::park(&cell, "model", validate, deadline, waiting);
      word_.fetch_and(~kWriter, order::seq_cst);
      if (outcome == ParkingLot::Outcome::timed_out) return Outcome::timed_out;
      if (outcome == ParkingLot::Outcome::interrupted) return Outcome::interrupted;
    }
    return Outcome::taken;
  }

  const RWFault fault_;
  Mutex intent_{"model"};
  atomic<std::uint64_t> word_{0};
  std::array<atomic<ThreadId>, 3> cells_{};
};

}  // namespace raddle::model
