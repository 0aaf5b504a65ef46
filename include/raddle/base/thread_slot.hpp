// Small dense numbers for the threads that are alive, for structures that give each thread a place.
//
// A thread gets the lowest free slot at its first use and gives it back when it ends; a later thread may
// get the same one. So a table indexed by slot is as large as the most threads that were ever alive at
// once, not as the number of threads ever started. A slot is not an identity: it is reused.
//
// What reuse guarantees: slots change hands only under the registry's lock, so everything that the old
// holder did happens before anything that the next holder does.
//
// Progress: `current` is wait-free after a thread's first call; that first call and the thread's end take
// the lock for a bounded number of steps. No failure is reported: a thread that could not be given a slot,
// for want of memory or because it is ending, has kNoSlot and its callers take their locked path.
//
// Fork: the child keeps the slot of the thread that forked and frees those of all others. The lock is
// held across fork(), so the child never finds it taken or the registry half-changed; the same holds for
// whatever callers change only while they hold ThreadSlots::Lock. A handler that a program gave to
// pthread_atfork before raddle was loaded runs inside that time and must not use raddle.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/config.hpp"

namespace raddle {

using ThreadSlot = std::uint32_t;
inline constexpr ThreadSlot kNoSlot = UINT32_MAX;

namespace detail {
// Written only by its own thread. constinit: reading it needs no initialisation guard.
extern constinit RADDLE_TLS_WORD thread_local ThreadSlot this_thread_slot;
}  // namespace detail

class ThreadSlots {
 public:
  // The calling thread's slot, or kNoSlot.
  static ThreadSlot current() noexcept {
    const ThreadSlot slot = detail::this_thread_slot;
    return slot != kNoSlot ? slot : take_slow();
  }

  // `call` is made in every thread that ends and has a slot, with the slot, before it is given back; with no lock
  // held. At most one.
  static void call_at_thread_end(void (*call)(ThreadSlot) noexcept) noexcept;

  // The number of slots in use, as of some recent moment.
  static std::size_t approx_live() noexcept;

  // Holds the registry still: no slot changes hands and no fork happens while one exists. Bounded work
  // only inside: no user code, nothing that may wait.
  class Lock {
   public:
    Lock() noexcept;
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    // Does a live thread hold this slot?
    bool in_use(ThreadSlot slot) const noexcept;
  };

 private:
  static ThreadSlot take_slow() noexcept;
};

}  // namespace raddle
