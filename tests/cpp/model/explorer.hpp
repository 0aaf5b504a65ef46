// Runs a small concurrent program once for every order in which its threads' operations can come, as far as
// orders differ in what they mean.
//
// The threads are fibers of one system thread. Every operation of raddle::atomic and every sleep and wake of the
// wait words (model_atomic.hpp, model_wait_word.cpp) first comes here, and the explorer decides who goes next. It
// follows each order to its end, then goes back to the last place where another choice can matter: dynamic
// partial-order reduction (Flanagan and Godefroid, POPL 2005). Two operations commute unless they touch the same
// word and one of them writes; of orders that differ only by commuting operations one is run (sleep sets,
// Godefroid 1996).
//
// It explores interleavings, that is, sequentially consistent executions. What weaker orders of the hardware
// allow is argued in the comments at the operations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raddle::model {

// One execution: bodies that share what they capture, and a check of what they left.
struct Program {
  std::vector<std::function<void()>> threads;
  std::function<bool()> holds_at_end = [] { return true; };
};

struct Exploration {
  long executions = 0;
  std::string failure;  // empty: every execution ended and held
};

// `make` is called for each execution and must make the program from nothing.
Exploration explore(const std::function<Program()>& make);

// --- for the seams ---

enum class Access : std::uint8_t { read, write };

// The calling fiber is about to access the word. No effect outside an exploration.
void before(const void* word, Access access);
// Ends when woken, or, if `can_time_out`, at any time: returns whether it was woken.
bool sleep(const void* word, bool can_time_out);
void wake_sleepers(const void* word);
// A clock of the calling fiber's own.
std::int64_t& fiber_clock();

}  // namespace raddle::model
