// An atomic that asks the explorer for its turn before each operation. Put in place of raddle::atomic by
// RADDLE_ATOMIC_HEADER.
#pragma once

#include <atomic>
#include <utility>

#include "model/explorer.hpp"

namespace raddle {

template <class T>
class atomic {
 public:
  static constexpr bool is_always_lock_free = true;

  constexpr explicit(false) atomic(T value = T()) noexcept : value_(value) {}
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  // The value as it is, without an operation: for what asks for its turn itself.
  T now() const { return value_; }

  T load(std::memory_order) const { return model::before(this, model::Access::read), value_; }
  void store(T value, std::memory_order) { writing() = value; }
  T exchange(T value, std::memory_order) { return std::exchange(writing(), value); }
  bool compare_exchange_strong(T& seen, T value, std::memory_order, std::memory_order) {
    T& now = writing();
    if (now != seen) return seen = now, false;
    now = value;
    return true;
  }
  bool compare_exchange_weak(T& seen, T value, std::memory_order done, std::memory_order failed) {
    return compare_exchange_strong(seen, value, done, failed);
  }
  T fetch_add(T n, std::memory_order) {
    T& now = writing();
    return std::exchange(now, static_cast<T>(now + n));
  }
  T fetch_sub(T n, std::memory_order) {
    T& now = writing();
    return std::exchange(now, static_cast<T>(now - n));
  }
  T fetch_or(T bits, std::memory_order) {
    T& now = writing();
    return std::exchange(now, static_cast<T>(now | bits));
  }
  T fetch_and(T bits, std::memory_order) {
    T& now = writing();
    return std::exchange(now, static_cast<T>(now & bits));
  }

 private:
  T& writing() { return model::before(this, model::Access::write), value_; }

  T value_;
};

}  // namespace raddle
