// What a thread holds: one Hold for each critical section, linked to those it lies within.
//
// A record of an access refers to the innermost Hold at the time, and so to all of them. Holds are counted and
// freed when neither the thread nor a record refers to them. All but `strict_at_release` is fixed when it is made.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/check/clocks.hpp"
#include "raddle/check/event.hpp"

namespace raddle::check {

// An immutable copy of a thread's C, shared by the holds that it released with it.
struct ClockCopy {
  VectorClock clocks;
  atomic<std::uint32_t> references{1};
};
void drop(ClockCopy* copy) noexcept;
inline ClockCopy* retain(ClockCopy* copy) noexcept {
  copy->references.fetch_add(1, order::relaxed);  // relaxed: a reference exists
  return copy;
}

struct Hold {
  atomic<std::uint32_t> references{1};
  StackId taken_at = 0;
  std::uintptr_t lock = 0;
  std::uint64_t serial = 0;  // of the critical section, never used twice; the same in a Hold made anew around it
  Hold* outer = nullptr;     // counted
  Hold* first =
      nullptr;  // counted: the Hold first made for this section, which learns of the release; null: this one
  // C at the release, but for the thread's own clock; null: not released (or without memory)
  atomic<ClockCopy*> strict_at_release{nullptr};
  Epoch released = 0;      // the thread's own; written before strict_at_release
  std::uint32_t life = 0;  // of the lock: another one may have the same word later
  bool shared = false;
};
// One lock, and not both are readers.
inline bool excludes(const Hold& one, const Hold& other) noexcept {
  return one.lock == other.lock && one.life == other.life && !(one.shared && other.shared);
}

void free_hold(Hold* hold) noexcept;
inline Hold* retain(Hold* hold) noexcept {
  if (hold != nullptr) hold->references.fetch_add(1, order::relaxed);  // relaxed: a reference exists
  return hold;
}
inline void drop(Hold* hold) noexcept {
  // acq_rel: who frees it comes after all who used it.
  if (hold != nullptr && hold->references.fetch_sub(1, order::acq_rel) == 1) free_hold(hold);
}

// Do the two hold a lock in common that keeps them apart? (Two shared holds do not.)
const Hold* common_lock(const Hold* one, const Hold* other) noexcept;
// Does a hold that spans both `from` and `to` keep `other` out?
bool spanned_by_common_lock(const Hold* from, const Hold* to, const Hold* other) noexcept;
inline bool has_lock(const Hold* holds, std::uintptr_t lock) noexcept {
  for (; holds != nullptr; holds = holds->outer) {
    if (holds->lock == lock) return true;
  }
  return false;
}
inline bool has_serial(const Hold* holds, std::uint64_t serial) noexcept {
  for (; holds != nullptr; holds = holds->outer) {
    if (holds->serial == serial) return true;
  }
  return false;
}

}  // namespace raddle::check
