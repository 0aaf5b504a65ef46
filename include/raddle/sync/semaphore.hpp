// Semaphore: permits that threads take and give.
//
//   bit  0     sleepers  somebody may be parked here; set under the bucket's lock in the parking lot
//        1-63  permits
//
// Taking a permit that is there is one compare-and-exchange, giving one back another.
//
// Order: a thread that comes may overtake those that wait; but who has waited for a millisecond gets the next
// permit handed over, in the order of arrival. A thread that was woken in vain keeps its turn. (Eventual fairness,
// after WebKit's WTF::Lock.)
//
// A semaphore knows no owners: whoever pleases gives permits, so a wait for one is no part of a deadlock that
// could be found, and permits that ended or vanished threads have taken stay taken.
//
// Interrupts and time limits take no permit with them. Fork: the permits stay, nobody waits in the child.
// Progress: lock-free where nobody waits. Linearization points: the compare-and-exchange that takes or adds
// permits; a permit that is handed over is added and taken in one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/spin.hpp"
#include "raddle/diag/observers.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

class Semaphore {
  static constexpr std::uint64_t kSleepers = 1, kPermit = 2;

 public:
  static constexpr std::uint64_t kMost = INT64_MAX;

  enum class Outcome : std::uint8_t { taken, timed_out, interrupted };

  // `what` names it in diagnostics and lives as long as the process. `bound`: there are never more permits.
  explicit Semaphore(const char* what, std::uint64_t permits = 1, std::uint64_t bound = kMost) noexcept
      : word_(permits * kPermit), bound_(bound), what_(what) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  // Before other threads use it.
  void reset(std::uint64_t permits, std::uint64_t bound) noexcept {
    bound_ = bound;
    word_.store(permits * kPermit, order::relaxed);  // relaxed: no other thread has it
  }

  bool try_acquire() noexcept {
    std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it; without permits it counts
    while (seen >= kPermit) {
      // acquire, pairs with the release of all who have given permits: what they wrote is visible
      if (!word_.compare_exchange_weak(seen, seen - kPermit, order::acquire, order::relaxed)) continue;
      tell(&Observers::acquired, {this, what_});
      return true;
    }
    return false;
  }

  // A deadline that has passed: only tries.
  Outcome acquire(Deadline deadline, Waiting& waiting) {
    return try_acquire() ? Outcome::taken : acquire_slow(deadline, waiting);
  }

  // Gives n permits, n > 0. False, and nothing has changed: there would be more than the bound.
  bool release(std::uint64_t n = 1) noexcept {
    std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
    while ((seen & kSleepers) == 0) {
      if (n > bound_ - seen / kPermit) return false;
      // release, pairs with the acquires of who takes them: what this thread wrote is visible
      if (!word_.compare_exchange_weak(seen, seen + n * kPermit, order::release, order::relaxed)) continue;
      tell(&Observers::released, {this, what_});
      return true;
    }
    return release_slow(n);
  }

  std::uint64_t permits() const noexcept {
    return word_.load(order::relaxed) / kPermit;  // relaxed: may be another a moment later
  }
  std::uint64_t bound() const noexcept { return bound_; }
  std::size_t approx_waiting() const { return ParkingLot::approx_waiting(&word_); }

 private:
  bool announce_sleep() noexcept;
  Outcome acquire_slow(Deadline deadline, Waiting& waiting);
  bool release_slow(std::uint64_t n) noexcept;
  bool add(std::uint64_t n, const ParkingLot::Parked* first, bool more, bool& handed_over) noexcept;
  bool take_for(const ParkingLot::Parked* first, bool more) noexcept;

  atomic<std::uint64_t> word_;
  std::uint64_t bound_;
  const char* what_;
  SpinLesson lesson_;
};

}  // namespace raddle
