// Mutex's protocol with a fault that can be chosen: the controls of mutex_model_test.cpp. Without a fault it is
// right.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/sync/mutex.hpp"

namespace raddle::model {

enum class Fault : std::uint8_t {
  none,
  drops_the_wake_up,              // who unlocks takes the bit away and wakes nobody
  forgets_that_more_wait,         // the bit is cleared though others remain
  hands_over_what_is_taken,       // it is free for a moment before it is handed over
  hands_over_to_nobody,           // whom it is handed over to is told that it was only woken
  lets_a_time_out_take_it_along,  // who was woken gives up because its time is over as well
  lets_an_interrupt_take_it_along,
  announces_without_a_look,  // the bit is set, and then the thread sleeps whatever the word was
  moves_without_announcing,  // a waiter is moved here, and the bit is not set
};

class FlawedMutex {
  static constexpr std::uint64_t kSleepers = 1;

 public:
  explicit FlawedMutex(Fault fault) noexcept : fault_(fault) {}

  LockOutcome lock(LockStyle, Deadline deadline, Waiting& waiting) {
    const std::uint64_t mine = this_thread_id() << 2;
    while (!try_lock(mine)) {
      if (deadline.has_passed()) return LockOutcome::timed_out;
      switch (ParkingLot::park(
          {&word_, "flawed", nullptr, mine}, [this] { return announce_sleep(); }, deadline, waiting)) {
        case ParkingLot::Outcome::handed_over:
          if (fault_ == Fault::hands_over_to_nobody) break;
          return LockOutcome::taken;
        case ParkingLot::Outcome::timed_out:
          return LockOutcome::timed_out;
        case ParkingLot::Outcome::interrupted:
          return LockOutcome::interrupted;
        case ParkingLot::Outcome::woken:
          if (fault_ == Fault::lets_a_time_out_take_it_along && deadline.has_passed())
            return LockOutcome::timed_out;
          if (fault_ == Fault::lets_an_interrupt_take_it_along && waiting.interrupted())
            return LockOutcome::interrupted;
          break;
        case ParkingLot::Outcome::not_parked:
          break;
      }
    }
    return LockOutcome::taken;
  }

  bool unlock() noexcept {
    std::uint64_t seen = word_.load(order::seq_cst);
    while (seen >> 2 != 0 && ((seen & kSleepers) == 0 || fault_ == Fault::drops_the_wake_up))
      if (word_.compare_exchange_strong(seen, 0, order::seq_cst, order::seq_cst)) return true;
    return unlock_slow();
  }
  bool is_mine() const noexcept { return word_.load(order::seq_cst) >> 2 == this_thread_id(); }
  bool is_locked() const noexcept { return word_.load(order::seq_cst) >> 2 != 0; }

  class Edge {
   public:
    explicit Edge(const FlawedMutex&) noexcept {}
  };
  bool requeue_here(const void* address, ThreadId waiter, LockStyle, const Edge&) noexcept {
    return ParkingLot::requeue_one(address, {&word_, "flawed", nullptr, waiter << 2}, [this] {
      return fault_ == Fault::moves_without_announcing ? is_locked() : announce_sleep();
    });
  }

 private:
  bool try_lock(std::uint64_t mine) noexcept {
    std::uint64_t seen = word_.load(order::seq_cst);
    while (seen >> 2 == 0)
      if (word_.compare_exchange_strong(seen, mine | seen, order::seq_cst, order::seq_cst)) return true;
    return false;
  }
  bool announce_sleep() noexcept {
    std::uint64_t word = word_.load(order::seq_cst);
    if (fault_ == Fault::announces_without_a_look) return word_.fetch_or(kSleepers, order::seq_cst), true;
    while (word >> 2 != 0) {
      if ((word & kSleepers) != 0) return true;
      if (word_.compare_exchange_strong(word, word | kSleepers, order::seq_cst, order::seq_cst)) return true;
    }
    return false;
  }
  bool unlock_slow() noexcept {
    bool unlocked = false;
    if (fault_ == Fault::hands_over_what_is_taken) word_.fetch_and(kSleepers, order::seq_cst), unlocked = true;
    ParkingLot::unpark_one(&word_, [&](const ParkingLot::Parked* first, bool more) {
      std::uint64_t next = more && fault_ != Fault::forgets_that_more_wait ? kSleepers : 0;
      if (first != nullptr && RADDLE_FAIR_AFTER == 0) next |= first->tag;
      if (fault_ == Fault::hands_over_what_is_taken) return word_.store(next, order::seq_cst), next >> 2 != 0;
      std::uint64_t seen = word_.load(order::seq_cst);
      while (seen >> 2 != 0) {
        if (!word_.compare_exchange_strong(seen, next, order::seq_cst, order::seq_cst)) continue;
        unlocked = true;
        return next >> 2 != 0;
      }
      if (more) word_.fetch_or(kSleepers, order::seq_cst);
      return false;
    });
    return unlocked;
  }

  atomic<std::uint64_t> word_{0};
  const Fault fault_;
};

}  // namespace raddle::model
