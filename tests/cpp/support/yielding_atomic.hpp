// An atomic that often lets other threads run before it does what it is asked to: pressure for races that
// two cores would show once a month. Put in place of raddle::atomic by RADDLE_ATOMIC_HEADER. It explores
// interleavings only: the orders it is given are passed on to the hardware unchanged.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

namespace raddle {

namespace test {

inline void maybe_yield() noexcept {
  thread_local std::uint64_t state = std::hash<std::thread::id>{}(std::this_thread::get_id()) | 1;
  state ^= state << 13;  // xorshift64
  state ^= state >> 7;
  state ^= state << 17;
  if (state % 8 == 0) std::this_thread::yield();
}

}  // namespace test

template <class T>
class atomic {
 public:
  static constexpr bool is_always_lock_free = std::atomic<T>::is_always_lock_free;

  constexpr explicit(false) atomic(T value = T()) noexcept : value_(value) {}
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  T load(std::memory_order order) const noexcept { return paused().load(order); }
  void store(T value, std::memory_order order) noexcept { paused().store(value, order); }
  T exchange(T value, std::memory_order order) noexcept { return paused().exchange(value, order); }
  bool compare_exchange_strong(T& seen, T value, std::memory_order done, std::memory_order failed) noexcept {
    return paused().compare_exchange_strong(seen, value, done, failed);
  }
  bool compare_exchange_weak(T& seen, T value, std::memory_order done, std::memory_order failed) noexcept {
    return paused().compare_exchange_weak(seen, value, done, failed);
  }
  T fetch_add(T n, std::memory_order order) noexcept { return paused().fetch_add(n, order); }
  T fetch_sub(T n, std::memory_order order) noexcept { return paused().fetch_sub(n, order); }
  T fetch_and(T mask, std::memory_order order) noexcept { return paused().fetch_and(mask, order); }
  T fetch_or(T mask, std::memory_order order) noexcept { return paused().fetch_or(mask, order); }
  T fetch_xor(T mask, std::memory_order order) noexcept { return paused().fetch_xor(mask, order); }

 private:
  std::atomic<T>& paused() noexcept {
    test::maybe_yield();
    return value_;
  }
  const std::atomic<T>& paused() const noexcept {
    test::maybe_yield();
    return value_;
  }

  std::atomic<T> value_;
};

}  // namespace raddle
