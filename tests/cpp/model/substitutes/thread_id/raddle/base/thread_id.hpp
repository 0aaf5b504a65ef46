// Numbers for threads that are fibers of the explorer's, and so one thread for the shipped header.
#pragma once

#include <cstdint>

#include "model/explorer.hpp"
#include "raddle/base/slot_table.hpp"
#include "raddle/base/thread_slot.hpp"

namespace raddle {

using ThreadId = std::uint64_t;
inline constexpr ThreadId kNoThread = 0;

inline constexpr bool threads_are_fibers = true;  // the shipped header has no such name

// Who a program is while it is made, so that a thread can begin with what it has taken; kNoThread inside.
inline ThreadId acting_as = kNoThread;

inline ThreadId this_thread_id() noexcept {
  return acting_as != kNoThread ? acting_as : model::fiber_number() + 1;
}
inline ThreadSlot slot_of(ThreadId id) noexcept { return static_cast<ThreadSlot>(id); }
inline bool has_vanished(ThreadId) noexcept { return false; }  // no program of a model test forks
inline bool has_ended(ThreadId) noexcept { return false; }     // nor ends a thread that others wait for

struct ThreadRecord {
  atomic<ThreadId> id{kNoThread};
  atomic<std::uint64_t> ident{0};
  atomic<const void*> waits_at{nullptr};
};
inline ThreadRecord* record_of(ThreadId) noexcept { return nullptr; }
inline void call_at_thread_end(void (*)() noexcept, void (*)(ThreadId) noexcept) noexcept {}

}  // namespace raddle
