#include "raddle/atomic/sharded_counter.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace raddle {

namespace {

using Cell = ShardedCounter::Cell;

// Cells of all counters. Their memory stays cells for ever, because readers may hold outdated tables.
// Changed under ThreadSlots::Lock. Nothing here has a destructor: threads may outlive main().
constinit Cell* free_cells = nullptr;
constinit atomic<std::uint32_t> free_cell_count{0};
constexpr std::uint32_t kCellsPerSlab = 64;

void give(Cell* cell) noexcept {
  cell->next_free = std::exchange(free_cells, cell);
  // relaxed: a hint for add(), changed under the lock
  free_cell_count.store(free_cell_count.load(order::relaxed) + 1, order::relaxed);
}

Cell* take() noexcept {
  Cell* cell = free_cells;
  if (cell == nullptr) return nullptr;
  free_cells = cell->next_free;
  free_cell_count.store(free_cell_count.load(order::relaxed) - 1, order::relaxed);  // relaxed: as in give()
  return cell;
}

// A reader that meets changes this often takes the lock.
constexpr int kReadAttempts = 64;

constexpr std::uint32_t kFirstTableSize = 8;

}  // namespace

constinit ShardedCounter::Table ShardedCounter::no_cells_{0, nullptr};

// A null pointer where memory is wanting.
ShardedCounter::Table* ShardedCounter::Table::make(std::uint32_t size) noexcept {
  void* memory = ::operator new(sizeof(Table) + size * sizeof(atomic<Cell*>), std::nothrow);
  if (memory == nullptr) return nullptr;
  auto* table = ::new (memory) Table{size, nullptr};
  for (std::uint32_t slot = 0; slot < size; ++slot) ::new (&table->cells()[slot]) atomic<Cell*>(nullptr);
  return table;
}

