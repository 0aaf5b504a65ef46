// Numbers for threads that are fibers of the explorer's, and so one thread for the shipped header.
#pragma once

#include <cstdint>

#include "model/explorer.hpp"

namespace raddle {

using ThreadId = std::uint64_t;
inline constexpr ThreadId kNoThread = 0;

inline constexpr bool threads_are_fibers = true;  // the shipped header has no such name

inline ThreadId this_thread_id() noexcept { return model::fiber_number() + 1; }
inline bool has_vanished(ThreadId) noexcept { return false; }  // no program of a model test forks

}  // namespace raddle
