#include "raddle/sync/mutex.hpp"

namespace raddle {

namespace {

// About five microseconds: the holder of a short section gets through many of them before its line is taken away,
// and the lock changes hands a hundred times less often than it could.
constexpr int kPausesBetweenLooks = 200;

}  // namespace

// Nobody has it, or nobody who will ever release it.
bool Mutex::may_be_taken(std::uint64_t word) const noexcept {
  const ThreadId taker = taker_of(word);
  return taker == kNoThread || has_vanished(taker) || (robust_ && has_ended(taker));
}

bool Mutex::try_lock(std::uint64_t mine, LockOutcome& outcome) noexcept {
  std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
  while (may_be_taken(seen)) {
    const ThreadId before = taker_of(seen);
    // acquire, pairs with the release in unlock(): what the last holder wrote is visible. What one that has ended
    // wrote is visible since may_be_taken(): see has_ended()
    if (!word_.compare_exchange_weak(seen, mine | (seen & kSleepers), order::acquire, order::relaxed)) continue;
    outcome = before == kNoThread || has_vanished(before) ? LockOutcome::taken : LockOutcome::owner_died;
    tell(&Observers::acquired, {this, what_});
    return true;
  }
  return false;
}

// Under the bucket's lock: shall the thread sleep? The holder's unlock() finds either this bit or nobody: it needs
// the bucket's lock to wake.
bool Mutex::announce_sleep() noexcept {
  std::uint64_t word = word_.load(order::relaxed);  // relaxed: the exchange checks it
  while (!may_be_taken(word)) {
    // relaxed: it tells of nothing but itself
    if ((word & kSleepers) != 0 ||
        word_.compare_exchange_weak(word, word | kSleepers, order::relaxed, order::relaxed))
      return true;
  }
  return false;
}

LockOutcome Mutex::lock_slow(LockStyle style, Deadline deadline, Waiting& waiting) {
  const std::uint64_t mine = word_of(this_thread_id(), style);
  LockOutcome outcome;
  if (try_lock(mine, outcome)) return outcome;
  if (deadline.has_passed()) return LockOutcome::timed_out;
  tell(&Observers::contended, {this, what_});
  if (waiting.may_spin() && lesson_.spin_until([&] { return try_lock(mine, outcome); }, kPausesBetweenLooks))
    return outcome;
  const Edge edge(*this);
  const std::int64_t since = Deadline::now();
  while (!try_lock(mine, outcome)) {
    switch (ParkingLot::park(
        {&word_, what_, &edge, mine, since}, [this] { return announce_sleep(); }, deadline, waiting)) {
      case ParkingLot::Outcome::handed_over:
        tell(&Observers::acquired, {this, what_});
        return LockOutcome::taken;
      case ParkingLot::Outcome::timed_out:
        return LockOutcome::timed_out;
      case ParkingLot::Outcome::interrupted:
        return LockOutcome::interrupted;
      case ParkingLot::Outcome::not_parked:
      case ParkingLot::Outcome::woken:
        break;
    }
  }
  return outcome;
}

// What follows an unlock, given the first thread in line.
std::uint64_t Mutex::next_word(const ParkingLot::Parked* first, bool more) const noexcept {
  const std::uint64_t sleepers = more ? kSleepers : 0;
  return first != nullptr && first->is_due() ? first->tag | sleepers : sleepers;
}

// With somebody parked, or a moment ago. The lock stays taken until it is known who is next, so that nobody can
// come between.
bool Mutex::unlock_slow() noexcept {
  const char* what = what_;  // as in unlock()
  bool unlocked = false;
  ParkingLot::unpark_one(&word_, [&](const ParkingLot::Parked* first, bool more) {
    const std::uint64_t next = next_word(first, more);
    std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
    while (taker_of(seen) != kNoThread) {
      // acq_rel: if it is handed over, the word passes to the woken thread what earlier holders released to this
      // one
      if (!word_.compare_exchange_weak(seen, next, order::acq_rel, order::relaxed)) continue;
      unlocked = true;
      return taker_of(next) != kNoThread;
    }
    // A signal that another thread has released meanwhile: `first` is woken for nothing. relaxed: as
    // announce_sleep()
    if (more) word_.fetch_or(kSleepers, order::relaxed);
    return false;
  });
  if (unlocked) tell(&Observers::released, {this, what});
  return unlocked;
}

bool Mutex::requeue_here(const void* address, ThreadId waiter, LockStyle style, const Edge& edge) noexcept {
  return ParkingLot::requeue_one(address, {&word_, what_, &edge, word_of(waiter, style)},
                                 [this] { return announce_sleep(); });
}

}  // namespace raddle
