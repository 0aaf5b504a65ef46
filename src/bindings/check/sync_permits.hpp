// Which releases of a semaphore an acquire comes after.
//
// With n permits at the beginning, the acquire number n + k cannot succeed before k permits have been given back:
// it comes after the first k releases, and no others. So threads that are in there together are not ordered by it.
// Acquires are counted where they are told, which is a moment after they have happened: as many more releases
// count as there are other acquires under way.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/check/engine.hpp"

namespace raddle::python {

// Guarded by the lock of the place it belongs to.
class Permits {
 public:
  explicit Permits(std::uint64_t at_first) noexcept : at_first_(at_first) {}
  ~Permits();
  Permits(const Permits&) = delete;
  Permits& operator=(const Permits&) = delete;

  void release(check::Engine& engine, check::Thread& thread, std::uint64_t n) noexcept;
  void begin_acquire() noexcept { ++under_way_; }
  // What the acquire comes after; empty: nothing, also where it did not succeed.
  check::ClocksRef end_acquire(bool succeeded) noexcept;

 private:
  // One release, of the permits number `from` + 1 to `until` that were given back.
  struct Given {
    std::uint64_t from, until;
    check::ClocksRef clocks;  // of it and all releases before
    Given* next;
  };
  // Beyond that, acquires come after the oldest ones without need.
  static constexpr std::size_t kMost = 64;

  void drop_first() noexcept;

  std::uint64_t at_first_, given_ = 0, taken_ = 0, under_way_ = 0;
  check::ClocksRef all_;    // of all releases so far
  Given* first_ = nullptr;  // those that not all acquires to come are after
  Given** end_ = &first_;
  std::size_t count_ = 0;
  check::ClocksRef sure_;  // what every acquire to come is after
};

}  // namespace raddle::python
