// A table for the few threads of a program, whose cells are there from the start.
#pragma once

#include <array>
#include <cstddef>

#include "raddle/base/thread_slot.hpp"

namespace raddle {

template <class Cell, std::size_t>
class SlotTable {
 public:
  static constexpr std::size_t kThreads = 3;  // whose numbers begin with 1

  Cell* find(ThreadSlot slot) const noexcept { return &cells_[slot - 1]; }
  Cell* make(ThreadSlot slot) noexcept { return find(slot); }
  template <class Visit>
  bool for_each(Visit visit) const {
    for (Cell& cell : cells_)
      if (!visit(cell)) return false;
    return true;
  }
  void clear() noexcept {}

 private:
  mutable std::array<Cell, kThreads> cells_;
};

}  // namespace raddle
