// What the parking lot notes about a waiting thread in its record, for those who look for deadlocks and for
// threads that end.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/thread_id.hpp"

namespace raddle {

namespace detail {
// How many threads wait for others who are known. Those that 3.13 ended inside their wait stay counted.
inline constinit atomic<std::size_t> watched_waits{0};
}  // namespace detail

// One wait of the calling thread, which may be inside another one, in a signal handler.
class WaitNote {
 public:
  // `watched`: it waits for threads that are known.
  WaitNote(ThreadId me, const void* address, bool watched) noexcept : record_(record_of(me)) {
    if (watched) watch();
    if (record_ == nullptr) return;
    before_ = record_->waits_at.load(order::relaxed);  // relaxed: this thread's own
    move_to(address);
  }
  // The thread is about to enter the queue of this address, or has been moved there.
  void move_to(const void* address) noexcept { move(record_, address); }
  static void move(ThreadRecord* record, const void* address) noexcept {
    // release, pairs with the acquire of who looks for the thread there, under the lock of the queue
    if (record != nullptr) record->waits_at.store(address, order::release);
  }
  std::uint64_t next_turn() noexcept { return record_ != nullptr ? ++record_->turns : 0; }
  // Has this thread been in a queue since that turn?
  bool has_waited_since(std::uint64_t turn) const noexcept { return record_ != nullptr && record_->turns != turn; }
  // `watched`: by the constructor, or by whoever moved the thread.
  void end(bool watched) noexcept {
    move_to(before_);
    if (watched) detail::watched_waits.fetch_sub(1, order::relaxed);  // relaxed: one look too many is harmless
  }

  static void watch() noexcept {
    // seq_cst, pairs with anybody_is_watched(): a thread that ends sees this one, or its end is seen by validate()
    detail::watched_waits.fetch_add(1, order::seq_cst);
  }
  static bool anybody_is_watched() noexcept {
    return detail::watched_waits.load(order::seq_cst) != 0;  // seq_cst, pairs with watch()
  }

 private:
  ThreadRecord* record_;
  const void* before_ = nullptr;
};

}  // namespace raddle
