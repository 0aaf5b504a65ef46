#include "raddle/sync/semaphore.hpp"

namespace raddle {

// Under the bucket's lock: shall the thread sleep? A release finds either this bit or nobody: it needs the
// bucket's lock to wake.
bool Semaphore::announce_sleep() noexcept {
  std::uint64_t word = word_.load(order::relaxed);  // relaxed: the exchange checks it
  while (word < kPermit) {
    // relaxed: it tells of nothing but itself
    if ((word & kSleepers) != 0 ||
        word_.compare_exchange_weak(word, word | kSleepers, order::relaxed, order::relaxed))
      return true;
  }
  return false;
}

Semaphore::Outcome Semaphore::acquire_slow(Deadline deadline, Waiting& waiting) {
  if (deadline.has_passed()) return Outcome::timed_out;
  tell(&Observers::contended, {this, what_});
  const auto has_permit = [this] { return word_.load(order::relaxed) >= kPermit; };  // relaxed: a hint
  if (waiting.may_spin() && lesson_.spin_until(has_permit) && try_acquire()) return Outcome::taken;
  const std::int64_t since = Deadline::now();
  while (!try_acquire()) {
    switch (ParkingLot::park(
        {&word_, what_, nullptr, 0, since}, [this] { return announce_sleep(); }, deadline, waiting)) {
      case ParkingLot::Outcome::handed_over:
        tell(&Observers::acquired, {this, what_});
        return Outcome::taken;
      case ParkingLot::Outcome::timed_out:
        return Outcome::timed_out;
      case ParkingLot::Outcome::interrupted:
        return Outcome::interrupted;
      case ParkingLot::Outcome::not_parked:
      case ParkingLot::Outcome::woken:
        break;
    }
  }
  return Outcome::taken;
}

// Adds n permits in one step, or all but the one that is handed over to `first`. False: beyond the bound.
bool Semaphore::add(std::uint64_t n, const ParkingLot::Parked* first, bool more, bool& handed_over) noexcept {
  handed_over = first != nullptr && first->is_due();
  const std::uint64_t sleepers = more ? kSleepers : 0;
  std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
  for (;;) {
    const std::uint64_t permits = seen / kPermit;
    if (n > bound_ - permits) return false;
    const std::uint64_t left = permits + n - (handed_over ? 1 : 0);
    // acq_rel: who gets a permit handed over sees what was written before this and earlier releases
    if (word_.compare_exchange_weak(seen, left * kPermit | sleepers, order::acq_rel, order::relaxed)) return true;
  }
}

// The next in line for one of several permits that have been added: takes it in its name, if it is its turn.
bool Semaphore::take_for(const ParkingLot::Parked* first, bool more) noexcept {
  // relaxed: it tells of nothing but itself
  if (!more) word_.fetch_and(~kSleepers, order::relaxed);
  if (first == nullptr || !first->is_due()) return false;
  std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
  while (seen >= kPermit)
    // acquire: as in try_acquire(); the woken thread sees what this one sees
    if (word_.compare_exchange_weak(seen, seen - kPermit, order::acquire, order::relaxed)) return true;
  return false;
}

// With somebody parked, or a moment ago. The permits are not there until it is known who is next, so that nobody
// can come between.
bool Semaphore::release_slow(std::uint64_t n) noexcept {
  bool added = false, more_sleep = false;
  ParkingLot::unpark_one(&word_, [&](const ParkingLot::Parked* first, bool more) {
    bool handed_over = false;
    added = add(n, first, more, handed_over);
    more_sleep = more;
    return added && handed_over;  // beyond the bound, `first` is woken for nothing, and the word is as it was
  });
  if (!added) return false;
  tell(&Observers::released, {this, what_});
  for (std::uint64_t left = n - 1; left != 0 && more_sleep; --left) {
    ParkingLot::unpark_one(&word_, [&](const ParkingLot::Parked* first, bool more) {
      more_sleep = more;
      return take_for(first, more);
    });
  }
  return true;
}

}  // namespace raddle
