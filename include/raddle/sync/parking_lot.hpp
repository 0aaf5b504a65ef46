// The parking lot: the one place where threads of raddle wait.
//
// A primitive keeps its state in words of its own and parks a thread here, under the address of one of them,
// when it must wait; whoever changes the state unparks by the same address. Idle primitives cost nothing: the
// queues of waiting threads live in buckets of the lot, found by a hash of the address. (After WebKit's ParkingLot
// by Filip Pizlo, and the lot of the same name in Rust and CPython.)
//
// No wake-up is lost: park() runs `validate` and enters the queue in one hold of the bucket's lock, and unpark
// takes the same lock. So a change of state that is made before unpark is either seen by `validate`, and the
// thread does not sleep, or finds the thread in the queue.
//
// What a wait is made of, besides sleeping, belongs to whoever embeds raddle and is given as Waiting: what to
// do around the sleep (a thread must not sleep while it holds an interpreter's thread state), how long to sleep at
// most between two looks for signals, and whether to give up. The lot calls it with no lock held, and after a
// sleep only when the thread is in no queue: an interpreter that shuts down may end the thread inside
// after_sleep(), and interrupted() may run any code, which may wait here itself and must not stand behind its own
// thread.
//
// So a thread that has looked for signals enters the queue anew, in its old turn, and `validate` is asked anew:
// what was changed meanwhile is seen there. A wait that times out or is given up takes no wake-up with it.
//
// Fork: in the child all queues are empty and all locks free. A wait that the forking thread is inside of (it
// forked in a signal handler) goes on by asking `validate`.
//
// Order of waiters per address: first in, first out. A thread that is not parked may overtake (barging).
// Progress: bucket locks are held for a walk over the bucket's queue; nothing of the caller's runs under
// them but `validate` and the callback of unpark_one, which must be short and must neither park nor unpark.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/deadline.hpp"
#include "raddle/sync/wait_word.hpp"

namespace raddle {

// How the embedding program wants threads to wait. All calls come from the waiting thread.
class Waiting {
 public:
  // Around each sleep. What after_sleep() finds on its way (an exception to raise) it keeps to itself.
  virtual void before_sleep() = 0;
  virtual void after_sleep() = 0;
  // Asked after each sleep that did not end the wait: shall it be given up? May run any code.
  virtual bool interrupted() = 0;
  // The longest sleep, in nanoseconds, after which interrupted() must be asked; INT64_MAX: it need not.
  virtual std::int64_t patience() = 0;
  // Does it make sense to look out for a moment before before_sleep()? Not while this thread holds what others
  // need to go on.
  virtual bool may_spin() { return true; }

 protected:
  ~Waiting() = default;
};

// A program without an interpreter: nothing to do around a sleep, nothing that interrupts.
class PlainWaiting final : public Waiting {
 public:
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return false; }
  std::int64_t patience() override { return INT64_MAX; }
};

class ParkingLot {
 public:
  enum class Outcome : std::uint8_t {
    not_parked,   // validate said no
    woken,        // by unpark
    timed_out,    // the deadline passed, and no wake-up had reached this thread
    interrupted,  // given up, and no wake-up had reached this thread
  };

  // What a walk sees of a waiting thread.
  struct Parked {
    const void* address;
    const char* what;      // the kind of wait, as given to park()
    std::uint64_t thread;  // the system's id of the thread
    std::int64_t since;    // Deadline::now() when it parked
  };

  // Waits until unparked. `validate()` decides under the bucket's lock whether to (go on to) wait. `what` names
  // the wait for diagnostics and must live as long as the process.
  template <class Validate>
  static Outcome park(const void* address, const char* what, Validate validate, Deadline deadline,
                      Waiting& waiting) {
    return park_if(
        address, what, [](void* context) { return (*static_cast<Validate*>(context))(); }, &validate, deadline,
        waiting);
  }

  // Wakes the first thread parked under the address. `callback(bool more)` runs under the bucket's lock before the
  // thread can run, also when there was none: `more` tells whether threads remain parked under this address.
  // Returns whether a thread was woken.
  template <class Callback>
  static bool unpark_one(const void* address, Callback callback) {
    return unpark_first(
        address, [](void* context, bool more) { (*static_cast<Callback*>(context))(more); }, &callback);
  }
  static bool unpark_one(const void* address) {
    return unpark_one(address, [](bool) {});
  }

  // Wakes all threads that are parked under the address now; returns how many. `callback()` runs under the
  // bucket's lock before any of them can.
  template <class Callback>
  static std::size_t unpark_all(const void* address, Callback callback) {
    return unpark_everyone(address, [](void* context) { (*static_cast<Callback*>(context))(); }, &callback);
  }
  static std::size_t unpark_all(const void* address) {
    return unpark_all(address, [] {});
  }

  // Calls visit(const Parked&) for every waiting thread, under the locks of the buckets in turn.
  template <class Visit>
  static void for_each(Visit visit) {
    walk([](void* context, const Parked& parked) { (*static_cast<Visit*>(context))(parked); }, &visit);
  }

 private:
  static Outcome park_if(const void* address, const char* what, bool (*validate)(void*), void* context,
                         Deadline deadline, Waiting& waiting);
  static bool unpark_first(const void* address, void (*callback)(void*, bool), void* context);
  static std::size_t unpark_everyone(const void* address, void (*callback)(void*), void* context);
  static void walk(void (*visit)(void*, const Parked&), void* context);
};

}  // namespace raddle
