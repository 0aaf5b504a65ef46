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
  static constexpr int kPausesPerRound = 30;

  explicit Spin(int rounds = RADDLE_SPIN_ROUNDS, int pauses = kPausesPerRound) noexcept
      : left_(rounds), pauses_(pauses) {}

  // Pauses for a moment, usually about a microsecond; false when it has been going on long enough.
  bool again() noexcept {
    if (left_ <= 0) return false;
    --left_;
    for (int i = 0; i < pauses_; ++i) pause();
    return true;
  }

 private:
  int left_, pauses_;
};

// Learns how long it pays to spin at one place: as long as what is awaited comes soon, that is, brought by a
// thread on another core; not at all where it does not, with a try now and then.
//
// relaxed everywhere: a hint. Threads that overwrite each other's lesson do no harm.
class SpinLesson {
 public:
  // Looks whether it is_ready() from time to time; false if it has not been and it is better to sleep.
  // `pauses` between two looks: seldom where what is awaited comes and goes, and looking disturbs.
  template <class IsReady>
  bool spin_until(IsReady is_ready, int pauses = Spin::kPausesPerRound) noexcept {
    const int rounds = rounds_.load(order::relaxed);
    for (Spin spin(rounds, pauses); spin.again();) {
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
