// Event: a flag that threads wait for.
//
//   bit  0     set
//        1-63  epoch, counted up by every set() that finds the flag clear
//
// A thread that waits remembers the word as it was, with the flag clear, and is ready when the word is another
// one: so a set() that is followed by a clear() ends the wait, however late the thread looks.
//
// Interrupts and time limits: nothing is consumed. Fork: the flag stays, nobody waits in the child.
// Progress: is_set() wait-free; set() and clear() lock-free, but a set() that finds threads asleep wakes them one
// after the other. Linearization points: the compare-and-exchange, or the load that finds nothing to do.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/sync/waiting_room.hpp"

namespace raddle {

class Event {
  static constexpr std::uint64_t kSet = 1, kEpoch = 2;

 public:
  enum class Outcome : std::uint8_t { set, timed_out, interrupted };

  // seq_cst, pairs with the exchange in set(): what was done before it is visible
  bool is_set() const noexcept { return (word_.load(order::seq_cst) & kSet) != 0; }

  void set() noexcept {
    std::uint64_t seen = word_.load(order::relaxed);  // relaxed: looked at again, or checked by the exchange
    if ((seen & kSet) != 0) {
      // Pairs with the fence in clear(): who clears the flag and then looks at what this thread did before sees
      // it, or this thread sees the flag cleared. So nobody writes to a flag that is set, and no news is lost.
      fence(order::seq_cst);
      seen = word_.load(order::seq_cst);  // seq_cst: after the fence, as the exchange
    }
    while ((seen & kSet) == 0) {
      // seq_cst, pairs with is_ready in wait(): the change before the announcement
      if (!word_.compare_exchange_weak(seen, (seen + kEpoch) | kSet, order::seq_cst, order::seq_cst)) continue;
      return room_.announce_to_all();
    }
  }

  void clear() noexcept {
    // relaxed: nothing to clear, or the exchange is what counts; seq_cst: like all changes of this word
    if ((word_.load(order::relaxed) & kSet) != 0) word_.fetch_and(~kSet, order::seq_cst);
    fence(order::seq_cst);  // pairs with the one in set()
  }

  // Waits until the flag is set, or has been since the call began.
  Outcome wait(Deadline deadline, Waiting& waiting) {
    const std::uint64_t before = word_.load(order::seq_cst);  // seq_cst: as in is_set()
    if ((before & kSet) != 0) return Outcome::set;
    // seq_cst, pairs with the exchange in set(), also if clear() came after it: the load before going to sleep
    const auto is_ready = [&] { return word_.load(order::seq_cst) != before; };
    if (deadline.has_passed()) return Outcome::timed_out;
    while (!is_ready()) {
      const WaitingRoom::Outcome outcome = room_.wait("Event", is_ready, deadline, waiting);
      if (outcome == WaitingRoom::Outcome::interrupted) return Outcome::interrupted;
      if (outcome == WaitingRoom::Outcome::timed_out) return is_ready() ? Outcome::set : Outcome::timed_out;
    }
    return Outcome::set;
  }

  std::size_t approx_waiting() const { return room_.approx_waiting(); }

 private:
  atomic<std::uint64_t> word_{0};
  WaitingRoom room_;
};

}  // namespace raddle
