// A table with a cell for every thread slot, whose cells never move.
//
// It grows by chunks, each twice as large as the one before, so that a pointer to a cell stays good for as long as
// the table, and a table that a few threads use is small. `find` is wait-free; `make` allocates a chunk at the
// first use of one of its slots, and of two threads that do so at once one throws its chunk away.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

#include "raddle/base/atomic.hpp"
#include "raddle/base/cache_line.hpp"
#include "raddle/base/thread_slot.hpp"

namespace raddle {

// `Cell` fills cache lines of its own; a new one is value-initialised. `kFirst`: how many cells the first chunk
// has.
template <class Cell, std::size_t kFirst>
class SlotTable {
  static_assert(std::has_single_bit(kFirst) && alignof(Cell) == kCacheLine);

 public:
  constexpr SlotTable() noexcept = default;
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  // Null if the slot's chunk has never been asked for.
  Cell* find(ThreadSlot slot) const noexcept {
    const Place place = place_of(slot);
    // acquire, pairs with the release in make(): the cells were built before
    Cell* cells = chunks_[place.chunk].load(order::acquire);
    return cells == nullptr ? nullptr : cells + place.index;
  }

  // Null if memory is wanting.
  Cell* make(ThreadSlot slot) noexcept {
    if (Cell* cell = find(slot)) return cell;
    const Place place = place_of(slot);
    const std::size_t count = kFirst << place.chunk;
    auto* cells =
        static_cast<Cell*>(::operator new(count * sizeof(Cell), std::align_val_t{alignof(Cell)}, std::nothrow));
    if (cells == nullptr) return nullptr;
    for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(cells + i)) Cell();
    Cell* there = nullptr;
    // release, pairs with the acquire in find(); acquire: so do the cells of whoever was faster. seq_cst: who
    // changes a new cell and then sees that somebody has not come yet is seen by that one in for_each()
    if (!chunks_[place.chunk].compare_exchange_strong(there, cells, order::seq_cst, order::acquire)) {
      free(cells);
      cells = there;
    }
    return cells + place.index;
  }

  // visit(Cell&) for every cell that is there; stops when it returns false. False: it was stopped.
  template <class Visit>
  bool for_each(Visit visit) const {
    for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
      Cell* cells = chunks_[chunk].load(order::seq_cst);  // acquire: as in find(); seq_cst, pairs with make()
      if (cells == nullptr) continue;
      for (std::size_t i = 0; i < kFirst << chunk; ++i)
        if (!visit(cells[i])) return false;
    }
    return true;
  }

  // Frees all cells. Nobody uses the table any more. (No destructor, for tables that live as long as the process.)
  void clear() noexcept {
    for (auto& chunk : chunks_) free(chunk.exchange(nullptr, order::relaxed));  // relaxed: one thread
  }

 private:
  static constexpr int kSlotBits = 20;
  static constexpr std::size_t kChunks = kSlotBits - std::countr_zero(kFirst) + 1;

  struct Place {
    std::size_t chunk, index;
  };
  static Place place_of(ThreadSlot slot) noexcept {
    const std::size_t n = slot + kFirst;
    const auto chunk = static_cast<std::size_t>(std::bit_width(n) - std::bit_width(kFirst));
    return {chunk, n - (kFirst << chunk)};
  }
  static void free(Cell* cells) noexcept { ::operator delete(cells, std::align_val_t{alignof(Cell)}); }

  std::array<atomic<Cell*>, kChunks> chunks_{};
};

}  // namespace raddle
