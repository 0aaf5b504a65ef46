// IndexLock: a lock and the number it guards, in one word.
//
// For structures in which a thread locks, does a few steps, and publishes a new index: storing the index and
// releasing the lock are one exchange, so that everybody sees both or neither, and an operation costs two
// read-modify-writes in all. Everybody may read the index at any time without the lock.
//
//   bits 0-7   holder    0: free; otherwise 1 + forks() % 255 as it was when the lock was taken
//        8     sleepers  somebody may be parked here; set under the bucket's lock in the parking lot
//        9     closed    set and never cleared, by whoever holds the lock
//        10..  index     changed by the holder only, in unlock(); 54 bits, which last for years
//
// All operations are sequentially consistent: structures on top argue with "I stored mine, then looked at yours".
//
// A holder runs a bounded number of steps that neither wait nor run user code; a thread that finds the lock
// held spins for a moment and then sleeps, without a time limit and not interruptibly, like a RawMutex.
//
// Fork: a holder of an earlier fork has vanished. Whoever comes across its lock in the child takes it over and is
// told so (State::abandoned): what the lock guards is as the holder left it between two of its steps, and the
// structure must say why that is harmless or mend it. (After 255 nested forks a holder could look alive again;
// the lock would have to lie untouched through all of them.)
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/fork.hpp"

namespace raddle {

class IndexLock {
  static constexpr std::uint64_t kHolder = 0xFF, kSleepers = 0x100, kClosed = 0x200;
  static constexpr int kIndexShift = 10;

 public:
  // What the word says besides the lock; from lock(), as it was before.
  class State {
   public:
    constexpr explicit State(std::uint64_t word) noexcept : word_(word) {}
    constexpr std::uint64_t index() const noexcept { return word_ >> kIndexShift; }
    constexpr bool closed() const noexcept { return (word_ & kClosed) != 0; }
    // From lock(): the holder before vanished in a fork.
    constexpr bool abandoned() const noexcept { return (word_ & kHolder) != 0; }

   private:
    std::uint64_t word_;
  };

  constexpr IndexLock() noexcept = default;
  IndexLock(const IndexLock&) = delete;
  IndexLock& operator=(const IndexLock&) = delete;

  // seq_cst, pairs with unlock(): what the holder did before it published this index is visible
  State peek() const noexcept { return State(word_.load(order::seq_cst)); }

  State lock() noexcept {
    std::uint64_t seen = word_.load(order::relaxed);  // relaxed: the exchange checks it
    // seq_cst, pairs with unlock(): what all holders before did is visible
    if ((seen & kHolder) != 0 ||
        !word_.compare_exchange_strong(seen, seen | holder_now(), order::seq_cst, order::relaxed)) [[unlikely]]
      return lock_slow();
    return State(seen);
  }

  // Publishes the index and frees the lock, in one step.
  void unlock(std::uint64_t index, bool closed) noexcept {
    const std::uint64_t word = index << kIndexShift | (closed ? kClosed : 0);
    // seq_cst, pairs with lock() and peek(): see there
    if ((word_.exchange(word, order::seq_cst) & kSleepers) != 0) [[unlikely]]
      wake_one();
  }

 private:
  static std::uint64_t holder_now() noexcept { return 1 + forks() % 255; }
  static bool is_held(std::uint64_t word) noexcept { return (word & kHolder) == holder_now(); }

  bool try_lock(std::uint64_t& seen) noexcept;
  State lock_slow() noexcept;
  void wake_one() noexcept;

  atomic<std::uint64_t> word_{0};
};

}  // namespace raddle
