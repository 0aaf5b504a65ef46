// LifoQueue: last in, first out, bounded or not, for any number of producers and consumers.
//
// A stack on linked blocks under one lock, so that Empty, Full and closed are exact by construction. The lock's
// index is how many items were ever put; beside it stands how many were taken; the difference is the size.
//
//   put    locks, writes slot[size], unlocks with put + 1
//   get    locks, reads slot[size - 1], stores taken + 1, unlocks
//
// Linearization: put and close in the exchange that unlocks, get in its store; a call that is turned away, taking
// the lock. All calls need that one word, so that a lock-free stack would do no better. Progress: a call may be
// delayed by a preempted peer that holds the lock, for a handful of steps. No allocation and no code of the
// caller's runs under it. Items are plain values, as in FifoQueue.
//
// Fork: a lock whose holder vanished is taken over. It may have left a slot that is written and not counted, or
// have linked or unlinked a block without slots in use: the size and the block fit each other all the same. After
// close_and_take_all() they may not: the blocks are gone and still counted, which lock() counts as taken.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "raddle/base/cache_line.hpp"
#include "raddle/base/fork.hpp"
#include "raddle/queue/queue_status.hpp"
#include "raddle/queue/segments.hpp"
#include "raddle/queue/size_by_counts.hpp"
#include "raddle/sync/index_lock.hpp"

namespace raddle {

template <class T>
class LifoQueue {
 public:
  using Item = T;

  explicit LifoQueue(std::int64_t maxsize = 0) noexcept : maxsize_(maxsize), top_(&origin_) {}
  ~LifoQueue() {
    for (Segment<T>* block = top_->block; block != nullptr;) give_back(std::exchange(block, block->link));
  }
  LifoQueue(const LifoQueue&) = delete;
  LifoQueue& operator=(const LifoQueue&) = delete;

  // done, full, closed or no_memory
  QueueStatus try_put(T item) noexcept { return try_put_many(&item, 1).status; }

  // Puts the items in order, so that the last comes out first, as many as there is room for.
  QueueProgress try_put_many(const T* items, std::size_t count) noexcept {
    std::size_t moved = 0;
    QueueStatus status = QueueStatus::done;
    Segment<T>* fresh = nullptr;
    while (moved < count && status == QueueStatus::done) {
      Top& top = *top_;
      const Locked state = lock();
      const std::uint64_t size = state.size;
      std::size_t n = state.closed ? 0 : room(size, count - moved);
      bool needs_block = false;
      if (n == 0) [[unlikely]] {
        status = state.closed ? QueueStatus::closed : QueueStatus::full;
      } else {
        if (size == top.block->end() && fresh != nullptr) [[unlikely]] {
          fresh->link = top.block;
          fresh->first = size;
          order_steps_for_fork();
          top.block = std::exchange(fresh, nullptr);
        }
        n = std::min<std::size_t>(n, top.block->end() - size);
        for (std::size_t i = 0; i < n; ++i) (*top.block)[size + i] = items[moved + i];
        needs_block = n == 0;
      }
      const std::size_t slots = top.block->slot_count;
      top.lock.unlock(state.put + n, state.closed);
      moved += n;
      if (needs_block && (fresh = blocks_.make(slots, size)) == nullptr) status = QueueStatus::no_memory;
    }
    if (fresh != nullptr) [[unlikely]]
      blocks_.give_back(fresh);  // another producer was faster
    return {moved, status};
  }

  // done, empty or closed
  QueueStatus try_get(T& item) noexcept { return try_get_many(&item, 1).status; }

  // Takes the last items, the last one first, as many as there are.
  QueueProgress try_get_many(T* items, std::size_t count) noexcept {
    std::size_t moved = 0;
    QueueStatus status = QueueStatus::done;
    while (moved < count && status == QueueStatus::done) {
      Top& top = *top_;
      const Locked state = lock();
      const std::uint64_t size = state.size;
      Segment<T>* passed = nullptr;
      std::size_t n = 0;
      if (size == 0) [[unlikely]] {
        status = state.closed ? QueueStatus::closed : QueueStatus::empty;
      } else {
        if (size == top.block->first) [[unlikely]]
          passed = std::exchange(top.block, top.block->link);
        n = std::min<std::size_t>(count - moved, size - top.block->first);
        for (std::size_t i = 0; i < n; ++i) items[moved + i] = (*top.block)[size - 1 - i];
      }
      if (n != 0) set_taken(state.put - (size - n));
      top.lock.unlock(state.put, state.closed);
      moved += n;
      if (passed != nullptr) [[unlikely]]
        give_back(passed);
    }
    return {moved, status};
  }

