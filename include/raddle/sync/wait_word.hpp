// The one thing that raddle asks of an operating system: sleep until a word changes.
//
// src/core/sync/wait_word_<os>.cpp implements it, one file per system. Nothing else in raddle sleeps.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/deadline.hpp"

namespace raddle {

using WaitWord = atomic<std::uint32_t>;

// Sleeps while `word` holds `expected`, until woken, until the deadline, or for no reason at all: whoever calls
// looks at the word and the clock again. A thread that changes the word and then calls wake() ends the sleep,
// whenever it does so.
void sleep_on(const WaitWord& word, std::uint32_t expected, Deadline deadline) noexcept;

// Ends the sleep of one thread on this word. The word may be gone by now (its sleeper may have seen the
// change by itself and returned): only its address is used.
void wake(const WaitWord* word) noexcept;

}  // namespace raddle
