#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "raddle/base/cache_line.hpp"

namespace {

using raddle::kCacheLine;
using raddle::OwnLine;

// For every start that an allocator with 16-byte alignment may choose.
TEST(OwnLine, LiesOnALineOfItsOwnWhereverTheHolderStarts) {
  alignas(kCacheLine) std::byte memory[4 * kCacheLine];
  for (std::size_t offset = 0; offset < kCacheLine; offset += 16) {
    auto* holder = ::new (memory + offset) OwnLine<std::uint64_t>(offset);
    const auto address = reinterpret_cast<std::uintptr_t>(&holder->get());
    EXPECT_EQ(address % kCacheLine, 0U);
    EXPECT_GE(address, reinterpret_cast<std::uintptr_t>(holder));
    EXPECT_LE(address + kCacheLine, reinterpret_cast<std::uintptr_t>(holder + 1));
    EXPECT_EQ(**holder, offset);
    std::destroy_at(holder);
  }
}

TEST(OwnLine, DestroysItsValueOnce) {
  auto counted = std::make_shared<int>(1);
  {
    OwnLine<std::shared_ptr<int>> holder(counted);
    EXPECT_EQ(counted.use_count(), 2);
  }
  EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
