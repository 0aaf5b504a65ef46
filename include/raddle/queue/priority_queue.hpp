// PriorityQueue: the least item first, bounded or not, for any number of producers and consumers, where comparing
// items runs code of the caller's.
//
// A binary heap (J. W. J. Williams, 1964) under a Mutex, which knows its owner. A comparison may run any code:
// raise, wait, be interrupted by a signal handler, or call this very queue. So each call first searches, comparing
// without moving anything, and then changes the heap without comparing. What raised has changed nothing. A
// comparison that changed the queue itself is noticed by the version, and the search begins again.
//
// Linearization: put in the exchange of the word that counts what was put and holds the closed bit, get in the
// store of the word that counts what was taken, both under the lock; their difference is the size. Progress: a
// call waits while another thread compares; that wait can be interrupted. size() and close() never wait.
//
// `Order` tells what the queue does not know of its items:
//     static Answer less(T a, T b);     // is a before b? Must keep a and b alive itself: it may remove them
//     using Waiting = ...;              // how a thread waits for another one's comparison; default-constructible
//
// Between a search and the end of a change the heap may have a hole: an index whose content does not count, and an
// item that is on its way to its place, with the hole moving before it. The hole's path is determined by where it
// is and where it goes, so a change can be finished from any point, by anybody: in a child of fork() by whoever
// takes over the lock of a thread that vanished in the middle (settle()).
//
// Items are plain values, as in FifoQueue.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "raddle/base/atomic.hpp"
#include "raddle/base/fork.hpp"
#include "raddle/base/memory.hpp"
#include "raddle/queue/queue_status.hpp"
#include "raddle/queue/size_by_counts.hpp"
#include "raddle/sync/mutex.hpp"

namespace raddle {

enum class Answer : std::uint8_t { no, yes, failed };

template <class T, class Order>
class PriorityQueue {
  static_assert(std::is_trivially_copyable_v<T>, "items move within the heap as bytes");

 public:
  using Item = T;

  explicit PriorityQueue(std::int64_t maxsize = 0) noexcept : maxsize_(maxsize) {}
  ~PriorityQueue() { give_memory_back(heap_, slot_count_ * sizeof(T)); }
  PriorityQueue(const PriorityQueue&) = delete;
  PriorityQueue& operator=(const PriorityQueue&) = delete;

  // done, full, closed, no_memory, failed (a comparison) or interrupted (waiting for another thread's comparison)
  QueueStatus try_put(T item) { return try_put_many(&item, 1).status; }
  QueueProgress try_put_many(const T* items, std::size_t count) {
    const Hold hold(*this);
    QueueProgress progress{0, hold.status()};
    while (progress.status == QueueStatus::done && progress.moved < count) {
      progress.status = put_here(items[progress.moved]);
      if (progress.status == QueueStatus::done) ++progress.moved;
    }
    return progress;
  }

  // done, empty, closed, failed or interrupted
  QueueStatus try_get(T& item) { return try_get_many(&item, 1).status; }
  QueueProgress try_get_many(T* items, std::size_t count) {
    const Hold hold(*this);
    QueueProgress progress{0, hold.status()};
    while (progress.status == QueueStatus::done && progress.moved < count) {
      progress.status = get_here(items[progress.moved]);
      if (progress.status == QueueStatus::done) ++progress.moved;
    }
    if (progress.status == QueueStatus::interrupted) return progress;  // without the lock
    if (progress.status == QueueStatus::failed) progress.moved = put_back(items, progress.moved);
    give_back_slots();
    return progress;
  }

  // From now on nothing can be put.
  void close() noexcept { put_.fetch_or(kClosed, order::seq_cst); }

  // Closes the queue and empties it, so that nobody can put or take between the two; then, with no lock held,
  // calls closed(how many items were in it) and hands them to sink(T). done or interrupted.
  template <class Closed, class Sink>
  QueueStatus close_and_take_all(Closed closed, Sink sink) {
    return take_everything(true, closed, sink);
  }
  // The same without closing it.
  template <class Sink>
  QueueStatus take_all(Sink sink) {
    return take_everything(false, [](std::size_t) {}, sink);
  }

  // How many items the queue holds.
  std::size_t size() const noexcept {
    return size_by_counts(taken_, [this] { return put_count(); });
  }
  // How many items were ever put.
  std::uint64_t put_count() const noexcept { return put_.load(order::seq_cst) >> 1; }
  bool is_closed() const noexcept { return (put_.load(order::seq_cst) & kClosed) != 0; }
  bool can_put() const noexcept { return why_not_put(size()) != QueueStatus::full; }
  bool can_get() const noexcept { return is_closed() || size() != 0; }

  // Is the calling thread inside a call of this queue's, in a comparison? Then it must not wait for another thread
  // to change the queue.
  bool is_held_here() const noexcept { return lock_.is_mine(); }

