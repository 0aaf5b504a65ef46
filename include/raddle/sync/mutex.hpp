// Mutex: the lock in one word that all locks for users are made of.
//
//   bit  0      sleepers  somebody may be parked here; set under the bucket's lock in the parking lot
//        1      signal    taken as a signal: whoever pleases may release it, so its taker is no owner
//        2-63   taker     the ThreadId of who has taken it; 0: free
//
// An uncontended lock is one compare-and-exchange, an unlock another one; both write this word only.
//
// Order: a thread that comes may overtake those that wait (barging), which keeps the lock busy while a waiter
// wakes up. But who has waited for a millisecond gets the lock handed over at the next unlock, in the order of
// arrival: so nobody waits for ever. (Eventual fairness, after WebKit's WTF::Lock.)
//
// What is waited for: the taker, unless it took the lock as a signal. A cycle of such waits is a deadlock
// (deadlock.hpp). A thread that waits for what it has taken itself is a cycle of one.
//
// Ended threads: a lock of kind `robust` that a thread still has when it ends goes to the next who comes, who is
// told. Fork: a lock whose taker vanished counts as free; what it guards is as the taker left it.
//
// Progress: may wait for a preempted holder. Linearization points: the compare-and-exchange that takes it, or the
// one that hands it over; the exchange that frees it.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/spin.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/diag/observers.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

enum class LockStyle : std::uint8_t {
  owned,   // the taker will release it
  signal,  // anybody may
};

enum class LockOutcome : std::uint8_t {
  taken,
  owner_died,   // taken; the thread that had it has ended without releasing it
  timed_out,    // nothing has changed, as with the following
  interrupted,  // given up: Waiting knows why
};

class Mutex {
  static constexpr std::uint64_t kSleepers = 1, kSignal = 2, kFlags = 3;

 public:
  // `what` is the kind of the lock in diagnostics and lives as long as the process.
  constexpr explicit Mutex(const char* what, bool robust = false) noexcept : what_(what), robust_(robust) {}
  // Taken from the beginning: by a thread that has shown it to nobody yet.
  constexpr Mutex(const char* what, bool robust, ThreadId owner) noexcept
      : word_(word_of(owner, LockStyle::owned)), what_(what), robust_(robust) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // Takes the lock if it is free and nobody waits in line; no more than a hint otherwise.
  bool try_lock_fast(LockStyle style) noexcept {
    std::uint64_t seen = 0;
    // acquire, pairs with the release in unlock(): what the last holder wrote is visible
    if (!word_.compare_exchange_strong(seen, word_of(this_thread_id(), style), order::acquire, order::relaxed))
        [[unlikely]]
      return false;
    tell(&Observers::acquired, {this, what_});
    return true;
  }

  // A deadline that has passed: only tries.
  LockOutcome lock(LockStyle style, Deadline deadline, Waiting& waiting) {
    return try_lock_fast(style) ? LockOutcome::taken : lock_slow(style, deadline, waiting);
  }

  // False, and nothing has changed: nobody has it.
  bool unlock() noexcept {
    const char* what =
        what_;  // now: once it is free, whoever takes it next may be the last to need it, and free its memory
    std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
    // release, pairs with the acquires of who takes it next: what this holder wrote is visible
    if ((seen & kSleepers) != 0 || taker_of(seen) == kNoThread ||
        !word_.compare_exchange_strong(seen, 0, order::release, order::relaxed)) [[unlikely]]
      return unlock_slow();
    tell(&Observers::released, {this, what});
    return true;
  }

  bool is_mine() const noexcept { return taker() == this_thread_id(); }
  // Who has it, if that thread lives.
  ThreadId taker() const noexcept {
    // relaxed: others may know any moment later; of its own id a thread knows the last write, its own
    const ThreadId id = taker_of(word_.load(order::relaxed));
    return id != kNoThread && has_vanished(id) ? kNoThread : id;
  }
  bool is_locked() const noexcept { return taker() != kNoThread; }
  // The thread that must act before the lock is free; kNoThread: whoever pleases, or nobody need.
  ThreadId owner() const noexcept {
    const std::uint64_t word = word_.load(order::relaxed);  // relaxed: read again by who draws conclusions
    return (word & kSignal) != 0 ? kNoThread : taker_of(word);
  }
  // From now on a lock of kind `robust`. Only where no other thread can use it.
  void make_robust() noexcept { robust_ = true; }
  // Free and without waiters, whoever has it. Only where no other thread can use it.
  void reset() noexcept { word_.store(0, order::relaxed); }  // relaxed: so nobody sees it

  // The wait for this lock, as deadlock detection sees it.
  class Edge final : public Awaited {
   public:
    explicit Edge(const Mutex& mutex) noexcept : mutex_(mutex) {}
    void for_each_owner(Visit visit, void* context) const override {
      if (const ThreadId owner = mutex_.owner(); owner != kNoThread) visit(context, owner);
    }

   private:
    const Mutex& mutex_;
  };

  // For a condition whose waiters, once notified, wait for this lock. `edge` must outlive the wait. False: nobody
  // was parked under the address.
  bool requeue_here(const void* address, ThreadId waiter, LockStyle style, const Edge& edge) noexcept;

  std::size_t approx_waiting() const { return ParkingLot::approx_waiting(&word_); }
  const char* what() const noexcept { return what_; }

 private:
  static constexpr std::uint64_t word_of(ThreadId id, LockStyle style) noexcept {
    return id << 2 | (style == LockStyle::signal ? kSignal : 0);
  }
  static constexpr ThreadId taker_of(std::uint64_t word) noexcept { return word >> 2; }

  bool may_be_taken(std::uint64_t word) const noexcept;
  bool try_lock(std::uint64_t mine, LockOutcome& outcome) noexcept;
  bool announce_sleep() noexcept;
  LockOutcome lock_slow(LockStyle style, Deadline deadline, Waiting& waiting);
  bool unlock_slow() noexcept;
  std::uint64_t next_word(const ParkingLot::Parked* first, bool more) const noexcept;

  atomic<std::uint64_t> word_{0};
  const char* what_;
  SpinLesson lesson_;
  bool robust_;
};

}  // namespace raddle
