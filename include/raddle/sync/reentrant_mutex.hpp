// ReentrantMutex: a Mutex that its owner may take again, and frees when it has been given back as often.
//
// The depth is a plain number that only the owner touches. A thread that has it never waits for it. Only the owner
// gives it back, which is a moment for what it has put off (postponed.hpp).
#pragma once

#include <cstdint>

#include "raddle/sync/mutex.hpp"
#include "raddle/sync/postponed.hpp"

namespace raddle {

class ReentrantMutex {
 public:
  constexpr explicit ReentrantMutex(const char* what) noexcept : mutex_(what, true) {}

  // Takes it if it is free and nobody waits in line, or is this thread's own; no more than a hint otherwise.
  bool try_lock_fast() noexcept {
    if (mutex_.try_lock_fast(LockStyle::owned)) [[likely]]
      return depth_ = 1, true;
    return is_mine() && (++depth_, true);
  }
  LockOutcome lock(Deadline deadline, Waiting& waiting) {
    if (try_lock_fast()) return LockOutcome::taken;
    const LockOutcome outcome = mutex_.lock(LockStyle::owned, deadline, waiting);
    if (outcome == LockOutcome::taken || outcome == LockOutcome::owner_died) depth_ = 1;
    return outcome;
  }
  // False: the calling thread does not have it.
  bool unlock() noexcept {
    if (!is_mine()) return false;
    if (--depth_ == 0) free();
    return true;
  }
  // Gives all of it back; for waiting on a condition. The depth, for set_depth() when it is taken again.
  std::uint64_t unlock_all() noexcept {
    const std::uint64_t depth = depth_;
    depth_ = 0;
    free();
    return depth;
  }
  void set_depth(std::uint64_t depth) noexcept { depth_ = depth; }

  bool is_mine() const noexcept { return mutex_.is_mine(); }
  std::uint64_t depth() const noexcept { return is_mine() ? depth_ : 0; }
  Mutex& mutex() noexcept { return mutex_; }
  const Mutex& mutex() const noexcept { return mutex_; }
  void reset() noexcept {
    mutex_.reset();
    depth_ = 0;
    Postponed::carry_out();  // wakes: it is free
  }

 private:
  void free() noexcept {
    Postponed::carry_out();
    mutex_.unlock();
  }

  Mutex mutex_;
  std::uint64_t depth_ = 0;  // the owner's
};

}  // namespace raddle