  // The bound; 0 or less: none. A bound below the present size lets nothing in until the queue is below it.
  std::int64_t maxsize() const noexcept { return maxsize_.load(order::seq_cst); }
  void set_maxsize(std::int64_t maxsize) noexcept { maxsize_.store(maxsize, order::seq_cst); }

  // Shows every item to visit(T), which returns whether to go on. Only while no thread is inside a call but in
  // comparisons.
  template <class Visit>
  void for_each_at_rest(Visit visit) {
    if (change_.hole != kNoHole) recover();  // nobody is changing the heap: its owner vanished
    for (std::size_t i = 0; i < size(); ++i)
      if (!visit(heap_[i])) return;
  }

 private:
  static constexpr std::uint64_t kClosed = 1;
  static constexpr std::size_t kNoHole = SIZE_MAX;
  static constexpr std::size_t kSmallest = 16;

  // A change of the heap, written down before it is made.
  struct Change {
    std::size_t hole = kNoHole;  // the index whose content does not count
    std::size_t place = 0;       // where the hole goes
    T item{};                    // what belongs there
    std::uint64_t put = 0;       // the counts after it
    std::uint64_t taken = 0;
  };

  // The lock, for the length of a call; a call from inside a comparison has it already.
  class Hold {
   public:
    explicit Hold(PriorityQueue& queue) : queue_(queue), had_it_(queue.lock_.is_mine()) {
      if (had_it_) return;
      typename Order::Waiting waiting;
      outcome_ = queue.lock_.lock(LockStyle::owned, Deadline::never(), waiting);
      // Its last owner has vanished, or ended, in the middle.
      if (outcome_ != LockOutcome::interrupted && queue.change_.hole != kNoHole) queue.recover();
    }
    ~Hold() {
      if (!had_it_ && outcome_ != LockOutcome::interrupted) queue_.lock_.unlock();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    QueueStatus status() const noexcept {
      return outcome_ == LockOutcome::interrupted ? QueueStatus::interrupted : QueueStatus::done;
    }

   private:
    PriorityQueue& queue_;
    const bool had_it_;
    LockOutcome outcome_ = LockOutcome::taken;
  };

  static std::size_t parent(std::size_t i) noexcept { return (i - 1) / 2; }

  QueueStatus why_not_put(std::size_t size) const noexcept {
    if (is_closed()) return QueueStatus::closed;
    const std::int64_t max = maxsize_.load(order::seq_cst);
    return max > 0 && size >= static_cast<std::uint64_t>(max) ? QueueStatus::full : QueueStatus::done;
  }

  QueueStatus put_here(T item) {
    for (;;) {
      const std::uint64_t version = version_;
      const std::size_t size = this->size();
      if (const QueueStatus status = why_not_put(size); status != QueueStatus::done) return status;
      std::size_t place = size;
      if (!find_place(item, version, place)) return QueueStatus::failed;
      if (version != version_) continue;
      if (!has_slots(size + 1)) return QueueStatus::no_memory;
      if (change({.hole = size, .place = place, .item = item, .put = put_count() + 1, .taken = taken_count()}))
        return QueueStatus::done;
    }
  }

  // Undoes get_here() for items in the order in which they came, after a comparison has failed: without another
  // one, because the last of them was the least of what is there, and so its place is the first. (Not if a
  // comparison has put a lesser one meanwhile: that then comes out later than it should.) Returns how many could
  // not be put back for want of memory: none, unless comparisons have called the queue and made it give the memory
  // away.
  std::size_t put_back(const T* items, std::size_t count) noexcept {
    for (; count != 0; --count) {
      const std::size_t size = this->size();
      if (!has_slots(size + 1)) return count;
      change({.hole = size, .place = 0, .item = items[count - 1], .put = put_count(), .taken = taken_count() - 1});
    }
    return 0;
  }

  // Where an item that is added at index `place` belongs: up from there. False if a comparison failed. The answer
  // holds if the version is still the same.
  bool find_place(T item, std::uint64_t version, std::size_t& place) {
    while (place != 0) {
      const Answer before = Order::less(item, heap_[parent(place)]);
      if (before == Answer::failed) return false;
      if (before == Answer::no || version != version_) return true;
      place = parent(place);
    }
    return true;
  }

  QueueStatus get_here(T& item) {
    for (;;) {
      const std::uint64_t version = version_;
      const bool closed = is_closed();  // before the size: what is closed and then empty stays so
      const std::size_t size = this->size();
      if (size == 0) return closed ? QueueStatus::closed : QueueStatus::empty;
      const std::size_t last = size - 1;
      std::size_t place = 0;
      if (!find_place_of_last(last, version, place)) return QueueStatus::failed;
      if (version != version_) continue;
      item = heap_[0];
      change({.hole = last == 0 ? kNoHole : 0,
              .place = place,
              .item = heap_[last],
              .put = put_count(),
              .taken = taken_count() + 1});
      return QueueStatus::done;
    }
  }

