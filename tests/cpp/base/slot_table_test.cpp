#include "raddle/base/slot_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "support/parallel.hpp"

namespace {

using raddle::kCacheLine;
using raddle::SlotTable;
using raddle::ThreadSlot;
using raddle::test::in_parallel;

struct alignas(kCacheLine) Cell {
  std::atomic<int> value{0};
};

constexpr ThreadSlot kLast = (1U << 20) - 1;

// Chunks have 4, 8, 16 ... cells; each slot's cell is its own and stays where it is.
TEST(SlotTable, EverySlotHasACellOfItsOwn) {
  SlotTable<Cell, 4> table;
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(kLast), nullptr);
  std::set<Cell*> cells;
  std::vector<Cell*> made;
  for (ThreadSlot slot = 0; slot < 1000; ++slot) {
    Cell* cell = table.make(slot);
    ASSERT_NE(cell, nullptr);
    cells.insert(cell);
    made.push_back(cell);
  }
  EXPECT_EQ(cells.size(), 1000U);
  for (ThreadSlot slot = 0; slot < 1000; ++slot) {
    EXPECT_EQ(table.find(slot), made[slot]);
    EXPECT_EQ(table.make(slot), made[slot]);
  }
  std::size_t seen = 0;
  EXPECT_TRUE(table.for_each([&](Cell& cell) {
    seen += cells.count(&cell);
    return true;
  }));
  EXPECT_EQ(seen, 1000U);
  EXPECT_FALSE(table.for_each([&](Cell&) { return false; }));
  table.clear();
  EXPECT_EQ(table.find(0), nullptr);
}

TEST(SlotTable, TheLastSlotHasItsPlace) {
  SlotTable<Cell, 1 << 16> table;
  Cell* last = table.make(kLast);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(table.find(kLast), last);
  EXPECT_EQ(table.find(kLast - 1), last - 1);
  EXPECT_EQ(table.find(0), nullptr);
  table.clear();
}

TEST(SlotTable, OfThreadsThatMakeAChunkAtOnceAllGetTheSame) {
  constexpr int kThreads = 4;
  for (int round = 0; round < 200; ++round) {
    SlotTable<Cell, 4> table;
    in_parallel(kThreads, [&](int thread) {
      for (const ThreadSlot slot : {3U, 11U, 12U}) {
        const Cell* seen = table.find(slot);
        Cell* cell = table.make(slot);
        EXPECT_TRUE(seen == nullptr || seen == cell);
        cell->value += thread + 1;
      }
    });
    for (const ThreadSlot slot : {3U, 11U, 12U}) EXPECT_EQ(table.find(slot)->value, 10);
    table.clear();
  }
}

}  // namespace
