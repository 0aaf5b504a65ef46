#include "raddle/sync/index_lock.hpp"

#include "raddle/base/spin.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

// Takes the lock if nobody alive holds it; `seen` is what the word was.
bool IndexLock::try_lock(std::uint64_t& seen) noexcept {
  seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
  return !is_held(seen) &&            // seq_cst: as in lock()
         word_.compare_exchange_strong(seen, (seen & ~kHolder) | holder_now(), order::seq_cst, order::relaxed);
}

IndexLock::State IndexLock::lock_slow() noexcept {
  std::uint64_t seen;
  for (Spin spin; spin.again();)
    if (try_lock(seen)) return State(seen);
  const auto announce_sleep = [this] {
    std::uint64_t word = word_.load(order::relaxed);  // relaxed: the exchange checks it
    while (is_held(word)) {
      // The holder's unlock() finds either this bit or nobody: it needs the bucket's lock to wake, which we hold.
      // seq_cst: like all changes of this word.
      if ((word & kSleepers) != 0 ||
          word_.compare_exchange_weak(word, word | kSleepers, order::seq_cst, order::relaxed))
        return true;
    }
    return false;
  };
  PlainWaiting waiting;
  while (!try_lock(seen)) ParkingLot::park(&word_, "internal lock", announce_sleep, Deadline::never(), waiting);
  return State(seen);
}

void IndexLock::wake_one() noexcept {
  ParkingLot::unpark_one(&word_, [this](bool more) {
    if (more) word_.fetch_or(kSleepers, order::seq_cst);  // unlock() has cleared it, for all of them
  });
}

}  // namespace raddle
