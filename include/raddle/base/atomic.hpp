// The seam through which every algorithm of raddle reaches atomics and memory orders.
//
// All headers name `raddle::atomic` and `raddle::order::...`, never std::atomic directly, so that a test can
// put a type of its own here, one that lets other threads run between any two operations, and so test the
// shipped files instead of copies. Every operation spells its order.
#pragma once

#include <atomic>

#ifdef RADDLE_ATOMIC_HEADER
#include RADDLE_ATOMIC_HEADER  // defines raddle::atomic
#else
namespace raddle {
template <class T>
using atomic = std::atomic<T>;
}
#endif

namespace raddle {

namespace order {
using enum std::memory_order;
}

// Orders memory without naming a word. ThreadSanitizer does not understand it: not for what threads tell each
// other.
inline void fence(std::memory_order memory_order) noexcept { std::atomic_thread_fence(memory_order); }

}  // namespace raddle
