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

}  // namespace raddle::python
