// AtomicFloat: an IEEE 754 double that threads may change together.
//
// It is kept as its 64 bits and compared by them: a NaN equals a NaN of the same bits, and -0.0 differs
// from 0.0. That is what makes compare_and_set terminate for every value.
//
// Progress: get, set, get_and_set, compare_and_set are wait-free; increment, max, min are lock-free
// compare-and-set loops. All are linearizable and sequentially consistent (see atomic_int.hpp).
// Sums are not associative: which rounding a total carries depends on the order of the increments.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "raddle/base/atomic.hpp"

namespace raddle {

class AtomicFloat {
 public:
  explicit AtomicFloat(double value = 0.0) noexcept : bits_(to_bits(value)) {}
  AtomicFloat(const AtomicFloat&) = delete;
  AtomicFloat& operator=(const AtomicFloat&) = delete;

  double get() const noexcept { return to_double(bits_.load(order::seq_cst)); }
  void set(double value) noexcept { bits_.store(to_bits(value), order::seq_cst); }
  double get_and_set(double value) noexcept { return to_double(bits_.exchange(to_bits(value), order::seq_cst)); }
  bool compare_and_set(double expected, double desired) noexcept {
    std::uint64_t seen = to_bits(expected);
    return bits_.compare_exchange_strong(seen, to_bits(desired), order::seq_cst, order::seq_cst);
  }
  double increment(double n) noexcept {
    return replace([n](double value) { return value + n; });
  }
  // The larger (smaller) of the value and `other`, as IEEE 754-2019 maximum and minimum define it: a NaN
  // on either side gives a NaN, and -0.0 counts as smaller than 0.0.
  double max(double other) noexcept {
    return replace([other](double value) { return yields(value, other, less(value, other)) ? other : value; });
  }
  double min(double other) noexcept {
    return replace([other](double value) { return yields(value, other, less(other, value)) ? other : value; });
  }

 private:
  static std::uint64_t to_bits(double value) noexcept { return std::bit_cast<std::uint64_t>(value); }
  static double to_double(std::uint64_t bits) noexcept { return std::bit_cast<double>(bits); }

  static bool less(double a, double b) noexcept { return a == b ? std::signbit(a) && !std::signbit(b) : a < b; }
  // Does `value` give way to `other`, whose better claim holds between numbers?
  static bool yields(double value, double other, bool better) noexcept {
    return !std::isnan(value) && (std::isnan(other) || better);
  }

  // Writes nothing when the bits would stay the same.
  template <class Function>
  double replace(Function function) noexcept {
    std::uint64_t seen = bits_.load(order::seq_cst);
    for (;;) {
      const std::uint64_t wanted = to_bits(function(to_double(seen)));
      if (wanted == seen || bits_.compare_exchange_weak(seen, wanted, order::seq_cst, order::seq_cst))
        return to_double(wanted);
    }
  }

  atomic<std::uint64_t> bits_;
};

}  // namespace raddle
