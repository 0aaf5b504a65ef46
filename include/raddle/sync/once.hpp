// Runs something once for all threads: one attempt at it, and those who wait for its outcome.
//
// An Attempt is one run of a factory by one thread. It begins running, ends once, and stays as it ended:
//
//   word_                   meaning                             next
//   runner, no sleepers     running                             sleepers (who waits), any end (the runner)
//   runner, sleepers        running, somebody may be parked     any end (the runner)
//   succeeded               the result is there                 -
//   failed                  what went wrong is there            -
//   given up                no outcome: who wants one begins    -
//                           another attempt
//   runner that is gone     as given up, and becomes that when somebody comes
//
// The result, or the failure, is the embedder's: written by the runner before it says how the attempt ended, read
// by others after they have seen that.
//
// Which attempt counts is decided where attempts are kept (Place): there one step puts the calling thread's
// attempt in the place of none or of one that ended without success, and who does not succeed in that finds
// another one. So there is one runner at a time, and nobody runs again what has succeeded. enter_once() is the
// loop around both.
//
// A failure belongs to those who wait when it happens; an attempt that nobody waits for, therefore, is just given
// up (end_in_failure()), and who comes later begins anew.
//
// What is waited for: the runner. Cycles of such waits are deadlocks (deadlock.hpp); a thread that comes to its
// own attempt is told at once. Threads that end, or vanish in a fork, end their attempts as given up.
//
// No wake-up is lost: a sleeper says that it is there and parks in one hold of its bucket's lock, and the end
// exchanges the word and so sees it, or came first and is seen. Progress: blocking, by intent. Linearization
// points: of an end the exchange; of a wait the load that sees the end.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

class Attempt {
 public:
  enum class State : std::uint8_t { running, succeeded, failed, given_up };
  enum class Outcome : std::uint8_t {
    ended,
    own,          // it is the calling thread that runs it
    interrupted,  // the wait was given up
  };

  // The calling thread is going to run it.
  Attempt() noexcept : word_(this_thread_id() << kShift) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  State state() const noexcept { return state_of(word_.load(order::acquire)); }  // acquire, pairs with end()
  // Who runs it; kNoThread: it has ended.
  ThreadId runner() const noexcept { return runner_of(word_.load(order::relaxed)); }  // relaxed: as of some moment

  // By the runner.
  void end(State how) noexcept {
    // release, pairs with the acquires of who sees the end: the outcome is visible. Of who sleeps it needs no more
    // than the bit.
    const std::uint64_t before = word_.exchange(word_of(how), order::release);
    if ((before & kSleepers) != 0) ParkingLot::unpark_all(&word_);
  }
  // By the runner. True: nobody waits, and it has ended as given up. False: it is still running; the failure is
  // wanted.
  bool end_in_failure() noexcept {
    std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
    // release, pairs with state(): as in end()
    return (seen & kSleepers) == 0 &&
           word_.compare_exchange_strong(seen, word_of(State::given_up), order::release, order::relaxed);
  }

  // Waits for the end. `alone`: no other thread will ever run again, so all other runners are gone. `what` as in
  // ParkingLot::Wait.
  Outcome wait(const char* what, bool alone, Waiting& waiting);

  std::size_t approx_waiting() const { return ParkingLot::approx_waiting(&word_); }

 private:
  //   bit 0     sleepers  somebody may be parked here; set under the bucket's lock
  //       1     ended     the rest is a State, otherwise the runner's ThreadId
  static constexpr std::uint64_t kSleepers = 1, kEnded = 2;
  static constexpr int kShift = 2;

  static constexpr std::uint64_t word_of(State how) noexcept {
    return static_cast<std::uint64_t>(how) << kShift | kEnded;
  }
  static constexpr State state_of(std::uint64_t word) noexcept {
    return (word & kEnded) != 0 ? static_cast<State>(word >> kShift) : State::running;
  }
  static constexpr ThreadId runner_of(std::uint64_t word) noexcept {
    return (word & kEnded) != 0 ? kNoThread : word >> kShift;
  }

  class Edge;
  bool must_wait() noexcept;
  void give_up_for(ThreadId runner) noexcept;

  atomic<std::uint64_t> word_;
};

// Where the attempts at one result are kept.
enum class Look : std::uint8_t {
  ready,   // there is a result
  mine,    // there was none, and no attempt that runs: an attempt of the calling thread is there now
  other,   // an attempt that was running: place.attempt()
  failed,  // the place could not be read or changed
};

// What the calling thread is to do.
enum class Entry : std::uint8_t {
  ready,        // use the result
  run,          // run the factory, and end place.attempt()
  failure,      // place.attempt() has failed while this thread waited
  own,          // this thread is running place.attempt()
  interrupted,  // the wait was given up
  failed,       // as Look::failed
};

// Place: look() as above; attempt(), which stays valid until the next look().
template <class Place>
Entry enter_once(Place& place, const char* what, bool alone, Waiting& waiting) {
  for (;;) {
    switch (place.look()) {
      case Look::ready:
        return Entry::ready;
      case Look::mine:
        return Entry::run;
      case Look::failed:
        return Entry::failed;
      case Look::other:
        break;
    }
    switch (place.attempt().wait(what, alone, waiting)) {
      case Attempt::Outcome::own:
        return Entry::own;
      case Attempt::Outcome::interrupted:
        return Entry::interrupted;
      case Attempt::Outcome::ended:
        if (place.attempt().state() == Attempt::State::failed) return Entry::failure;
        break;  // the place knows the result, or is to be asked whose turn it is
    }
  }
}

}  // namespace raddle
