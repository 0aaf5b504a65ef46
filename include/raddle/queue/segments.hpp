// The memory of queues: blocks of slots, linked, numbered through by the index of their first slot.
//
// A queue grows by linking a block and shrinks by giving one back, so that no item ever moves and a burst leaves
// little behind. The first block has 16 slots, later ones about as many as the queue has items, at least 64 and at
// most 64 KB: a queue that stays short stays small.
//
// One block that was given back is kept for whoever needs one next: a queue in steady flow allocates nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "raddle/base/atomic.hpp"
#include "raddle/base/memory.hpp"

namespace raddle {

template <class T>
struct Segment {
  static_assert(std::is_trivially_copyable_v<T>, "slots are copied under locks: no code of T's may run there");

  Segment* link = nullptr;  // where the queue goes on: the newer block (FIFO) or the older one (LIFO)
  std::uint64_t first = 0;  // the index of slots()[0]
  std::size_t slot_count = 0;

  std::uint64_t end() const noexcept { return first + slot_count; }
  T& operator[](std::uint64_t index) noexcept { return slots()[index - first]; }

 private:
  T* slots() noexcept { return reinterpret_cast<T*>(this + 1); }
};

template <class T>
class Segments {
 public:
  Segments() noexcept = default;
  ~Segments() { end(spare_.load(order::relaxed)); }  // relaxed: the owner is being destroyed
  Segments(const Segments&) = delete;
  Segments& operator=(const Segments&) = delete;

  // A block to follow one of `before` slots in a queue of `size` items; null if there is no memory. May allocate:
  // call it without a lock.
  Segment<T>* make(std::size_t before, std::size_t size) noexcept {
    const std::size_t slots = before == 0 ? kFirst : std::clamp(size, kSmall, kLargest);
    // acquire, pairs with the release in give_back(): the last reads of the block come before its reuse.
    Segment<T>* block = spare_.exchange(nullptr, order::acquire);
    if (block != nullptr && block->slot_count >= slots && block->slot_count / kSmall <= slots) return block;
    end(block);
    void* memory = take_memory(bytes_for(slots));
    if (memory == nullptr) return nullptr;
    block = ::new (memory) Segment<T>;
    block->slot_count = slots;
    return block;
  }

  // Takes back a block that nobody reads any more. May free memory: call it without a lock.
  void give_back(Segment<T>* block) noexcept {
    end(spare_.exchange(block, order::acq_rel));  // acq_rel: as in make(), both ways
  }

 private:
  static_assert(alignof(T) <= alignof(Segment<T>) && sizeof(T) <= 64, "slots follow the head of their block");
  static constexpr std::size_t kFirst = 16, kSmall = 64;
  static constexpr std::size_t kLargest = ((std::size_t{64} << 10) - sizeof(Segment<T>)) / sizeof(T);

  static std::size_t bytes_for(std::size_t slots) noexcept { return sizeof(Segment<T>) + slots * sizeof(T); }
  static void end(Segment<T>* block) noexcept {
    if (block != nullptr) give_memory_back(block, bytes_for(block->slot_count));
  }

  atomic<Segment<T>*> spare_{nullptr};
};

}  // namespace raddle
