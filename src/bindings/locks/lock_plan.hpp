// The locks of a lock_all(), in the order in which they are taken.
//
// The order is total and the same for all threads: the address of the lock, or of the lock that it is a part of,
// then the part. Who takes all locks in one order never waits for somebody who waits for it. Two of the same place
// are taken as they were given; that would be parts that cannot be told apart (keys of the same hash).
#pragma once

#include "locks.hpp"

namespace raddle::python {

struct LockPlan {
  struct Item {
    PyObject* lock;            // owned
    const NativeLock* native;  // null: it is taken and given back by its methods
    LockOrder order;
  };

  std::int64_t nanoseconds;  // how long to wait for all of them; INT64_MAX: for ever
  Py_ssize_t count;
  Item items[1];  // of as many as there are
};

// Null with an exception set: TypeError for what is no lock, ValueError for a lock that would wait for itself.
LockPlan* make_lock_plan(const ModuleState& state, PyObject* locks, std::int64_t nanoseconds);
// Null is fine. May run any code.
void free_lock_plan(LockPlan* plan);

Acquired take_lock(const LockPlan::Item& item, Deadline deadline);
// Gives back the first `count` of them, the last one first, whatever any of them raises. Keeps an exception that
// is set; otherwise sets the first that was raised. Others are reported.
void give_locks_back(const LockPlan& plan, Py_ssize_t count);

}  // namespace raddle::python
