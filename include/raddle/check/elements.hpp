// Elements of sequences of which nothing but the latest stores is remembered, many together.
//
// A store of a value that refers to nothing, under no lock, on which nothing depends and that depends on nothing,
// is a bit: in a layer, that is what one thread did at one site in one epoch to one block of kElements elements.
// As soon as anything else is done to an element it gets a cell: its stores are put there first, and all rules see
// what they would have seen. From then on the block says that the element has a cell, and stores go there.
//
// Setting a bit takes no lock. Who makes a cell sets the block's bit and then reads the layers' bits; who stores
// sets the layer's bit and then reads the block's: one of them sees the other (both seq_cst, Dekker). If each sees
// the other, the cell gets the store twice, and what is found there may count one more.
//
// Blocks and layers are taken from pools that are not given back. The thread of a layer may set a bit in it after
// it was taken out, if the shadow of an object was forgotten while the object lives: so such layers are used again
// by their own slot only, whose thread cannot be setting a bit meanwhile.
#pragma once

#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/check/record.hpp"

namespace raddle::check {

inline constexpr unsigned kElements = 512;  // of a block
inline constexpr unsigned kElementWords = kElements / 64;
inline constexpr std::uint64_t kMostBlocks = std::uint64_t{1} << 24;  // of a sequence

using ElementBits = atomic<std::uint64_t>[kElementWords];

struct Layer {
  Layer* next = nullptr;  // older; in the list of free ones
  Record record;          // without holds
  ElementBits stored = {};
};

struct Block {
  Block* next = nullptr;    // in the list of free ones
  Layer* layers = nullptr;  // the newest first; under the lock of the shard
  ElementBits in_cells = {};
};

// What only some sequences have.
struct Elements {
  VectorClock writers;       // for each slot its count of accesses when it last stored an element
  Block** blocks = nullptr;  // by number
  std::uint32_t block_count = 0;
};
void free_elements(Elements* elements) noexcept;  // without the blocks

constexpr bool is_element(std::uint64_t key) noexcept {
  return key >= kFirstIndex && key - kFirstIndex < kMostBlocks * kElements;
}
constexpr std::uint64_t index_of_element(std::uint64_t key) noexcept { return key - kFirstIndex; }
constexpr unsigned word_of_element(std::uint64_t index) noexcept {
  return static_cast<unsigned>(index % kElements / 64);
}
constexpr std::uint64_t bit_of_element(std::uint64_t index) noexcept { return std::uint64_t{1} << (index % 64); }

}  // namespace raddle::check
