// Latch: a number that is counted down to 0 once; threads wait until it is.
//
// One word, the count. It never grows: who sees 0 may rely on it.
//
// Interrupts and time limits: nothing is consumed. Fork: the count stays, nobody waits in the child.
// Progress: count_down() lock-free, but the one that reaches 0 wakes those that sleep one after the other.
// Linearization points: the compare-and-exchange, or the load that finds 0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/sync/waiting_room.hpp"

namespace raddle {

class Latch {
 public:
  enum class Outcome : std::uint8_t { open, timed_out, interrupted };

  explicit Latch(std::uint64_t count = 0) noexcept : count_(count) {}

  // Before other threads use it.
  void reset(std::uint64_t count) noexcept {
    count_.store(count, order::seq_cst);  // seq_cst: like all of this word; no other thread has it
  }

  // seq_cst, pairs with the exchange in count_down(): who sees 0 sees what was done before each of them
  std::uint64_t count() const noexcept { return count_.load(order::seq_cst); }

  // Not below 0.
  void count_down(std::uint64_t n) noexcept {
    std::uint64_t seen = count_.load(order::relaxed);  // relaxed: the exchange checks it
    while (seen != 0 && n != 0) {
      const std::uint64_t left = seen - std::min(seen, n);
      // seq_cst, pairs with is_open in wait(): the change before the announcement; all of them in one chain
      if (!count_.compare_exchange_weak(seen, left, order::seq_cst, order::relaxed)) continue;
      if (left == 0) room_.announce_to_all();
      return;
    }
  }

  Outcome wait(Deadline deadline, Waiting& waiting) {
    const auto is_open = [this] { return count() == 0; };
    while (!is_open()) {
      if (deadline.has_passed()) return Outcome::timed_out;
      const WaitingRoom::Outcome outcome = room_.wait("Latch", is_open, deadline, waiting);
      if (outcome == WaitingRoom::Outcome::interrupted) return Outcome::interrupted;
      if (outcome == WaitingRoom::Outcome::timed_out) return is_open() ? Outcome::open : Outcome::timed_out;
    }
    return Outcome::open;
  }

  std::size_t approx_waiting() const { return room_.approx_waiting(); }

 private:
  atomic<std::uint64_t> count_;
  WaitingRoom room_;
};

}  // namespace raddle