  // Where the item at index `last` belongs when the first is taken out: down the path of the lesser children to
  // its end, which costs one comparison a level, and then up again, which is rarely far.
  // Answers as find_place().
  bool find_place_of_last(std::size_t last, std::uint64_t version, std::size_t& place) {
    place = 0;
    for (std::size_t child = 1; child < last; child = 2 * place + 1) {
      const Answer right = child + 1 < last ? Order::less(heap_[child + 1], heap_[child]) : Answer::no;
      if (right == Answer::failed) return false;
      if (version != version_) return true;
      place = right == Answer::yes ? child + 1 : child;
    }
    while (place != 0) {
      const Answer before = Order::less(heap_[last], heap_[place]);
      if (before == Answer::failed) return false;
      if (before == Answer::no || version != version_) return true;
      place = parent(place);
    }
    return true;
  }

  // Counts what was put or taken, and moves the item from the hole to its place. False, and nothing has changed,
  // if an item was to be put and the queue is closed. No code of the caller's runs in here.
  bool change(const Change& change) noexcept {
    Change written = change;
    written.hole = kNoHole;
    change_ = written;
    order_steps_for_fork();  // a forked child that sees the hole sees the rest
    change_.hole = change.hole;
    order_steps_for_fork();
    std::uint64_t put = (change.put - 1) << 1;
    if (change.put == put_count()) {
      taken_.store(change.taken, order::seq_cst);
    } else if (!put_.compare_exchange_strong(put, change.put << 1, order::seq_cst, order::seq_cst)) {
      change_.hole = kNoHole;
      return false;
    }
    ++version_;
    settle();
    return true;
  }

  // Moves the hole to the place, each step such that it can be done again.
  void settle() noexcept {
    if (change_.hole == kNoHole) return;
    while (change_.hole != change_.place) {
      std::size_t next = parent(change_.hole);  // up, or down to the child that the place is below
      if (change_.place > change_.hole)
        for (next = change_.place; parent(next) != change_.hole;) next = parent(next);
      heap_[change_.hole] = heap_[next];
      order_steps_for_fork();  // a forked child never sees the hole moved before the item
      change_.hole = next;
      order_steps_for_fork();
    }
    heap_[change_.hole] = change_.item;
    order_steps_for_fork();
    change_.hole = kNoHole;
  }

  // After the owner vanished in a fork: its change has happened if the counts say so.
  void recover() noexcept {
    if (put_count() == change_.put && taken_count() == change_.taken)
      settle();
    else
      change_.hole = kNoHole;
    ++version_;
  }

  std::uint64_t taken_count() const noexcept { return taken_.load(order::relaxed); }  // relaxed: under the lock

  template <class Closed, class Sink>
  QueueStatus take_everything(bool and_close, Closed closed, Sink sink) {
    T* heap = nullptr;
    std::size_t size = 0, slots = 0;
    {
      const Hold hold(*this);
      if (hold.status() != QueueStatus::done) return hold.status();
      if (and_close) close();
      size = this->size();
      slots = slot_count_;
      taken_.store(put_count(), order::seq_cst);
      heap = replace_slots(nullptr, 0);
      ++version_;
    }
    closed(size);
    for (std::size_t i = 0; i < size; ++i) sink(heap[i]);
    give_memory_back(heap, slots * sizeof(T));
    return QueueStatus::done;
  }

  bool has_slots(std::size_t wanted) noexcept {
    return wanted <= slot_count_ || set_slots(std::max(kSmallest, 2 * slot_count_));
  }
  void give_back_slots() noexcept {
    if (slot_count_ > kSmallest && size() < slot_count_ / 4) set_slots(slot_count_ / 2);
  }
  bool set_slots(std::size_t count) noexcept {
    auto* heap = static_cast<T*>(take_memory(count * sizeof(T)));
    if (heap == nullptr) return false;
    std::copy_n(heap_, size(), heap);
    const std::size_t bytes = slot_count_ * sizeof(T);
    give_memory_back(replace_slots(heap, count), bytes);
    return true;
  }
  // Returns the old ones. At no moment are there fewer slots than slot_count_ says, so that a forked child finds
  // none that do not exist.
  T* replace_slots(T* heap, std::size_t count) noexcept {
    slot_count_ = std::min(slot_count_, count);
    order_steps_for_fork();
    T* old = std::exchange(heap_, heap);
    order_steps_for_fork();
    slot_count_ = count;
    return old;
  }

  atomic<std::uint64_t> put_{0};    // how many items were ever put << 1 | closed, which is set without the lock
  atomic<std::uint64_t> taken_{0};  // how many were ever taken, and not put back
  atomic<std::int64_t> maxsize_;
  Mutex lock_{"lock of a priority queue", true};

  // Guarded by the lock.
  T* heap_ = nullptr;
  std::size_t slot_count_ = 0;
  std::uint64_t version_ = 0;  // changes with every change of the heap
  Change change_;
};

}  // namespace raddle
