// What the classes of locks offer to each other, besides their methods.
#pragma once

#include "lock_object.hpp"
#include "raddle/sync/reentrant_mutex.hpp"

namespace raddle::python {

// The core of a Lock, and of an RLock (instances of these classes or of subclasses).
Mutex* mutex_of_lock(PyObject* lock);
ReentrantMutex* mutex_of_rlock(PyObject* rlock);

// Takes a Lock as `with` does, or until the deadline.
LockOutcome lock_owned(PyObject* lock, Deadline deadline);

// After pin(): makes the views of an RWLock, pinned as well. False with an exception set.
bool pin_views(PyObject* lock);

}  // namespace raddle::python
