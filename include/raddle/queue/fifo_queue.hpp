// FifoQueue: first in, first out, bounded or not, for any number of producers and consumers, each end with a
// lock of its own.
//
// After the two-lock queue of Michael and Scott (PODC 1996), on blocks instead of nodes, and with locks that are
// the counters of the items: how many were ever put (tail) and taken (head). Item i lies in slot i of the linked
// blocks; the queue holds the items head <= i < tail.
//
//   put    locks tail, writes slot[tail], unlocks with tail + 1
//   get    locks head, reads slot[head], unlocks with head + 1
//   close  locks tail, unlocks with the closed bit
//
// Linearization: put, get and close in the one exchange that unlocks. Who holds a lock knows its own end for
// certain, so one load of the other end is an exact answer: empty if tail == head, full if tail - head >= maxsize,
// and that load is where the failing call takes effect. No slot carries a state of its own, so no thread waits for
// a predecessor that has claimed a slot and not filled it, and Empty and Full are reported only when true.
//
// Each end remembers the other as it last saw it, and looks again only when that says empty or full: ends that
// are apart do not touch each other's cache line.
//
// Progress: a call may be delayed by a preempted peer that holds the lock of the same end, for a handful of steps;
// put and get do not delay each other. No allocation, no code of the caller's runs under a lock. A call that moves
// several items takes the lock once per block.
//
// Items are plain values (trivially copyable), such as pointers. The queue owns its memory, not what the items
// point to: who destroys a queue takes them out first. A put looks at the queue once more after its item can be
// taken, so that taking the last item is no sign that the queue may be destroyed.
//
// Fork: a lock whose holder vanished is taken over. What it may have left: at the tail, a slot that is written and
// not counted, or a block that is linked and empty; at the head, the same indexes as before, or, from
// close_and_take_all(), blocks that are unlinked and still counted, which first_index() counts as taken.
//
// What it does not promise: fairness between the threads that wait for one lock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "raddle/base/cache_line.hpp"
#include "raddle/base/fork.hpp"
#include "raddle/queue/queue_status.hpp"
#include "raddle/queue/segments.hpp"
#include "raddle/sync/index_lock.hpp"

namespace raddle {

template <class T>
class FifoQueue {
 public:
  using Item = T;

  explicit FifoQueue(std::int64_t maxsize = 0) noexcept : maxsize_(maxsize), tail_(&origin_), head_(&origin_) {}
  ~FifoQueue() {
    for (Segment<T>* block = head_->block; block != nullptr;) give_back(std::exchange(block, block->link));
  }
  FifoQueue(const FifoQueue&) = delete;
  FifoQueue& operator=(const FifoQueue&) = delete;

  // done, full, closed or no_memory
  QueueStatus try_put(T item) noexcept { return try_put_many(&item, 1).status; }

  // Puts the items in order, as many as there is room for; items of other producers may come between.
  QueueProgress try_put_many(const T* items, std::size_t count) noexcept {
    std::size_t moved = 0;
    QueueStatus status = QueueStatus::done;
    Segment<T>* fresh = nullptr;
    while (moved < count && status == QueueStatus::done) {
      Tail& tail = *tail_;
      const IndexLock::State state = tail.lock.lock();
      const std::uint64_t index = state.index();
      std::size_t n = state.closed() ? 0 : room(tail, index, count - moved);
      bool needs_block = false;
      if (n == 0) [[unlikely]] {
        status = state.closed() ? QueueStatus::closed : QueueStatus::full;
      } else {
        if (index == tail.block->end() && fresh != nullptr) [[unlikely]]
          append(tail, index, std::exchange(fresh, nullptr));
        n = std::min<std::size_t>(n, tail.block->end() - index);
        for (std::size_t i = 0; i < n; ++i) (*tail.block)[index + i] = items[moved + i];
        needs_block = n == 0;
      }
      const std::size_t slots = tail.block->slot_count;
      tail.lock.unlock(index + n, state.closed());
      moved += n;
      if (needs_block) [[unlikely]] {
        fresh = blocks_.make(slots, index - std::min(index, head_->lock.peek().index()));
        if (fresh == nullptr) status = QueueStatus::no_memory;
      }
    }
    if (fresh != nullptr) [[unlikely]]
      blocks_.give_back(fresh);  // another producer was faster
    return {moved, status};
  }

  // done, empty or closed
  QueueStatus try_get(T& item) noexcept { return try_get_many(&item, 1).status; }

  // Takes the first items, in order, as many as there are; other consumers may take some in between. What stops it
  // before `count` is that the queue is empty, or closed too.
  QueueProgress try_get_many(T* items, std::size_t count) noexcept {
    std::size_t moved = 0;
    QueueStatus status = QueueStatus::done;
    while (moved < count && status == QueueStatus::done) {
      Head& head = *head_;
      const std::uint64_t index = first_index(head.lock.lock());
      // What it knows may even lie before the index, after close_and_take_all().
      if (head.known_tail < index || head.known_tail - index < count - moved) {
        const IndexLock::State tail = tail_->lock.peek();
        head.known_tail = tail.index();
        if (head.known_tail == index) status = tail.closed() ? QueueStatus::closed : QueueStatus::empty;
      }
      std::size_t n = std::min<std::size_t>(head.known_tail - index, count - moved);
      Segment<T>* passed = nullptr;
      if (n != 0) [[likely]] {
        if (index == head.block->end()) [[unlikely]]
          passed = std::exchange(head.block, head.block->link);
        n = std::min<std::size_t>(n, head.block->end() - index);
        for (std::size_t i = 0; i < n; ++i) items[moved + i] = (*head.block)[index + i];
      }
      head.lock.unlock(index + n, false);
      moved += n;
      if (passed != nullptr) [[unlikely]]
        give_back(passed);
    }
    return {moved, status};
  }

