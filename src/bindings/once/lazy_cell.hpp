// What Lazy and once have in common: a factory without arguments, and its one result.
//
// A hit is one load of the value. Its counts: the value's, written by every hit, in the thread that wants it; the
// object's by the interpreter (unless pinned).
#pragma once

#include "../counts.hpp"
#include "attempt.hpp"
#include "raddle/atomic/atomic_ref.hpp"

namespace raddle::python {

class LazyCell {
 public:
  LazyCell() : attempt_(Py_NewRef(Py_None)) {}
  ~LazyCell() {
    Py_XDECREF(factory_);
    Py_XDECREF(value_.load(order::relaxed));  // relaxed: nobody else is left
  }

  // By the first __init__.
  void set_factory(PyObject* factory) noexcept { factory_ = Py_NewRef(factory); }

  // A new reference on the result; null with an exception set. `what` is the kind of the object.
  PyObject* get(PyObject* self, const char* what) {
    // acquire, pairs with the release in succeed(): the value is whole. It stays as long as the object.
    if (PyObject* value = value_.load(order::acquire)) [[likely]]
      return Py_NewRef(value);
    return get_slow(self, what);
  }

  // "unrun", "running" or "done"; the details of a run for lock_repr(), null with an exception set.
  const char* describe(PyObject*& details);
  int traverse(visitproc visit, void* arg);
  // For the collector: nobody will need the result any more.
  void clear();

 private:
  friend class LazyPlace;

  PyObject* get_slow(PyObject* self, const char* what);
  PyObject* run(PyObject* self, PyObject* attempt);

  atomic<PyObject*> value_{nullptr};
  AtomicRef<PyReference> attempt_;  // None: there is none; an attempt; True: it has succeeded
  // Only the runner touches it, and lets go of it with success.
  PyObject* factory_ = nullptr;
};

}  // namespace raddle::python
