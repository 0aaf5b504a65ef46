// OwnerLock: a lock that may be held while the caller's code runs, which may come back to it.
//
// It knows its owner, so a thread that comes back is told that the lock is its own, instead of waiting for itself.
// Waiting for it is an ordinary wait: detached, open to interrupts, without a time limit.
//
// One word: the owner's ThreadId, or 0. Whoever finds it held waits in the room until it is free.
// Fork: a lock whose owner vanished counts as free; what it guards is as the owner left it.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/sync/waiting_room.hpp"

namespace raddle {

class OwnerLock {
 public:
  enum class Outcome : std::uint8_t {
    taken,
    taken_over,   // from an owner that vanished in a fork
    mine_before,  // nothing has changed: only who has taken it unlocks it
    interrupted,
  };

  Outcome lock(Waiting& waiting) {
    const ThreadId me = this_thread_id();
    for (;;) {
      ThreadId owner = kNoThread;
      // seq_cst, pairs with unlock(): what the last owner wrote is visible
      if (owner_.compare_exchange_strong(owner, me, order::seq_cst, order::seq_cst)) [[likely]]
        return Outcome::taken;
      if (owner == me) return Outcome::mine_before;
      if (has_vanished(owner)) {
        if (owner_.compare_exchange_strong(owner, me, order::seq_cst, order::seq_cst)) return Outcome::taken_over;
        continue;
      }
      const auto is_free = [this] { return is_free_now(); };
      if (room_.wait("lock of a priority queue", is_free, Deadline::never(), waiting) ==
          WaitingRoom::Outcome::interrupted)
        return Outcome::interrupted;
    }
  }

  void unlock() noexcept {
    owner_.store(kNoThread, order::seq_cst);
    room_.announce();
  }

  bool is_mine() const noexcept {
    return owner_.load(order::relaxed) == this_thread_id();  // relaxed: only this thread writes its own id
  }

 private:
  bool is_free_now() const noexcept {
    const ThreadId owner = owner_.load(order::seq_cst);
    return owner == kNoThread || has_vanished(owner);
  }

  atomic<ThreadId> owner_{kNoThread};
  WaitingRoom room_;
};

}  // namespace raddle
