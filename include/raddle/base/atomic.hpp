// The seam through which every algorithm of raddle reaches atomics and memory orders.
//
// All headers name `raddle::atomic` and `raddle::order::...`, never std::atomic directly, so that a model
// checker can put its own type here and test the shipped headers instead of copies. Every operation spells
// its order; an operation without one does not compile to something weaker by accident, but it cannot be
// reviewed either.
#pragma once

#include <atomic>

namespace raddle {

template <class T>
using atomic = std::atomic<T>;

namespace order {
using enum std::memory_order;
}

}  // namespace raddle
