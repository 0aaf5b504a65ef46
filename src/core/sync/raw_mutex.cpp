#include "raddle/sync/raw_mutex.hpp"

#include "raddle/base/spin.hpp"

namespace raddle {

void RawMutex::lock_slow() noexcept {
  for (Spin spin; spin.again();) {
    if (word_.load(order::relaxed) != kFree) continue;  // relaxed: a hint, the exchange checks it
    std::uint32_t seen = kFree;
    if (word_.compare_exchange_weak(seen, kHeld, order::acquire, order::relaxed)) return;  // acquire: as in lock()
  }
  // From here on the word says that somebody may sleep, also when it is this thread that gets the lock: it cannot
  // know whether it was alone. acquire, pairs with the release in unlock().
  while (word_.exchange(kContended, order::acquire) != kFree) sleep_on(word_, kContended, Deadline::never());
}

}  // namespace raddle
