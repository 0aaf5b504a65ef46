// Condition: threads that have a lock wait, without it, until another thread notifies them.
//
//   waiting thread                                         other thread, with the lock
//   has the lock; enlist(); gives the lock back;           notify(n)
//   sleep(); takes the lock again
//
// Each waiting thread has a record in a list, oldest first. It enters the list before it gives the lock back, so a
// notification that comes after that reaches it, wherever the thread is. Every notification is for one record and
// is told to it: no wait ends for nothing.
//
// Wait morphing: a notified thread could not go on while the notifier has the lock. So with a raddle lock it is
// not woken but moved to the queue of those who wait for the lock: notify() asks nothing of the system, and
// notify_all() wakes no herd. With any other lock it is woken.
//
// A wait that ends by its time limit when it has been notified counts as notified. One that is interrupted then
// passes the notification on to the next.
//
// Records lie on the heap and are counted: a thread that an interpreter ends inside its wait leaves its own
// behind. The list is guarded by an IndexLock whose index is the number of records, so that notify() with nobody
// there is one load.
//
// Fork: records of vanished threads are passed over and freed. A holder of the lock that vanished may have left
// the links back and the number wrong, which are made anew from the links forth; those are right after each of its
// steps.
//
// Progress: may be delayed by a peer inside the list for a handful of steps, or for n of them by a notify(n).
// Linearization points: notify(n) when it has the list's lock; so do the ends of waits that were not notified.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/sync/index_lock.hpp"
#include "raddle/sync/mutex.hpp"

namespace raddle {

class Condition {
 public:
  class Waiter;

  enum class Outcome : std::uint8_t {
    notified,
    notified_with_lock,  // and the lock, a Mutex, was handed over
    timed_out,
    interrupted,
  };

  static constexpr std::size_t kAll = SIZE_MAX;

  constexpr Condition() noexcept = default;
  ~Condition();
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  // A wait begins. `mutex`, of which the caller has a lock in this style, or null: another kind of lock. All waits
  // of one condition are with the same lock, which lives as long as the condition. Null: no memory, nothing has
  // happened.
  Waiter* enlist(Mutex* mutex, LockStyle style) noexcept;
  // The wait, when the lock has been given back. Ends the waiter's life.
  Outcome sleep(Waiter* waiter, Deadline deadline, Waiting& waiting);
  // Instead of sleep(): the wait does not take place.
  void withdraw(Waiter* waiter) noexcept;

  // All of it for programs without an interpreter: the caller has the mutex, taken in the style `owned`, before
  // and after. False: timed out. MemoryError has no place here: without memory it returns at once, as if notified.
  bool wait(Mutex& mutex, Deadline deadline = Deadline::never());

  // Notifies the n that have waited longest, or all there are; returns how many.
  std::size_t notify(std::size_t n = 1) noexcept;
  std::size_t notify_all() noexcept { return notify(kAll); }

  std::size_t approx_waiting() const noexcept;
  // Nobody waits any more. Only where no other thread can use it, and none comes back from a wait.
  void reset() noexcept;

 private:
  std::uint64_t lock_list() noexcept;
  std::uint64_t mend() noexcept;
  void unlink(Waiter& waiter) noexcept;
  bool give_up(Waiter& waiter) noexcept;

  mutable IndexLock lock_;  // guards the list; its index is the number of records
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

}  // namespace raddle
