// Where threads wait for a condition that other threads bring about.
//
//   waiting thread                                other thread
//   while (!try_it()) room.wait(..., is_ready)    change what is_ready() looks at;  room.announce()
//
// An announcement costs one load while nobody waits. No wake-up is lost: the waiting thread says that the room is
// occupied and then looks whether it is ready; the other makes it ready and then looks whether the room is
// occupied. All four are sequentially consistent, so one of the two sees the other. Hence the contract: the change
// before announce() and the loads in is_ready() must be sequentially consistent too.
//
// Before it parks, a thread looks out for a while, as long as that has been worth it in this room.
//
// Being woken is no promise: another thread may have been faster. First in, first woken.
// Interrupts and time limits take no wake-up with them. Fork: the room is empty in the child.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/spin.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

class WaitingRoom {
 public:
  enum class Outcome : std::uint8_t { look_again, timed_out, interrupted };

  // Wakes up to n threads.
  void announce(std::size_t n = 1) noexcept {
    // seq_cst, pairs with the store in wait(): see above
    if (occupied_.load(order::seq_cst)) [[unlikely]]
      wake(n);
  }
  void announce_to_all() noexcept {
    if (occupied_.load(order::seq_cst)) [[unlikely]]  // seq_cst: as above
      wake_all();
  }

  // Waits unless is_ready(), which runs under the lock of the parking lot: it loads words and does nothing else.
  // `what` names the wait in diagnostics and must live as long as the process.
  template <class IsReady>
  Outcome wait(const char* what, IsReady is_ready, Deadline deadline, Waiting& waiting) {
    if (waiting.may_spin() && lesson_.spin_until(is_ready)) return Outcome::look_again;
    const auto validate = [&] {
      // seq_cst, pairs with the load in announce(): it sees this, or is_ready() sees what it announces
      occupied_.store(true, order::seq_cst);
      return !is_ready();
    };
    switch (ParkingLot::park(this, what, validate, deadline, waiting)) {
      case ParkingLot::Outcome::not_parked:
      case ParkingLot::Outcome::woken:
      case ParkingLot::Outcome::handed_over:  // nobody does here
        return Outcome::look_again;
      case ParkingLot::Outcome::timed_out:
        return Outcome::timed_out;
      case ParkingLot::Outcome::interrupted:
        return Outcome::interrupted;
    }
    __builtin_unreachable();
  }

  std::size_t approx_waiting() const { return ParkingLot::approx_waiting(this); }

 private:
  void wake(std::size_t n) noexcept;
  void wake_all() noexcept;

  // false: nobody is parked. true: somebody may be. Set and cleared under the bucket's lock.
  atomic<bool> occupied_{false};
  SpinLesson lesson_;
};

}  // namespace raddle
