#include "raddle/check/clocks.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace raddle::check {

VectorClock::~VectorClock() { std::free(clocks_); }

bool VectorClock::grow(unsigned size) noexcept {
  if (size > capacity_) {
    const unsigned wanted = std::max(size, capacity_ == 0 ? 8 : capacity_ * 2);
    void* grown = std::realloc(clocks_, wanted * sizeof(Clock));
    if (grown == nullptr) return false;
    clocks_ = static_cast<Clock*>(grown);
    capacity_ = wanted;
  }
  std::fill(clocks_ + size_, clocks_ + size, 0);
  size_ = size;
  return true;
}

bool VectorClock::join(const VectorClock& other, bool& changed) noexcept {
  if (other.size_ > size_ && !grow(other.size_)) return false;
  Clock news = 0;
  for (unsigned slot = 0; slot < other.size_; ++slot) {
    const Clock mine = clocks_[slot], theirs = other.clocks_[slot];
    const Clock larger = mine < theirs ? theirs : mine;
    news |= larger ^ mine;
    clocks_[slot] = larger;
  }
  if (news != 0) changed = true;
  return true;
}

bool VectorClock::assign(const VectorClock& other) noexcept {
  if (other.size_ > capacity_ && !grow(other.size_)) return false;
  std::copy(other.clocks_, other.clocks_ + other.size_, clocks_);
  size_ = other.size_;
  return true;
}

ClocksRef ClocksRef::make() noexcept { return attach(new (std::nothrow) Clocks); }

}  // namespace raddle::check
