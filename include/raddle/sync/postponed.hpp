// What a thread has put off until it gives a lock back, waits, forks or ends: whichever comes first.
//
// For work that changes nothing for others as long as the thread has a lock, and is cheaper done at once for all
// of it. Who puts it off knows that one of these moments comes before anybody misses it. A thread that never comes
// to any of them, because it is stopped for ever, has the lock for ever.
//
// Progress: wait-free, but for the work itself. All of it belongs to one thread.
#pragma once

#include "raddle/base/config.hpp"

namespace raddle {

class Postponed;
namespace detail {
// constinit: reading it needs no initialisation guard.
inline constinit RADDLE_TLS_WORD thread_local Postponed* postponed = nullptr;
}  // namespace detail

class Postponed {
 public:
  // Does what the calling thread has put off: calls its `how`.
  static void carry_out() noexcept {
    while (detail::postponed != nullptr) [[unlikely]] {
      Postponed* work = detail::postponed;
      detail::postponed = work->next_;  // now: the work may come here itself
      work->how_(*work);
    }
  }

  using How = void (*)(Postponed&) noexcept;
  constexpr explicit Postponed(How how) noexcept : how_(how) {}

  // Not while it is put off already.
  void put_off() noexcept {
    next_ = detail::postponed;
    detail::postponed = this;
  }
  // It need not be done any more. Only by the thread that has put it off.
  void drop() noexcept {
    Postponed** link = &detail::postponed;
    while (*link != nullptr && *link != this) link = &(*link)->next_;
    if (*link != nullptr) *link = next_;
  }

 private:
  How how_;
  Postponed* next_ = nullptr;
};

}  // namespace raddle
