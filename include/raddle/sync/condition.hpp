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
// Even that can wait until the lock is given back, when all notified threads are moved one after the other, by
// notifications that were only counted before: notify_at_unlock(). The first so many records of the list are
// notified then, whatever becomes of their waits: they stay in the list.
//
// Records lie on the heap and are counted: a thread that an interpreter ends inside its wait leaves its own
// behind. The list is guarded by an IndexLock whose index is the number of records, so that notify() with nobody
// there is one load.
//
// Fork: the first who locks the list in a child makes it anew from the links forth, which are right after each
// step of a holder that vanished. It drops the records of vanished threads, and notifies those that a vanished
// thread has counted: of the thread that forked, which looks at its record when it goes on to wait.
//
// Progress: may be delayed by a peer inside the list for a handful of steps, or for n of them by a notify(n).
// Linearization points: notify(n) when it has the list's lock; so do the ends of waits that were not notified; the
// store of notify_at_unlock(n), before or after the ends of waits that it runs into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "raddle/sync/index_lock.hpp"
#include "raddle/sync/mutex.hpp"
#include "raddle/sync/postponed.hpp"

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
  // The same, but done when the calling thread gives the lock back. It has that lock, a ReentrantMutex, and so
  // have all threads that enlist, also in other calls. Until then it uses the condition, which somebody who waits
  // keeps alive for it.
  void notify_at_unlock(std::size_t n = 1) noexcept;

  std::size_t approx_waiting() const noexcept;
  // Nobody waits any more. Only where no other thread can use it, and none comes back from a wait.
  void reset() noexcept;

 private:
  std::uint64_t lock_list() noexcept;
  std::uint64_t mend() noexcept;
  void unlink(Waiter& waiter) noexcept;
  bool is_counted(const Waiter& waiter) const noexcept;
  bool give_up(Waiter& waiter) noexcept;
  void pass_on(Waiter& waiter) noexcept;
  std::size_t notify_first(std::uint64_t count, std::size_t n, bool counted) noexcept;
  void carry_out_counted() noexcept;

  // The first member, so that its address is the condition's.
  Postponed postponed_{[](Postponed& self) noexcept { reinterpret_cast<Condition&>(self).carry_out_counted(); }};
  mutable IndexLock lock_;  // guards the list; its index is the number of records
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  // How many records from the first one on are notified when the lock is given back by the thread that has
  // counted. Written by that one; 0 again when it has carried that out.
  atomic<std::uint64_t> counted_{0};
  atomic<ThreadId> counted_by_{kNoThread};
  atomic<std::uint64_t> looked_over_{0};  // forks() when the list was made anew; written under its lock
};
static_assert(std::is_standard_layout_v<Condition>);

}  // namespace raddle
