// The layouts of the classes that hold a number, so that they can be compared with each other.
#pragma once

#include "object.hpp"
#include "raddle/atomic/atomic_bool.hpp"
#include "raddle/atomic/atomic_float.hpp"
#include "raddle/atomic/atomic_int.hpp"
#include "raddle/atomic/sharded_counter.hpp"

namespace raddle::python {

template <class Core>
struct Atomic {
  template <class... Args>
  explicit Atomic(Args&&... args) : core(std::forward<Args>(args)...) {}

  ForeignTouches touches;
  bool wrapping = false;  // AtomicInt only; written only in tp_new
  Hot<Core> core;
};

// The core object behind `self`, for a method call: the call is counted as a touch.
template <class Core>
Core& core_of(PyObject* self) noexcept {
  auto& content = Object<Atomic<Core>>::of(self);
  content.touches.touch(self);
  return *content.core;
}

template <class Core>
auto value_of(PyObject* self) noexcept {
  return core_of<Core>(self).get();
}

struct Sharded {
  explicit Sharded(std::int64_t value) : counter(value) {}

  ForeignTouches touches;
  ShardedCounter counter;  // its hot words are cells of their own already
};

inline ShardedCounter& counter_of(PyObject* self) noexcept {
  Sharded& content = Object<Sharded>::of(self);
  content.touches.touch(self);
  return content.counter;
}

inline ShardedCounter::Sum sum_of(PyObject* self) noexcept { return counter_of(self).get(); }

}  // namespace raddle::python
