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
// Deadlocks: who waits for what threads do says so (Awaited). A wait without a time limit that has gone on for
// about 10 ms looks whether it is part of a cycle (deadlock.hpp); until then nobody pays for that. Threads that
// end wake those who wait for them.
//
// Order of waiters per address: first in, first out. A thread that is not parked may overtake (barging), unless
// the waker hands over what the first one waits for. Progress: bucket locks are held for a walk over the bucket's
// queue; nothing of the caller's runs under them but `validate`, the callbacks and Awaited, which must be short
// and must neither park nor unpark.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "raddle/base/config.hpp"
#include "raddle/base/deadline.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/sync/wait_word.hpp"

namespace raddle {

class Deadlock;

// Who must act before a wait can end: any cycle of such waits without time limits is a deadlock.
class Awaited {
 public:
  using Visit = bool (*)(void* context, ThreadId owner);
  // Calls visit for each of these threads until it returns false. Called by any thread, under a bucket's lock.
  virtual void for_each_owner(Visit visit, void* context) const = 0;

  bool is_owned_by(ThreadId id) const;

 protected:
  ~Awaited() = default;
};

// How the embedding program wants threads to wait. All calls but retain_subject() come from the waiting thread.
class Waiting {
 public:
  // Before the thread enters a queue, each time it does. May run any code, which may wait here itself.
  virtual void before_queue() {}
  // Around each sleep, before_sleep() in the queue: it runs no code that could wait. What after_sleep() finds on
  // its way (an exception to raise) it keeps to itself.
  virtual void before_sleep() = 0;
  virtual void after_sleep() = 0;
  // Asked after each sleep that did not end the wait: shall it be given up? May run any code.
  virtual bool interrupted() = 0;
  // The longest sleep, in nanoseconds, after which interrupted() must be asked; INT64_MAX: it need not.
  virtual std::int64_t patience() = 0;
  // Does it make sense to look out for a moment before before_sleep()? Not while this thread holds what others
  // need to go on.
  virtual bool may_spin() { return true; }
  // After after_sleep(), when this wait is the latest of a cycle: shall it be given up?
  virtual bool deadlocked(Deadlock&) { return false; }
  // The embedder's object that is waited for, kept alive by this call. Called under a bucket's lock by a thread
  // between its after_sleep() and before_sleep().
  virtual void* retain_subject() { return nullptr; }
  // Asked by the waker, under a bucket's lock: if what is waited for is handed over, will the thread go on with
  // it? Not if its embedder is ending it.
  virtual bool will_come_back() { return true; }

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
    handed_over,  // by unpark, which has given this thread what it waits for
    timed_out,    // the deadline passed, and no wake-up had reached this thread
    interrupted,  // given up, and no wake-up had reached this thread
  };

  // What is waited for. `what` names the kind of wait for diagnostics and lives as long as the process.
  struct Wait {
    const void* address;
    const char* what;
    const Awaited* awaited = nullptr;  // null: nobody in particular
    std::uint64_t tag = 0;             // the waiting thread's message to its waker
    // Deadline::now() when the thread began to wait for this, if it has been woken in vain before: it keeps its
    // turn.
    std::int64_t since = 0;
    const void* primitive = nullptr;  // for observers; null: the address
  };

  // What others see of a waiting thread.
  struct Parked {
    const void* address;
    const char* what;
    const Awaited* awaited;
    std::uint64_t tag;
    ThreadId thread_id;
    std::uint64_t thread;  // the system's id of the thread
    std::int64_t since;    // Deadline::now() when it parked, or was moved here
    std::uint64_t turn;    // of all turns of this thread in the lot's queues
    bool has_deadline;
    Waiting* waiting;

    // Has it waited so long that nobody may overtake it any more? Then it gets what it waits for handed over.
    bool is_due() const noexcept {
      return Deadline::now() - since >= RADDLE_FAIR_AFTER && waiting->will_come_back();
    }
  };

  // Waits until unparked. `validate()` decides under the bucket's lock whether to (go on to) wait.
  template <class Validate>
  static Outcome park(const Wait& wait, Validate validate, Deadline deadline, Waiting& waiting) {
    return park_if(
        wait, [](void* context) { return (*static_cast<Validate*>(context))(); }, &validate, deadline, waiting);
  }
  template <class Validate>
  static Outcome park(const void* address, const char* what, Validate validate, Deadline deadline,
                      Waiting& waiting) {
    return park(Wait{address, what}, validate, deadline, waiting);
  }

