// Numbers for threads that are never used twice, for words that name their owner; and what others may know of a
// thread by its number.
//
// The system's thread ids are reused, and some of them change in a forked child. These do not: they are counted up
// within a process and its forked children. 0 is no thread.
//
//   bits 0-19   the thread's slot (ThreadSlots), by which its record is found; all ones: it has none
//        20-61  the count; 4 * 10^12 threads
//        62-63  0: words that name an owner have two bits left for themselves
//
// Fork: of the threads of the parent, only the one that forked lives in the child, with its number.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/config.hpp"
#include "raddle/base/slot_table.hpp"
#include "raddle/base/thread_slot.hpp"

namespace raddle {

using ThreadId = std::uint64_t;
inline constexpr ThreadId kNoThread = 0;
inline constexpr int kThreadIdBits = 62;

namespace detail {
inline constexpr int kSlotBits = 20;
inline constexpr std::uint64_t kSlotMask = (std::uint64_t{1} << kSlotBits) - 1;

// Written only by its own thread. constinit: reading it needs no initialisation guard.
extern constinit RADDLE_TLS_WORD thread_local ThreadId this_thread_id;
ThreadId take_thread_id() noexcept;
}  // namespace detail

// The calling thread's number.
inline ThreadId this_thread_id() noexcept {
  const ThreadId id = detail::this_thread_id;
  return id != kNoThread ? id : detail::take_thread_id();
}

// The slot that is part of the number; kNoSlot if it has none.
constexpr ThreadSlot slot_of(ThreadId id) noexcept {
  const auto slot = static_cast<ThreadSlot>(id & detail::kSlotMask);
  return slot == detail::kSlotMask ? kNoSlot : slot;
}

// Was this a thread of a parent process that did not come along into this one?
bool has_vanished(ThreadId id) noexcept;

// Has this thread of this process ended? Told as long as nobody has its slot, and after: never again false.
// A thread without a slot is not known to end.
bool has_ended(ThreadId id) noexcept;

// What others may know of a live thread. All words are written by the thread itself (or, while it waits, by
// whoever moves it to another queue of the parking lot).
struct alignas(kCacheLine) ThreadRecord {
  atomic<ThreadId> id{kNoThread};  // the thread that has the slot now
  atomic<std::uint64_t> ident{0};  // the system's (pthread_self)
  // The address under which the thread is parked, or looks for signals before it goes on to wait there; null: it
  // does not wait.
  atomic<const void*> waits_at{nullptr};
  std::uint64_t turns = 0;  // how often it has entered a queue of the lot; its own
};

// The record of the slot in the number, whoever has the slot now; null if there is none. Records are never freed.
ThreadRecord* record_of(ThreadId id) noexcept;

// The live thread to which the system gave this identity, if it has a number by now; kNoThread otherwise.
ThreadId find_thread(std::uint64_t ident) noexcept;

// What every thread that ends does last: `before` others can know of its end, and when has_ended() says so
// `after`, with the thread's number. At most one pair, whose `after` is not null.
void call_at_thread_end(void (*before)() noexcept, void (*after)(ThreadId) noexcept) noexcept;

}  // namespace raddle
