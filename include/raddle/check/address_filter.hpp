// Tells quickly that an address is not in a set: a small counter for each of many buckets of addresses.
//
// A counter that reached its largest value stays there. Adding and removing one address is ordered by the caller;
// may_have() of an address whose adding it is after says true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "raddle/base/atomic.hpp"

namespace raddle::check {

class AddressFilter {
 public:
  explicit AddressFilter(int bits = kBits) noexcept
      : counts_(static_cast<atomic<std::uint8_t>*>(std::calloc(std::size_t{1} << bits, sizeof(std::uint8_t)))),
        shift_(64 - bits) {}

  bool may_have(std::uintptr_t address) const noexcept {
    // relaxed: the caller's order decides whether the address is there
    return counts_ == nullptr || counts_[bucket(address)].load(order::relaxed) != 0;
  }
  void add(std::uintptr_t address) noexcept {
    if (counts_ == nullptr) return;
    atomic<std::uint8_t>& count = counts_[bucket(address)];
    std::uint8_t seen = count.load(order::relaxed);  // relaxed: a number, as above
    while (seen != kStuck && !count.compare_exchange_weak(seen, static_cast<std::uint8_t>(seen + 1),
                                                          order::relaxed, order::relaxed)) {
    }
  }
  void remove(std::uintptr_t address) noexcept {
    if (counts_ == nullptr) return;
    atomic<std::uint8_t>& count = counts_[bucket(address)];
    std::uint8_t seen = count.load(order::relaxed);  // relaxed: a number, as above
    while (
        seen != kStuck && seen != 0 &&
        !count.compare_exchange_weak(seen, static_cast<std::uint8_t>(seen - 1), order::relaxed, order::relaxed)) {
    }
  }

 private:
  static constexpr int kBits = 20;
  static constexpr std::uint8_t kStuck = 255;

  std::size_t bucket(std::uintptr_t address) const noexcept {
    return static_cast<std::size_t>((static_cast<std::uint64_t>(address) * 0x9E3779B97F4A7C15ULL) >> shift_);
  }

  struct Free {
    void operator()(atomic<std::uint8_t>* memory) const noexcept { std::free(static_cast<void*>(memory)); }
  };
  // From calloc(), so that pages without addresses cost no memory.
  std::unique_ptr<atomic<std::uint8_t>[], Free> counts_;
  int shift_;
};

}  // namespace raddle::check
