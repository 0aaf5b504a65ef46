// A moment on the monotonic clock until which somebody is ready to wait, or never.
//
// Absolute, so that a wait which is interrupted and taken up again does not start its time anew.
#pragma once

#include <cstdint>

namespace raddle {

class Deadline {
 public:
  static constexpr Deadline never() noexcept { return Deadline(INT64_MAX); }
  // A moment that has passed: who waits until then only looks.
  static constexpr Deadline passed() noexcept { return Deadline(INT64_MIN); }
  static constexpr Deadline at(std::int64_t nanoseconds) noexcept { return Deadline(nanoseconds); }
  // `nanoseconds` from now; a sum beyond the clock's range is never.
  static Deadline in(std::int64_t nanoseconds) noexcept {
    std::int64_t sum;
    return __builtin_add_overflow(now(), nanoseconds, &sum) ? never() : Deadline(sum);
  }

  // The clock: nanoseconds since some moment before the process began.
  static std::int64_t now() noexcept;

  bool is_never() const noexcept { return nanoseconds_ == INT64_MAX; }
  bool has_passed() const noexcept { return !is_never() && (nanoseconds_ == INT64_MIN || now() >= nanoseconds_); }
  std::int64_t nanoseconds() const noexcept { return nanoseconds_; }

  friend constexpr Deadline earlier(Deadline a, Deadline b) noexcept {
    return a.nanoseconds_ < b.nanoseconds_ ? a : b;
  }

 private:
  constexpr explicit Deadline(std::int64_t nanoseconds) noexcept : nanoseconds_(nanoseconds) {}

  std::int64_t nanoseconds_;
};

}  // namespace raddle
