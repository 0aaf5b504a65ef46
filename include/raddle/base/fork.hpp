// How a child of fork() recognises what the threads of its parent left behind.
//
// Of all threads only the one that forked lives on in the child; the others have vanished at whatever
// instruction they were. A word that names its holder together with the count of forks tells the child, when it
// comes across the word, that nobody will ever release it. So no list of everything that can be held is needed.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"

namespace raddle {

namespace detail {
// Written only in a child that has one thread.
extern constinit atomic<std::uint64_t> forks;
}  // namespace detail

// How often this process and its ancestors are children of a fork.
inline std::uint64_t forks() noexcept {
  return detail::forks.load(order::relaxed);  // relaxed: changes only while there is one thread
}

// A child of fork() that sees a store made after this call sees all stores made before it. For what a thread
// writes step by step under a lock, in case it vanishes between two steps.
inline void order_steps_for_fork() noexcept { fence(order::release); }

}  // namespace raddle
