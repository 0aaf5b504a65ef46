// A Condition as its methods see it, and the lock that it is about.
//
// With a raddle Lock or RLock, of exactly these classes, everything is native. Any other object is a lock by the
// protocol that threading.Condition expects: acquire() and release(), and _release_save(), _acquire_restore() and
// _is_owned() where it has them.
#pragma once

#include "locks.hpp"
#include "raddle/sync/condition.hpp"

namespace raddle::python {

enum class LockKind : std::uint8_t { lock, rlock, foreign };

struct ConditionContent {
  LockHead head;
  // Written once, by the first __init__ or the first use before it. Null again when the collector has cleared it.
  atomic<PyObject*> lock{nullptr};
  Hot<Condition> condition;

  ~ConditionContent() { Py_XDECREF(lock.load(order::relaxed)); }  // relaxed: nobody else has it
};
using ConditionObject = Object<ConditionContent>;

// The condition's lock, borrowed; an RLock made now if it has none. Null with an exception set.
PyObject* lock_of(PyObject* self);
LockKind kind_of(PyObject* self, PyObject* lock) noexcept;
// The methods of a lock that is not foreign.
inline const LockMethods& methods_of(LockKind kind) noexcept {
  return kind == LockKind::lock ? lock_methods : rlock_methods;
}

// Methods of foreign locks: a new reference, or null with an exception set.
PyObject* release_save_foreign(PyObject* lock);
PyObject* acquire_restore_foreign(PyObject* lock, PyObject* state);
// Has this thread the lock (of a Lock: has any)? -1 with an exception set.
int is_owned(LockKind kind, PyObject* lock);

// One wait, without the lock. 1: notified; 0: timed out; -1 with an exception set.
int wait_once(PyObject* self, Deadline deadline);

}  // namespace raddle::python
