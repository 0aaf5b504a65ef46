// Waiting for the end of a thread, as deadlock detection sees it: the wait names that thread, so that a join is an
// edge like the wait for a lock.
//
// A thread ends for these waits when the system takes it down (has_ended() in base/thread_id.hpp): a little later
// than an interpreter may say so. It wakes those who wait for it.
//
// No wake-up is lost: the waiting thread is counted as one that waits for others, then looks whether the other has
// ended; that one ends, then looks whether anybody waits for others (WaitNote). All sequentially consistent.
//
// Fork: in the child the threads that have vanished have ended.
// Progress: blocking. Linearization point: the load that finds the thread ended.
#pragma once

#include <cstdint>

#include "raddle/base/thread_id.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

enum class ThreadEndOutcome : std::uint8_t {
  ended,
  timed_out,
  interrupted,  // given up: Waiting knows why
  unknown,      // a thread without a slot: nobody would tell of its end
};

class ThreadEnd final : public Awaited {
 public:
  explicit ThreadEnd(ThreadId thread) noexcept : thread_(thread) {}

  ThreadEndOutcome wait(Deadline deadline, Waiting& waiting) const {
    const ThreadRecord* record = record_of(thread_);
    if (has_come()) return ThreadEndOutcome::ended;
    if (record == nullptr) return ThreadEndOutcome::unknown;
    const std::int64_t since = Deadline::now();
    while (!has_come()) {
      switch (ParkingLot::park(
          {record, "end of a thread", this, 0, since}, [this] { return !has_come(); }, deadline, waiting)) {
        case ParkingLot::Outcome::timed_out:
          return ThreadEndOutcome::timed_out;
        case ParkingLot::Outcome::interrupted:
          return ThreadEndOutcome::interrupted;
        case ParkingLot::Outcome::not_parked:
        case ParkingLot::Outcome::woken:
        case ParkingLot::Outcome::handed_over:  // nobody does here
          break;
      }
    }
    return ThreadEndOutcome::ended;
  }

  void for_each_owner(Visit visit, void* context) const override { visit(context, thread_); }

 private:
  bool has_come() const noexcept { return has_vanished(thread_) || has_ended(thread_); }

  ThreadId thread_;
};

}  // namespace raddle
