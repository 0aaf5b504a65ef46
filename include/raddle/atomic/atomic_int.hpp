// AtomicInt: a signed 64-bit integer that threads may change together.
//
// Two families of arithmetic on one word:
//   exact     add, subtract: a sum outside 64 bits is refused and the value stays as it was. A
//             compare-and-set loop: a fetch-and-add would have to publish the wrapped value before it
//             could notice and repair it, and another thread could read it in between.
//   wrapping  wrapping_add, wrapping_subtract: two's complement, one fetch-and-add.
// Both may be used on the same object.
//
// Progress: get, set, get_and_set, compare_and_*, wrapping_*, fetch_* are wait-free where the hardware
// has the instruction (x86-64 and AArch64 with LSE: all but fetch_and/or/xor, which x86-64 may loop for);
// add, subtract, max, min and update are lock-free: a thread retries only when another one succeeded.
// Every operation is linearizable; its point is the single load, store or read-modify-write that took effect.
//
// Order: every operation is sequentially consistent with every other operation of this kind, as Java's
// volatile is. What that buys over acquire and release is this outcome, which stays impossible:
//     thread 1: a.set(1); r1 = b.get()      thread 2: b.set(1); r2 = a.get()      r1 == 0 and r2 == 0
// On x86-64 only `set` pays for it.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"

namespace raddle {

class AtomicInt {
 public:
  // What an arithmetic operation saw and left. With `overflow` nothing was changed and after == before.
  struct Change {
    std::int64_t before;
    std::int64_t after;
    bool overflow;
  };

  constexpr explicit AtomicInt(std::int64_t value = 0) noexcept : value_(value) {}
  AtomicInt(const AtomicInt&) = delete;
  AtomicInt& operator=(const AtomicInt&) = delete;

  // All orders below are seq_cst, for the reason in the file head; the load that starts a loop is
  // relaxed because the exchange that ends it checks it.

  std::int64_t get() const noexcept { return value_.load(order::seq_cst); }
  void set(std::int64_t value) noexcept { value_.store(value, order::seq_cst); }
  std::int64_t get_and_set(std::int64_t value) noexcept { return value_.exchange(value, order::seq_cst); }

  bool compare_and_set(std::int64_t expected, std::int64_t desired) noexcept {
    return compare_and_exchange(expected, desired) == expected;
  }
  // Returns the value that was there; it equals `expected` exactly when the exchange happened.
  std::int64_t compare_and_exchange(std::int64_t expected, std::int64_t desired) noexcept {
    value_.compare_exchange_strong(expected, desired, order::seq_cst, order::seq_cst);
    return expected;
  }

  Change add(std::int64_t n) noexcept {
    return change(
        [n](std::int64_t before, std::int64_t* after) { return __builtin_add_overflow(before, n, after); });
  }
  // Not add(-n): the smallest integer has no negative.
  Change subtract(std::int64_t n) noexcept {
    return change(
        [n](std::int64_t before, std::int64_t* after) { return __builtin_sub_overflow(before, n, after); });
  }
  Change wrapping_add(std::int64_t n) noexcept {
    const std::int64_t before = value_.fetch_add(n, order::seq_cst);
    return {before, wrap(static_cast<std::uint64_t>(before) + static_cast<std::uint64_t>(n)), false};
  }
  Change wrapping_subtract(std::int64_t n) noexcept {
    const std::int64_t before = value_.fetch_sub(n, order::seq_cst);
    return {before, wrap(static_cast<std::uint64_t>(before) - static_cast<std::uint64_t>(n)), false};
  }

  std::int64_t fetch_and(std::int64_t mask) noexcept { return value_.fetch_and(mask, order::seq_cst); }
  std::int64_t fetch_or(std::int64_t mask) noexcept { return value_.fetch_or(mask, order::seq_cst); }
  std::int64_t fetch_xor(std::int64_t mask) noexcept { return value_.fetch_xor(mask, order::seq_cst); }

  // Sets the larger (smaller) of the value and `other`, and returns it. Writes nothing when the value
  // already is: threads that only confirm a maximum do not take the line from each other.
  std::int64_t max(std::int64_t other) noexcept {
    return replace_while(other, [](std::int64_t value, std::int64_t wanted) { return value < wanted; });
  }
  std::int64_t min(std::int64_t other) noexcept {
    return replace_while(other, [](std::int64_t value, std::int64_t wanted) { return value > wanted; });
  }

 private:
  static std::int64_t wrap(std::uint64_t bits) noexcept { return static_cast<std::int64_t>(bits); }

  template <class Step>
  Change change(Step step) noexcept {
    std::int64_t before = value_.load(order::relaxed);
    std::int64_t after;
    do {
      // An overflow is reported for a value that was read in order, never for the relaxed first guess.
      if (step(before, &after)) [[unlikely]] {
        before = value_.load(order::seq_cst);
        if (step(before, &after)) return {before, before, true};
      }
    } while (!value_.compare_exchange_weak(before, after, order::seq_cst, order::relaxed));
    return {before, after, false};
  }

  template <class Replaces>
  std::int64_t replace_while(std::int64_t wanted, Replaces replaces) noexcept {
    std::int64_t value = value_.load(order::seq_cst);
    while (replaces(value, wanted)) {
      if (value_.compare_exchange_weak(value, wanted, order::seq_cst, order::seq_cst)) return wanted;
    }
    return value;
  }

  atomic<std::int64_t> value_;
  static_assert(atomic<std::int64_t>::is_always_lock_free);
};

}  // namespace raddle
