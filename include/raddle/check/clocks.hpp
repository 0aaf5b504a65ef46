// Vector clocks: for each logical thread, up to which of its events something is known.
//
// An epoch names an event: the thread's slot and the slot's clock at it. A slot is used by one thread after
// another; its clock goes on.
#pragma once

#include <cstdint>
#include <utility>

#include "raddle/base/atomic.hpp"

namespace raddle::check {

using Slot = std::uint16_t;
using Clock = std::uint64_t;  // 48 bits
using Epoch = std::uint64_t;  // slot: bits 48-63, clock: bits 0-47; 0: none

inline constexpr unsigned kMaxSlots = 1024;
inline constexpr int kClockBits = 48;

constexpr Epoch epoch_of(Slot slot, Clock clock) noexcept { return (Epoch{slot} << kClockBits) | clock; }
constexpr Slot slot_of_epoch(Epoch epoch) noexcept { return static_cast<Slot>(epoch >> kClockBits); }
constexpr Clock clock_of_epoch(Epoch epoch) noexcept { return epoch & ((Epoch{1} << kClockBits) - 1); }

// Grows as needed; what is beyond its size is 0. Without memory it stays as it was and says so.
class VectorClock {
 public:
  VectorClock() noexcept = default;
  ~VectorClock();
  VectorClock(const VectorClock&) = delete;
  VectorClock& operator=(const VectorClock&) = delete;

  Clock operator[](unsigned slot) const noexcept { return slot < size_ ? clocks_[slot] : 0; }
  unsigned size() const noexcept { return size_; }
  bool covers(Epoch epoch) const noexcept { return clock_of_epoch(epoch) <= (*this)[slot_of_epoch(epoch)]; }

  [[nodiscard]] bool raise(unsigned slot, Clock clock) noexcept {
    if (slot >= size_ && !grow(slot + 1)) return false;
    if (clocks_[slot] < clock) clocks_[slot] = clock;
    return true;
  }
  // To the larger one everywhere. `changed` is set if anything became larger, else left alone.
  [[nodiscard]] bool join(const VectorClock& other, bool& changed) noexcept;
  [[nodiscard]] bool join(const VectorClock& other) noexcept {
    bool ignored = false;
    return join(other, ignored);
  }
  [[nodiscard]] bool assign(const VectorClock& other) noexcept;
  void clear() noexcept { size_ = 0; }
  void swap(VectorClock& other) noexcept {
    std::swap(clocks_, other.clocks_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  [[nodiscard]] bool grow(unsigned size) noexcept;

  Clock* clocks_ = nullptr;
  unsigned size_ = 0, capacity_ = 0;
};

// What a thread knew when it released: both relations, and what it knew through values (`read`, see rules.hpp).
// Immutable while more than one reference exists.
class Clocks {
 public:
  Clocks() noexcept = default;

  VectorClock all;     // F
  VectorClock strict;  // C
  VectorClock read;    // P

 private:
  friend class ClocksRef;
  atomic<std::uint32_t> references_{1};
};

// A counted reference; may be empty.
class ClocksRef {
 public:
  ClocksRef() noexcept = default;
  ClocksRef(const ClocksRef& other) noexcept : clocks_(other.clocks_) {
    if (clocks_ != nullptr) clocks_->references_.fetch_add(1, order::relaxed);  // relaxed: one exists already
  }
  ClocksRef(ClocksRef&& other) noexcept : clocks_(std::exchange(other.clocks_, nullptr)) {}
  ClocksRef& operator=(ClocksRef other) noexcept {
    std::swap(clocks_, other.clocks_);
    return *this;
  }
  ~ClocksRef() {
    // acq_rel: who frees it comes after all who used it.
    if (clocks_ != nullptr && clocks_->references_.fetch_sub(1, order::acq_rel) == 1) delete clocks_;
  }

  explicit operator bool() const noexcept { return clocks_ != nullptr; }
  const Clocks& operator*() const noexcept { return *clocks_; }
  const Clocks* operator->() const noexcept { return clocks_; }
  const Clocks* get() const noexcept { return clocks_; }
  // For callers that keep a reference in a word of their own.
  Clocks* detach() noexcept { return std::exchange(clocks_, nullptr); }
  static ClocksRef attach(Clocks* clocks) noexcept {
    ClocksRef made;
    made.clocks_ = clocks;
    return made;
  }

 private:
  friend class Locks;
  static ClocksRef make() noexcept;  // empty without memory
  // acquire: whoever dropped a reference has done with the clocks.
  bool only_one() const noexcept { return clocks_->references_.load(order::acquire) == 1; }

  Clocks* clocks_ = nullptr;
};

}  // namespace raddle::check
