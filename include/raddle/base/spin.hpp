// Short bounded busy waits before a thread goes to sleep.
//
// Looks at the awaited word are spread out: on few cores a thread that looks after every pause takes the word's
// line away from the thread it waits for, and makes short sections several times slower.
#pragma once

#include <algorithm>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/config.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace raddle {

inline void pause() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

class Spin {
 public:
  explicit Spin(int rounds = RADDLE_SPIN_ROUNDS) noexcept : left_(rounds) {}

  // Pauses for a moment, about a microsecond; false when it has been going on long enough.
  bool again() noexcept {
    if (left_ <= 0) return false;
    --left_;
    for (int i = 0; i < kPausesPerRound; ++i) pause();
    return true;
  }

 private:
  static constexpr int kPausesPerRound = 30;

  int left_;
};

// Learns how long it pays to spin at one place: as long as what is awaited comes soon, that is, brought by a
// thread on another core; not at all where it does not, with a try now and then.
//
// relaxed everywhere: a hint. Threads that overwrite each other's lesson do no harm.
class SpinLesson {
 public:
  // Looks whether it is_ready() from time to time; false if it has not been and it is better to sleep.
  template <class IsReady>
  bool spin_until(IsReady is_ready) noexcept {
    const int rounds = rounds_.load(order::relaxed);
    for (Spin spin(rounds); spin.again();) {
      if (!is_ready()) continue;
      if (rounds != kMost) rounds_.store(kMost, order::relaxed);
      return true;
    }
    if (const std::int8_t next = after_vain(rounds); next != rounds) rounds_.store(next, order::relaxed);
    return false;
  }

 private:
  static constexpr std::int8_t kMost = 2 * RADDLE_SPIN_ROUNDS;
  static constexpr std::int8_t kPassedOver = 15;

  static std::int8_t after_vain(int rounds) noexcept {
    if (rounds == -1) return kMost;
    return static_cast<std::int8_t>(rounds > 1    ? rounds / 2
                                    : rounds == 1 ? -kPassedOver
                                                  : std::min(rounds + 1, 0));
  }

  // > 0: rounds to spin next time. < 0: how often not to spin before the next try. 0: never.
  atomic<std::int8_t> rounds_{kMost};
};

}  // namespace raddle
