#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "raddle/sync/wait_word.hpp"

namespace raddle {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

std::int64_t Deadline::now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec;
}

// FUTEX_WAIT_BITSET takes an absolute time on the monotonic clock. Its errors all mean: look again.
void sleep_on(const WaitWord& word, std::uint32_t expected, Deadline deadline) noexcept {
  static_assert(sizeof(WaitWord) == sizeof(std::uint32_t), "the kernel looks at the word itself");
  timespec until{};
  if (!deadline.is_never()) {
    if (deadline.nanoseconds() <= 0) return;
    until.tv_sec = deadline.nanoseconds() / kNanosecondsPerSecond;
    until.tv_nsec = deadline.nanoseconds() % kNanosecondsPerSecond;
  }
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline.is_never() ? nullptr : &until, nullptr,
          FUTEX_BITSET_MATCH_ANY);
}

void wake(const WaitWord* word) noexcept { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

}  // namespace raddle