  // Wakes the first thread parked under the address. The callback runs under the bucket's lock before the thread
  // can run, also when there was none: `more` tells whether threads remain parked under this address. It is
  //   void callback(bool more),   or
  //   bool callback(const Parked* first, bool more), which returns whether it has handed over what `first`
  //   (null: nobody) waits for.
  // Returns whether a thread was woken.
  template <class Callback>
  static bool unpark_one(const void* address, Callback callback) {
    return unpark_first(
        address,
        [](void* context, const Parked* first, bool more) {
          Callback& call = *static_cast<Callback*>(context);
          if constexpr (std::is_invocable_v<Callback&, const Parked*, bool>) {
            return call(first, more);
          } else {
            call(more);
            return false;
          }
        },
        &callback);
  }
  static bool unpark_one(const void* address) {
    return unpark_one(address, [](bool) {});
  }

  // Wakes all threads that are parked under the address now; returns how many. First of all, under the bucket's
  // lock, `hand_over(const Parked&)` is called for each of them, which returns whether it has given it what it
  // waits for; then `callback()`, before any of them can run.
  template <class HandOver, class Callback>
  static std::size_t unpark_all(const void* address, HandOver hand_over, Callback callback) {
    struct Calls {
      HandOver& hand_over;
      Callback& callback;
    } calls{hand_over, callback};
    return unpark_everyone(
        address,
        [](void* context, const Parked& parked) { return static_cast<Calls*>(context)->hand_over(parked); },
        [](void* context) { static_cast<Calls*>(context)->callback(); }, &calls);
  }
  template <class Callback>
  static std::size_t unpark_all(const void* address, Callback callback) {
    return unpark_all(address, [](const Parked&) { return false; }, callback);
  }
  static std::size_t unpark_all(const void* address) {
    return unpark_all(address, [] {});
  }

  // Makes the first thread parked under `address` wait for `next` instead, behind those who do already, if
  // `must_wait()` says so under the locks of both buckets; wakes it otherwise. The thread is told nothing:
  // whatever wakes it, it looks at its own words. False: nobody was parked there.
  template <class MustWait>
  static bool requeue_one(const void* address, const Wait& next, MustWait must_wait) {
    return requeue_first(
        address, next, [](void* context) { return (*static_cast<MustWait*>(context))(); }, &must_wait);
  }

  // Wakes everybody who waits for this thread, which calls it at its end.
  static void wake_those_who_wait_for(ThreadId id) noexcept;

  enum class Whereabouts : std::uint8_t {
    running,    // it does not wait
    unsettled,  // it is about to wait, or looks for signals and then waits on
    parked,
  };
  // Where a thread is; if it is parked, visit(const Parked&) is called under the bucket's lock.
  template <class Visit>
  static Whereabouts find(ThreadId id, Visit visit) {
    return find_thread_parked(
        id, [](void* context, const Parked& parked) { (*static_cast<Visit*>(context))(parked); }, &visit);
  }

  // Calls visit(const Parked&) for every waiting thread, under the locks of the buckets in turn.
  template <class Visit>
  static void for_each(Visit visit) {
    walk([](void* context, const Parked& parked) { (*static_cast<Visit*>(context))(parked); }, &visit);
  }

  // How many threads wait under the address, counted in the same way.
  static std::size_t approx_waiting(const void* address) {
    std::size_t count = 0;
    for_each([&](const Parked& parked) { count += parked.address == address ? 1 : 0; });
    return count;
  }

 private:
  static Outcome park_if(const Wait& wait, bool (*validate)(void*), void* context, Deadline deadline,
                         Waiting& waiting);
  static bool unpark_first(const void* address, bool (*callback)(void*, const Parked*, bool), void* context);
  static std::size_t unpark_everyone(const void* address, bool (*hand_over)(void*, const Parked&),
                                     void (*callback)(void*), void* context);
  static bool requeue_first(const void* address, const Wait& next, bool (*must_wait)(void*), void* context);
  static Whereabouts find_thread_parked(ThreadId id, void (*visit)(void*, const Parked&), void* context);
  static void walk(void (*visit)(void*, const Parked&), void* context);
};

}  // namespace raddle
