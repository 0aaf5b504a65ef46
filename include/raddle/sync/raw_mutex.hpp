// A lock for raddle's own short internal steps, one word.
//
// Whoever holds it runs a bounded number of steps without calling anything that may wait or run user code, so it
// neither times out nor can be interrupted. It spins a little and then sleeps. Primitives for users are built on
// the parking lot, which is built on this; it is not reported to observers.
//
// States of the word:   0 free   1 held, nobody sleeps   2 held, somebody may sleep
// (Mutex 2 of Ulrich Drepper, "Futexes Are Tricky".)
//
// Fork: reset() in the child, before it has other threads.
#pragma once

#include "raddle/sync/wait_word.hpp"

namespace raddle {

class RawMutex {
 public:
  constexpr RawMutex() noexcept = default;
  RawMutex(const RawMutex&) = delete;
  RawMutex& operator=(const RawMutex&) = delete;

  void lock() noexcept {
    std::uint32_t seen = kFree;
    // acquire, pairs with the release in unlock(): what the last holder wrote is visible.
    if (!word_.compare_exchange_strong(seen, kHeld, order::acquire, order::relaxed)) lock_slow();
  }
  void unlock() noexcept {
    // release, pairs with the acquires in lock() and lock_slow()
    if (word_.exchange(kFree, order::release) == kContended) wake(&word_);
  }
  // In a forked child, whatever thread held it is gone.
  void reset() noexcept { word_.store(kFree, order::relaxed); }  // relaxed: there is one thread

 private:
  static constexpr std::uint32_t kFree = 0, kHeld = 1, kContended = 2;

  void lock_slow() noexcept;

  WaitWord word_{kFree};
};

class RawLock {
 public:
  explicit RawLock(RawMutex& mutex) noexcept : mutex_(mutex) { mutex_.lock(); }
  ~RawLock() { mutex_.unlock(); }
  RawLock(const RawLock&) = delete;
  RawLock& operator=(const RawLock&) = delete;

 private:
  RawMutex& mutex_;
};

}  // namespace raddle
