// A Mutex that the explorer knows as one operation, for what is built on it. It waits without a limit: that waits
// for the shipped one end by timeouts and interrupts is explored with that one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/explorer.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

enum class LockStyle : std::uint8_t { owned, signal };
enum class LockOutcome : std::uint8_t { taken, owner_died, timed_out, interrupted };

class Mutex {
 public:
  static constexpr bool is_one_operation = true;  // the shipped one has no such name

  constexpr explicit Mutex(const char* what, bool = false) noexcept : what_(what) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  LockOutcome lock(LockStyle, Deadline, Waiting&) {
    if (acting_as != kNoThread)
      first_ = first_has_it_ = true;
    else
      lock_inside();
    taker_ = this_thread_id();
    return LockOutcome::taken;
  }
  bool unlock() noexcept {
    if (!first_has_it_) {
      model::unlock(this);
      taker_ = kNoThread;
      return true;
    }
    model::wake(this);
    first_has_it_ = false;
    taker_ = kNoThread;
    model::wake(this);  // there are two others at most
    return true;
  }
  bool is_mine() const noexcept {
    return taker_ == this_thread_id();
  }  // of its own id a thread knows the last write
  ThreadId taker() const noexcept { return taker_; }
  std::size_t approx_waiting() const { return 0; }
  const char* what() const noexcept { return what_; }

 private:
  void lock_inside() {
    if (first_) model::sleep(this, [this] { return first_has_it_; }, false);
    model::lock(this);
  }

  ThreadId taker_ = kNoThread;
  bool first_ = false;  // a thread had it when the program began
  bool first_has_it_ = false;
  const char* what_;
};

}  // namespace raddle
