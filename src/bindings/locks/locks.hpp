// What the classes of locks offer to each other, besides their methods.
#pragma once

#include "lock_object.hpp"
#include "raddle/sync/reentrant_mutex.hpp"

namespace raddle::python {

// The core of a Lock, and of an RLock (instances of these classes or of subclasses).
Mutex* mutex_of_lock(PyObject* lock);
ReentrantMutex* mutex_of_rlock(PyObject* rlock);

// What a Condition does with its lock, in the words of the classes Lock and RLock.
struct LockMethods {
  PyObject* (*acquire)(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
  PyObject* (*release)(PyObject* self, PyObject*);
  PyObject* (*enter)(PyObject* self, PyObject*);
  PyObject* (*exit)(PyObject* self, PyObject* const*, Py_ssize_t);
};
extern const LockMethods lock_methods, rlock_methods;

// Takes a Lock as `with` does, or until the deadline.
LockOutcome lock_owned(PyObject* lock, Deadline deadline);

// After pin(): makes the views of an RWLock, pinned as well. False with an exception set.
bool pin_views(PyObject* lock);
// The place of a lock in the one order in which lock_all() takes locks.
struct LockOrder {
  const void* belongs_to;  // the lock, or what it is a part of
  std::uint64_t part = 0;
};

// What lock_all() does with one of raddle's own locks.
struct NativeLock {
  LockOrder (*order)(PyObject* lock) noexcept;
  // As `with` does, or until the deadline.
  Acquired (*take)(PyObject* lock, Deadline deadline);
  // False with an exception set.
  bool (*give_back)(PyObject* lock);
  bool is_reentrant;
};

LockOrder order_of_itself(PyObject* lock) noexcept;

extern const NativeLock native_lock;
extern const NativeLock native_rlock;
extern const NativeLock native_key_guard;
extern const NativeLock native_rw_lock;
extern const NativeLock native_rw_lock_view;

}  // namespace raddle::python
