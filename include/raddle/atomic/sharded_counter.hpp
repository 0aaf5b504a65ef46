// ShardedCounter: a counter that many threads add to and few read (after LongAdder by Doug Lea).
//
// Each thread adds to a cell on a cache line of its own, with a plain load and store: no other thread
// writes there. Reading adds up all cells and `base_`.
//
//   value = base_ + sum of cells          base_ has 128 bits: cells that would overflow spill into it
//
// reset() does not zero the cells, which would lose an addition that is between its load and its store;
// it takes the sum off base_ instead.
//
// A cell belongs to a thread slot (thread_slot.hpp). When a thread ends its cell stays attached, so the
// count is kept, until a later operation folds it into base_ and returns the cell: attached cells do not
// outnumber live threads for longer than until the next reset(), get() or first touch by a new thread.
//
// Concurrency: base_, the table of cells and cell ownership change only under ThreadSlots::Lock and
// inside a sequence that is odd meanwhile (a seqlock); get() reads without a lock and again if the sequence
// moved. Cells come from a pool that is never returned to the system, so a reader that holds an outdated
// table reads a cell that is somebody else's by now, and discards what it read.
//
// Progress: increment is wait-free after a thread's first call on this counter, which takes the lock for
// a number of steps bounded by the number of threads; get is wait-free unless a fold or reset runs, then it may be
// delayed by a preempted peer; reset takes the lock. No operation fails for want of memory: a thread without a
// cell adds to base_ under the lock.
// Consistency: get is weakly consistent: while others add, it returns a value between those at its start and
// at its end if all add the same sign. What another thread added is certain to be in it only if something orders
// the addition before the call (a join, a lock, a queue): an addition is a release store, and seeing it at once
// would cost a full barrier in every increment. reset is exact: every addition is in exactly one
// reset's result or in what remains.
// Fork: counts of all threads stay in the child (see thread_slot.hpp).
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/cache_line.hpp"
#include "raddle/base/int128.hpp"
#include "raddle/base/thread_slot.hpp"

namespace raddle {

class ShardedCounter {
 public:
  using Sum = Int128;  // a few cells together exceed 64 bits

  explicit ShardedCounter(std::int64_t value = 0) noexcept;
  ~ShardedCounter();
  ShardedCounter(const ShardedCounter&) = delete;
  ShardedCounter& operator=(const ShardedCounter&) = delete;

  void increment(std::int64_t n = 1) noexcept {
    if (Cell* cell = own_cell()) [[likely]] {
      const std::int64_t before = cell->value.load(order::relaxed);  // relaxed: own last write
      std::int64_t after;
      if (!__builtin_add_overflow(before, n, &after)) [[likely]] {
        // release, pairs with the acquire in read(): a reader that meets this in a recycled cell also
        // sees the odd sequence under which the cell changed hands.
        cell->value.store(after, order::release);
        return;
      }
    }
    add(n);
  }
  void decrement(std::int64_t n = 1) noexcept {
    if (n != INT64_MIN) [[likely]]
      return increment(-n);
    add(-Sum{n});  // the smallest integer has no negative of its own size
  }
  // Adds any number in one step, under the lock.
  void add(Sum n) noexcept;

  Sum get() noexcept;
  Sum reset() noexcept;

  // How many cells are attached, as of some recent moment.
  std::uint32_t approx_cells() const noexcept {
    return attached_.load(order::relaxed);  // relaxed: a statistic
  }

  struct alignas(kCacheLine) Cell {
    atomic<std::int64_t> value{0};
    Cell* next_free = nullptr;  // in the pool; guarded by ThreadSlots::Lock
  };

 private:
  struct Table;
  class Change;

  Cell* own_cell() const noexcept {
    const ThreadSlot slot = ThreadSlots::current();
    // acquire, pairs with the release in grow(): the table is filled before it is seen.
    const Table* table = table_.load(order::acquire);
    if (slot >= table->size) return nullptr;  // kNoSlot too
    // relaxed: written by this thread, or under the lock before this thread got its slot
    return table->cells()[slot].load(order::relaxed);
  }
  Cell* attach(ThreadSlot slot) noexcept;
  Table* grow(Table* bigger) noexcept;
  Sum read() const noexcept;
  void fold_ended(const ThreadSlots::Lock& lock) noexcept;
  Sum base() const noexcept;
  void set_base(Sum value) noexcept;

  struct Table {
    std::uint32_t size;
    Table* older;  // readers may still hold it; freed with the counter
    static Table* make(std::uint32_t size) noexcept;
    atomic<Cell*>* cells() noexcept { return reinterpret_cast<atomic<Cell*>*>(this + 1); }
    const atomic<Cell*>* cells() const noexcept { return reinterpret_cast<const atomic<Cell*>*>(this + 1); }
  };
  static constinit Table no_cells_;

  atomic<Table*> table_;
  atomic<std::uint64_t> sequence_{0};  // odd: a change is under way
  atomic<std::uint64_t> base_low_;     // the two halves of base_
  atomic<std::uint64_t> base_high_;
  atomic<std::uint32_t> attached_{0};
};

}  // namespace raddle