  // From now on nothing can be put.
  void close() noexcept { top_->lock.unlock(lock().put, true); }

  // Closes the queue and empties it in one step; then, with no lock held, calls closed(how many items were in it)
  // and hands them to sink(T).
  template <class Closed, class Sink>
  QueueStatus close_and_take_all(Closed closed, Sink sink) {
    Top& top = *top_;
    const Locked state = lock();
    const std::uint64_t size = state.size;
    Segment<T>* block = std::exchange(top.block, &origin_);
    order_steps_for_fork();
    set_taken(state.put);
    top.lock.unlock(state.put, true);
    closed(size);
    for (std::uint64_t left = size; left != 0; --left) {
      if (left == block->first) give_back(std::exchange(block, block->link));
      sink((*block)[left - 1]);
    }
    while (block != &origin_) give_back(std::exchange(block, block->link));
    return QueueStatus::done;
  }

  // Takes everything, without closing the queue, and hands it to sink(T) item by item.
  template <class Sink>
  QueueStatus take_all(Sink sink) {
    T item{};
    while (try_get(item) == QueueStatus::done) sink(item);
    return QueueStatus::done;
  }

  // How many items the queue holds.
  std::size_t size() const noexcept {
    return size_by_counts(taken_, [this] { return put_count(); });
  }

  // How many items were ever put.
  std::uint64_t put_count() const noexcept { return top_->lock.peek().index(); }
  bool is_closed() const noexcept { return top_->lock.peek().closed(); }

  // Would a put or a get not be turned away at this moment? See FifoQueue.
  bool can_put() const noexcept {
    const std::int64_t max = maxsize_.load(order::seq_cst);
    return is_closed() || max <= 0 || size() < static_cast<std::uint64_t>(max);
  }
  bool can_get() const noexcept { return is_closed() || size() != 0; }

  // The bound; 0 or less: none. A bound below the present size lets nothing in until the queue is below it.
  std::int64_t maxsize() const noexcept { return maxsize_.load(order::seq_cst); }
  void set_maxsize(std::int64_t maxsize) noexcept { maxsize_.store(maxsize, order::seq_cst); }

  // Shows every item to visit(T), which returns whether to go on. Only while no thread is inside a call.
  template <class Visit>
  void for_each_at_rest(Visit visit) {
    Segment<T>* block = top_->block;
    for (std::uint64_t left = std::min<std::uint64_t>(size(), block->end()); left != 0; --left) {
      if (left == block->first) block = block->link;
      if (!visit((*block)[left - 1])) return;
    }
  }

 private:
  struct Top {
    explicit Top(Segment<T>* first) noexcept : block(first) {}
    IndexLock lock;
    Segment<T>* block;  // the one with the last item, or an empty one above it
  };

  // What was found when the lock was taken.
  struct Locked {
    std::uint64_t put;
    std::uint64_t size;
    bool closed;
  };

  // Takes the lock, and takes over from close_and_take_all() in a thread that vanished: what it unlinked is gone.
  Locked lock() noexcept {
    const IndexLock::State state = top_->lock.lock();
    const std::uint64_t put = state.index();
    std::uint64_t size = put - taken_.load(order::relaxed);  // relaxed: written under the lock
    if (state.abandoned() && size > top_->block->end()) {
      size = top_->block->end();
      set_taken(put - size);
    }
    return {put, size, state.closed()};
  }

  void set_taken(std::uint64_t taken) noexcept { taken_.store(taken, order::seq_cst); }

  // How many of `wanted` items may be put.
  std::size_t room(std::uint64_t size, std::size_t wanted) const noexcept {
    const std::int64_t maxsize = maxsize_.load(order::seq_cst);
    if (maxsize <= 0) return wanted;
    const auto max = static_cast<std::uint64_t>(maxsize);
    return size >= max ? 0 : std::min<std::size_t>(wanted, max - size);
  }

  void give_back(Segment<T>* block) noexcept {
    if (block != &origin_) blocks_.give_back(block);
  }

  // Read by everybody, written rarely.
  atomic<std::int64_t> maxsize_;
  Segments<T> blocks_;
  Segment<T> origin_;  // the lowest block has no slots: an empty queue needs no memory

  OwnLine<Top> top_;
  atomic<std::uint64_t> taken_{0};  // how many items were ever taken; written under the lock
};

}  // namespace raddle
