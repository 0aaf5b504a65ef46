// Numbers for threads that are never used twice, for words that name their owner.
//
// The system's thread ids are reused, and some of them change in a forked child. These do not: they are counted up
// within a process and its forked children. 0 is no thread.
//
// Fork: of the threads of the parent, only the one that forked lives in the child, with its number.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/config.hpp"

namespace raddle {

using ThreadId = std::uint64_t;
inline constexpr ThreadId kNoThread = 0;

namespace detail {
// Written only by its own thread. constinit: reading it needs no initialisation guard.
extern constinit RADDLE_TLS_WORD thread_local ThreadId this_thread_id;
ThreadId take_thread_id() noexcept;
}  // namespace detail

// The calling thread's number.
inline ThreadId this_thread_id() noexcept {
  const ThreadId id = detail::this_thread_id;
  return id != kNoThread ? id : detail::take_thread_id();
}

// Was this a thread of a parent process that did not come along into this one?
bool has_vanished(ThreadId id) noexcept;

}  // namespace raddle