  // From now on nothing can be put.
  void close() noexcept {
    const IndexLock::State state = tail_->lock.lock();
    tail_->lock.unlock(state.index(), true);
  }

  // Closes the queue and empties it in one step; then, with no lock held, calls closed(how many items were in it)
  // and hands them to sink(T).
  template <class Closed, class Sink>
  QueueStatus close_and_take_all(Closed closed, Sink sink) {
    Head& head = *head_;
    Tail& tail = *tail_;
    const std::uint64_t from = first_index(head.lock.lock());
    const std::uint64_t to = tail.lock.lock().index();
    Segment<T>* block = std::exchange(head.block, tail.block);  // nothing will be put into it any more
    tail.lock.unlock(to, true);
    head.lock.unlock(to, false);
    closed(to - from);
    for (std::uint64_t index = from; index != to; ++index) {
      if (index == block->end()) give_back(std::exchange(block, block->link));
      sink((*block)[index]);
    }
    while (block != tail.block) give_back(std::exchange(block, block->link));
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
  std::size_t size() noexcept {
    for (std::uint64_t head = head_->lock.peek().index();;) {
      const IndexLock::State tail = tail_->lock.peek();
      const std::uint64_t again = head_->lock.peek().index();
      if (tail.closed()) return size_when_closed();
      if (again == head) return tail.index() - head;  // as of the moment when the tail was read
      head = again;
    }
  }

  // How many items were ever put.
  std::uint64_t put_count() const noexcept { return tail_->lock.peek().index(); }
  bool is_closed() const noexcept { return tail_->lock.peek().closed(); }

  // Would a put or a get not be turned away at this moment? A hint for those who wait: loads only. Whatever makes
  // the answer true is a sequentially consistent exchange of one of the words read here.
  bool can_put() const noexcept {
    const std::uint64_t head = head_->lock.peek().index();  // before the tail, which is never behind it
    const IndexLock::State tail = tail_->lock.peek();
    const std::int64_t max = maxsize_.load(order::seq_cst);
    return tail.closed() || max <= 0 || tail.index() - head < static_cast<std::uint64_t>(max);
  }
  bool can_get() const noexcept {
    const IndexLock::State tail = tail_->lock.peek();
    return tail.closed() || tail.index() != head_->lock.peek().index();
  }

  // The bound; 0 or less: none. A bound below the present size lets nothing in until the queue is below it.
  std::int64_t maxsize() const noexcept { return maxsize_.load(order::seq_cst); }
  void set_maxsize(std::int64_t maxsize) noexcept { maxsize_.store(maxsize, order::seq_cst); }

  // Shows every item to visit(T), which returns whether to go on. Only while no thread is inside a call.
  template <class Visit>
  void for_each_at_rest(Visit visit) {
    Segment<T>* block = head_->block;
    const std::uint64_t to = tail_->lock.peek().index();
    for (std::uint64_t index = std::max(head_->lock.peek().index(), block->first); index != to; ++index) {
      if (index == block->end()) block = block->link;
      if (!visit((*block)[index])) return;
    }
  }

 private:
  // What each end's lock guards. The block is the one of the index just before, until more is needed.
  struct Tail {
    explicit Tail(Segment<T>* first) noexcept : block(first) {}
    IndexLock lock;
    Segment<T>* block;
    std::uint64_t known_head = 0;  // as last seen; the head may be further
  };
  struct Head {
    explicit Head(Segment<T>* first) noexcept : block(first) {}
    IndexLock lock;
    Segment<T>* block;
    std::uint64_t known_tail = 0;  // as last seen; the tail may be further
  };

  // How many of `wanted` items may be put at the index.
  std::size_t room(Tail& tail, std::uint64_t index, std::size_t wanted) noexcept {
    const std::int64_t maxsize = maxsize_.load(order::seq_cst);
    if (maxsize <= 0) return wanted;
    const auto max = static_cast<std::uint64_t>(maxsize);
    if (index - tail.known_head + wanted > max) tail.known_head = head_->lock.peek().index();
    const std::uint64_t size = index - tail.known_head;
    return size >= max ? 0 : std::min<std::size_t>(wanted, max - size);
  }

  // The consumer that follows the link has seen an index beyond it, and so sees the link.
  static void append(Tail& tail, std::uint64_t index, Segment<T>* fresh) noexcept {
    fresh->link = nullptr;
    fresh->first = index;
    order_steps_for_fork();
    tail.block->link = fresh;
    tail.block = fresh;
  }

  // Takes over from close_and_take_all() in a thread that vanished: what it unlinked is gone.
  std::uint64_t first_index(IndexLock::State state) const noexcept {
    return state.abandoned() ? std::max(state.index(), head_->block->first) : state.index();
  }

  // close_and_take_all() closes the tail before it moves the head: it holds the lock of the head meanwhile.
  std::size_t size_when_closed() noexcept {
    const std::uint64_t index = first_index(head_->lock.lock());
    head_->lock.unlock(index, false);
    return tail_->lock.peek().index() - index;
  }

  void give_back(Segment<T>* block) noexcept {
    if (block != &origin_) blocks_.give_back(block);
  }

  // Read by everybody, written rarely.
  atomic<std::int64_t> maxsize_;
  Segments<T> blocks_;
  Segment<T> origin_;  // the first block has no slots: an empty queue needs no memory

  OwnLine<Tail> tail_;
  OwnLine<Head> head_;
};

}  // namespace raddle
