// A short bounded busy wait before a thread goes to sleep.
//
// Looks at the awaited word are spread out: on few cores a thread that looks after every pause takes the word's
// line away from the thread it waits for, and makes short sections several times slower.
#pragma once

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
  // Pauses for a moment; false when it has been going on long enough (about 10 microseconds in all).
  bool again() noexcept {
    if (rounds_ == kRounds) return false;
    ++rounds_;
    for (int i = 0; i < kPausesPerRound; ++i) pause();
    return true;
  }

 private:
  static constexpr int kRounds = RADDLE_SPIN_ROUNDS;
  static constexpr int kPausesPerRound = 30;

  int rounds_ = 0;
};

}  // namespace raddle
