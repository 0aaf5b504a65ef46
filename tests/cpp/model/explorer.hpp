// Runs a small concurrent program once for every order in which its threads' operations can come, as far as
// orders differ in what they mean.
//
// The threads are fibers of one system thread. Every operation of raddle::atomic, every sleep and wake of the wait
// words and every operation of a lock that the explorer knows first comes here (model_atomic.hpp,
// model_wait_word.cpp, substitutes/), and the explorer decides who goes next. It follows each order to its end,
// then goes back to the last place where another choice can matter: dynamic partial-order reduction with source
// sets (Abdulla, Aronis, Jonsson, Sagonas, POPL 2014; with the sets of Flanagan and Godefroid, POPL 2005, sleep
// sets prune too much). Of orders that differ only by exchanging neighbours that commute one is run to its end
// (sleep sets, Godefroid 1996). What commutes: operations on different words, two reads, two begins of calls or
// two ends, and a wake with a read or a write, as it moves sleepers and leaves the value alone. What never has a
// choice is not tried either: an unlock and a lock of the same lock, a wake and the going on of a sleeper without
// a time limit. That nothing is missed is tested against all orders of small programs (explorer_test.cpp).
//
// What is between two operations of a thread runs in one piece, also accesses to plain data. So plain data must be
// a thread's own or guarded by a lock: the explorer cannot see that a guard is missing, unless what the data
// guards goes wrong through the operations that it does see.
//
// There is no bound: an exploration ends when nothing is left, or with a failure. Failures are: an execution in
// which all threads that have not ended wait (for a wake-up or for a lock), one that does not end, an unlock by
// somebody who does not hold the lock, a lock held at the end, and a check at the end that says no.
//
// It explores interleavings, that is, sequentially consistent executions. What weaker orders of the hardware
// allow is argued in the comments at the operations. A sleep ends by a wake or a timeout, never for no reason; of
// several sleepers a wake takes the first in the program's list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raddle::model {

// One execution: bodies that share what they capture, and a check of what they left.
struct Program {
  std::vector<std::function<void()>> threads;  // at most kMostThreads
  std::function<bool()> holds_at_end = [] { return true; };
};

inline constexpr std::size_t kMostThreads = 8;

struct Exploration {
  long executions = 0;  // with the repeated ones
  long repeated = 0;    // those that turned out on the way to mean the same as an earlier one
  std::string failure;  // empty: every execution ended and held
};

// `every_order` is for tests of the explorer itself: all orders, also those that mean the same.
enum class Orders : std::uint8_t { that_differ, every_order };

// `make` is called for each execution and must make the program from nothing. What outlives the execution, the
// parking lot's queues for instance, every execution leaves as it found it: also one that is known to be a
// repetition runs to its end. After a failure that is not so; expect one in a process of its own.
Exploration explore(const std::function<Program()>& make, Orders orders = Orders::that_differ);

// --- for the seams; the calling fiber waits for its turn, then does what it says up to its next call ---

enum class Access : std::uint8_t { read, write };

// The calling fiber is about to access the word. No effect outside an exploration, like all of these but sleep().
void before(const void* word, Access access);

// A lock that is one operation, for programs that use a lock which has a model test of its own. The address is its
// name; the explorer keeps who holds it.
// Waits until nobody holds the lock and takes it in the same step.
void lock(const void* lock);
// Frees it. Plain data that is published by the unlock is changed just after this call, in the same step; a look
// at it without the lock is before(lock, Access::read) and then a plain read. It cannot tell whether the lock is
// held.
void unlock(const void* lock);

// A call of what is tested begins, or has ended. So that which calls had ended when another one began, the order
// in which a history is judged (history.hpp), comes out in every way that it can.
void begin_call();
void end_call();

// Falls asleep on the word if `shall()`, in one step. Ends when woken, or, if `can_time_out`, at any time.
enum class Slept : std::uint8_t { not_at_all, until_woken, until_timeout };
Slept sleep(const void* word, const std::function<bool()>& shall, bool can_time_out);
// Wakes one sleeper, if there is one. Only the word's address is used.
void wake(const void* word);

// A clock of the calling fiber's own, and its number, from 0; of who makes a program or checks it, kMostThreads.
std::int64_t& fiber_clock();
std::size_t fiber_number();

}  // namespace raddle::model