// Marks the sequence odd for as long as it lives, under the lock.
class ShardedCounter::Change {
 public:
  explicit Change(ShardedCounter& counter) noexcept : counter_(counter) {
    // relaxed load: own last write or an earlier one under the lock. relaxed store: what is stored
    // after it is stored with release, so whoever sees that sees the odd number too.
    counter_.sequence_.store(counter_.sequence_.load(order::relaxed) + 1, order::relaxed);
  }
  ~Change() {
    // release, pairs with the acquire at the start of read(): an even number shows a finished change.
    counter_.sequence_.store(counter_.sequence_.load(order::relaxed) + 1, order::release);
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

 private:
  ShardedCounter& counter_;
};

ShardedCounter::ShardedCounter(std::int64_t value) noexcept : table_(&no_cells_) { set_base(value); }

ShardedCounter::~ShardedCounter() {
  Table* table = table_.load(order::relaxed);  // relaxed: nobody else is left
  {
    const ThreadSlots::Lock lock;
    for (std::uint32_t slot = 0; slot < table->size; ++slot)
      if (Cell* cell = table->cells()[slot].load(order::relaxed)) give(cell);  // relaxed: as above
  }
  while (table != &no_cells_) ::operator delete(std::exchange(table, table->older));
}

ShardedCounter::Sum ShardedCounter::base() const noexcept {
  // acquire, pairs with set_base(): a reader that sees a new half also sees the odd sequence.
  const std::uint64_t low = base_low_.load(order::acquire);
  const std::uint64_t high = base_high_.load(order::acquire);
  return static_cast<Sum>(static_cast<UInt128>(high) << 64 | low);
}

void ShardedCounter::set_base(Sum value) noexcept {
  const auto bits = static_cast<UInt128>(value);
  // release, pairs with the loads in base()
  base_low_.store(static_cast<std::uint64_t>(bits), order::release);
  base_high_.store(static_cast<std::uint64_t>(bits >> 64), order::release);
}

// Adds up what is there. The caller holds the lock or checks the sequence.
ShardedCounter::Sum ShardedCounter::read() const noexcept {
  Sum sum = base();
  const Table* table = table_.load(order::acquire);  // acquire, pairs with the release in grow()
  for (std::uint32_t slot = 0; slot < table->size; ++slot) {
    // acquire, pairs with attach() and fold_ended(); the value's acquire pairs with increment()
    if (const Cell* cell = table->cells()[slot].load(order::acquire)) sum += cell->value.load(order::acquire);
  }
  return sum;
}

ShardedCounter::Sum ShardedCounter::get() noexcept {
  // More cells than threads: some belong to threads that ended. relaxed counts: only a reason to look.
  const bool untidy = approx_cells() > ThreadSlots::approx_live();
  for (int attempt = 0; !untidy && attempt < kReadAttempts; ++attempt) {
    const std::uint64_t sequence = sequence_.load(order::acquire);  // acquire, pairs with ~Change()
    const Sum sum = read();
    // relaxed: read()'s acquires keep it after them
    if (sequence % 2 == 0 && sequence_.load(order::relaxed) == sequence) return sum;
  }
  const ThreadSlots::Lock lock;
  if (untidy) fold_ended(lock);
  return read();
}

ShardedCounter::Sum ShardedCounter::reset() noexcept {
  const ThreadSlots::Lock lock;
  fold_ended(lock);
  const Sum sum = read();
  const Change change(*this);
  set_base(base() - sum);
  return sum;
}

// Moves the counts of cells whose thread ended into base_ and returns the cells to the pool. A slot that
// nobody holds cannot be taken while the lock is held, so nobody adds to its cell meanwhile; and what its
// last holder added happened before it gave the slot back under the same lock.
void ShardedCounter::fold_ended(const ThreadSlots::Lock& lock) noexcept {
  Table* table = table_.load(order::relaxed);  // relaxed: under the lock, like all loads below
  for (std::uint32_t slot = 0; slot < table->size; ++slot) {
    Cell* cell = table->cells()[slot].load(order::relaxed);
    if (cell == nullptr || lock.in_use(slot)) continue;
    const Change change(*this);
    set_base(base() + cell->value.load(order::relaxed));
    table->cells()[slot].store(nullptr, order::release);  // release, pairs with the acquire in read()
    attached_.store(attached_.load(order::relaxed) - 1, order::relaxed);  // relaxed: a statistic
    give(cell);
  }
}

// Gives the slot a cell, if there is room for it and a cell to be had. The caller holds the lock.
ShardedCounter::Cell* ShardedCounter::attach(ThreadSlot slot) noexcept {
  Table* table = table_.load(order::relaxed);  // relaxed: under the lock, like all loads below
  if (slot >= table->size) return nullptr;
  atomic<Cell*>& place = table->cells()[slot];
  if (Cell* cell = place.load(order::relaxed)) return cell;
  Cell* cell = take();
  if (cell == nullptr) return nullptr;
  cell->value.store(0, order::release);  // release, pairs with the acquire in read()
  place.store(cell, order::release);     // likewise: the cell is zero before it is seen
  attached_.store(attached_.load(order::relaxed) + 1, order::relaxed);  // relaxed: a statistic
  return cell;
}

// Installs `bigger`, unless another thread was faster; returns the table that is not needed. The caller
// holds the lock. Needs no Change: both tables lead to the same cells.
ShardedCounter::Table* ShardedCounter::grow(Table* bigger) noexcept {
  Table* table = table_.load(order::relaxed);  // relaxed: under the lock, like all loads below
  if (bigger == nullptr || bigger->size <= table->size) return bigger;
  for (std::uint32_t slot = 0; slot < table->size; ++slot)
    bigger->cells()[slot].store(table->cells()[slot].load(order::relaxed), order::relaxed);
  bigger->older = table;
  table_.store(bigger, order::release);  // release, pairs with own_cell() and read()
  return nullptr;
}

// Among others the first addition of a thread, one that its cell cannot hold, or one for which memory is wanting.
// Memory is asked for before the lock is taken and what proved superfluous is freed after it.
void ShardedCounter::add(Sum n) noexcept {
  const ThreadSlot slot = ThreadSlots::current();
  // Guesses what will be needed; a wrong guess costs one more slow addition.
  const std::uint32_t size = table_.load(order::acquire)->size;  // acquire, pairs with the release in grow()
  Table* table = nullptr;
  if (slot != kNoSlot && slot >= size) table = Table::make(std::max(kFirstTableSize, std::bit_ceil(slot + 1)));
  Cell* slab = nullptr;
  if (slot != kNoSlot && free_cell_count.load(order::relaxed) == 0) slab = new (std::nothrow) Cell[kCellsPerSlab];
  {
    const ThreadSlots::Lock lock;
    fold_ended(lock);
    table = grow(table);
    for (std::uint32_t i = 0; slab != nullptr && i < kCellsPerSlab; ++i) give(&slab[i]);
    const Change change(*this);
    Sum spilled = n;
    if (Cell* cell = attach(slot)) {
      spilled += cell->value.load(order::relaxed);  // relaxed: own last write
      cell->value.store(0, order::release);         // release, pairs with the acquire in read()
    }
    set_base(base() + spilled);
  }
  ::operator delete(table);
}

}  // namespace raddle
