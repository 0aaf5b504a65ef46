// AtomicBool: a flag that threads may change together.
//
// Progress: wait-free; `flip` is a single exclusive-or. Every operation is linearizable at its one load,
// store or read-modify-write, and sequentially consistent with the others (see atomic_int.hpp for what
// that forbids).
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"

namespace raddle {

class AtomicBool {
 public:
  constexpr explicit AtomicBool(bool value = false) noexcept : value_(value) {}
  AtomicBool(const AtomicBool&) = delete;
  AtomicBool& operator=(const AtomicBool&) = delete;

  bool get() const noexcept { return value_.load(order::seq_cst) != 0; }
  void set(bool value) noexcept { value_.store(value, order::seq_cst); }
  bool get_and_set(bool value) noexcept { return value_.exchange(value, order::seq_cst) != 0; }
  bool compare_and_set(bool expected, bool desired) noexcept {
    std::uint8_t seen = expected;
    return value_.compare_exchange_strong(seen, desired, order::seq_cst, order::seq_cst);
  }
  // Returns the new value.
  bool flip() noexcept { return value_.fetch_xor(1, order::seq_cst) == 0; }

 private:
  atomic<std::uint8_t> value_;  // 0 or 1; a byte and not a bool, which has no fetch_xor
};

}  // namespace raddle
