// Queues with faults planted, for the model tests to find. They keep their items in atomics, so that the explorer
// sees the order in which a slot is written and published.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/queue/queue_status.hpp"
#include "raddle/sync/index_lock.hpp"

namespace raddle::model {

enum class Flaw : std::uint8_t {
  none,
  trusts_known_tail,             // reports Empty by the tail as it was last seen
  looks_at_tail_before_locking,  // reports Empty by a tail that is older than the head
  looks_at_head_before_locking,  // reports Full by a head that is older than the tail
  publishes_before_writing,
  closes_before_draining,  // in two steps
  drains_before_closing,   // in two steps
};

// FifoQueue without its blocks.
class FlawedFifo {
 public:
  using Item = std::uint8_t;

  FlawedFifo(Flaw flaw, std::int64_t maxsize) : flaw_(flaw), max_(maxsize != 0 ? maxsize : kSlots) {}

  QueueStatus try_put(Item item) {
    const std::uint64_t early = flaw_ == Flaw::looks_at_head_before_locking ? head_.peek().index() : 0;
    const IndexLock::State state = tail_.lock();
    const std::uint64_t index = state.index();
    const std::uint64_t head = flaw_ == Flaw::looks_at_head_before_locking ? early : head_.peek().index();
    const bool full = index - head >= static_cast<std::uint64_t>(max_);
    const bool puts = !state.closed() && !full;
    if (puts && flaw_ != Flaw::publishes_before_writing) slots_[index].store(item, order::seq_cst);
    tail_.unlock(index + (puts ? 1 : 0), state.closed());
    if (puts && flaw_ == Flaw::publishes_before_writing) slots_[index].store(item, order::seq_cst);
    return puts ? QueueStatus::done : state.closed() ? QueueStatus::closed : QueueStatus::full;
  }

  QueueStatus try_get(Item& item) {
    IndexLock::State tail(0, false);
    if (flaw_ == Flaw::looks_at_tail_before_locking) tail = tail_.peek();
    const std::uint64_t index = head_.lock().index();
    if (flaw_ == Flaw::trusts_known_tail) tail = IndexLock::State(known_tail_, false);
    if (flaw_ != Flaw::looks_at_tail_before_locking && tail.index() <= index) {
      const IndexLock::State now = tail_.peek();
      if (flaw_ != Flaw::trusts_known_tail) tail = now;
      known_tail_ = now.index();
    }
    const bool gets = tail.index() > index;
    if (gets) item = slots_[index].load(order::seq_cst);
    head_.unlock(index + (gets ? 1 : 0), false);
    return gets ? QueueStatus::done : tail.closed() ? QueueStatus::closed : QueueStatus::empty;
  }

  template <class Closed, class Sink>
  QueueStatus close_and_take_all(Closed closed, Sink sink) {
    if (flaw_ == Flaw::closes_before_draining) close();
    const std::uint64_t from = head_.lock().index();
    const IndexLock::State tail = tail_.lock();
    tail_.unlock(tail.index(), tail.closed() || flaw_ != Flaw::drains_before_closing);
    head_.unlock(tail.index(), false);
    if (flaw_ == Flaw::drains_before_closing) close();
    closed(tail.index() - from);
    for (std::uint64_t index = from; index != tail.index(); ++index) sink(slots_[index].load(order::seq_cst));
    return QueueStatus::done;
  }

 private:
  static constexpr std::int64_t kSlots = 16;

  void close() {
    const IndexLock::State state = tail_.lock();
    tail_.unlock(state.index(), true);
  }

  const Flaw flaw_;
  const std::int64_t max_;
  IndexLock tail_, head_;
  std::uint64_t known_tail_ = 0;  // guarded by the head's lock
  std::array<atomic<Item>, kSlots> slots_;
};

// A ring in which each slot says whose turn it is (after Vyukov): Empty and Full are decided by the slot, so that
// a thread that was preempted between claiming a slot and using it makes the queue look empty, or full, to others.
class TurnsPerSlot {
 public:
  using Item = std::uint8_t;

  TurnsPerSlot() {
    for (std::size_t i = 0; i < kSlots; ++i) slots_[i].turn.store(i, order::seq_cst);
  }

  QueueStatus try_put(Item item) {
    for (std::uint64_t ticket = tail_.load(order::seq_cst);;) {
      Slot& slot = slots_[ticket % kSlots];
      const std::uint64_t turn = slot.turn.load(order::seq_cst);
      if (turn < ticket) return QueueStatus::full;
      if (turn > ticket) {
        ticket = tail_.load(order::seq_cst);
      } else if (tail_.compare_exchange_weak(ticket, ticket + 1, order::seq_cst, order::seq_cst)) {
        slot.item = item;
        slot.turn.store(ticket + 1, order::seq_cst);
        return QueueStatus::done;
      }
    }
  }
  QueueStatus try_get(Item& item) {
    for (std::uint64_t ticket = head_.load(order::seq_cst);;) {
      Slot& slot = slots_[ticket % kSlots];
      const std::uint64_t turn = slot.turn.load(order::seq_cst);
      if (turn < ticket + 1) return QueueStatus::empty;
      if (turn > ticket + 1) {
        ticket = head_.load(order::seq_cst);
      } else if (head_.compare_exchange_weak(ticket, ticket + 1, order::seq_cst, order::seq_cst)) {
        item = slot.item;
        slot.turn.store(ticket + kSlots, order::seq_cst);
        return QueueStatus::done;
      }
    }
  }

 private:
  static constexpr std::size_t kSlots = 2;
  struct Slot {
    atomic<std::uint64_t> turn{0};
    Item item = 0;
  };

  atomic<std::uint64_t> tail_{0}, head_{0};
  std::array<Slot, kSlots> slots_;
};

}  // namespace raddle::model
