// The size of a queue that counts what was ever put and what was ever taken in two words.
//
// Exact: the difference as of the moment in which put_count() was read, because nothing was taken around it.
// Lock-free: it repeats itself as long as others take.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"

namespace raddle {

// put_count() is a sequentially consistent load; so is every change of the two words.
template <class PutCount>
std::size_t size_by_counts(const atomic<std::uint64_t>& taken_count, PutCount put_count) noexcept {
  for (std::uint64_t taken = taken_count.load(order::seq_cst);;) {
    const std::uint64_t put = put_count();
    const std::uint64_t again = taken_count.load(order::seq_cst);
    if (again == taken) return put - taken;
    taken = again;
  }
}

}  // namespace raddle
