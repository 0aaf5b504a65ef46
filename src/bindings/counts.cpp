#include "counts.hpp"

namespace raddle::python {

#if !defined(Py_GIL_DISABLED)

bool pin(PyObject*) { return true; }
void pin_class(PyTypeObject*) {}
const char* counting_of_pinned() { return "plain"; }
void PyReference::publish(PyObject*) noexcept {}
bool PyReference::try_acquire(PyObject* object) noexcept {
  Py_INCREF(object);  // under the GIL nothing can happen between the load and this
  return true;
}

#elif PY_VERSION_HEX >= 0x030E0000

bool pin(PyObject* object) {
  PyUnstable_Object_EnableDeferredRefcount(object);  // its answer only tells whether it was new
  return true;
}
void pin_class(PyTypeObject*) {}  // the interpreter defers the counts of classes itself
const char* counting_of_pinned() { return "deferred"; }
void PyReference::publish(PyObject* object) noexcept { PyUnstable_EnableTryIncRef(object); }
bool PyReference::try_acquire(PyObject* object) noexcept { return PyUnstable_TryIncRef(object) != 0; }

#else  // 3.13t: what later versions offer as functions, on the fields that its headers make public

namespace {

constexpr Py_ssize_t kBeyondCounting = static_cast<Py_ssize_t>(UINT32_MAX) + 1;

bool is_immortal(PyObject* object) noexcept {
  return _Py_atomic_load_uint32_relaxed(&object->ob_ref_local) == _Py_IMMORTAL_REFCNT_LOCAL;
}

}  // namespace

// Only the owning thread may: elsewhere Py_SET_REFCNT merges the counts instead. And not while the object waits
// in its owner's queue of counts to merge: the merge would undo it.
bool pin(PyObject* object) {
  if (is_immortal(object)) return true;
  if (!_Py_IsOwnedByCurrentThread(object)) {
    PyErr_SetString(PyExc_RuntimeError,
                    "pin() must be called in the thread that created the object, before other threads use it");
    return false;
  }
  const Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&object->ob_ref_shared);
  if ((shared & _Py_REF_SHARED_FLAG_MASK) == _Py_REF_QUEUED) {
    PyErr_SetString(PyExc_RuntimeError, "pin() came too late: other threads have used the object already");
    return false;
  }
  Py_SET_REFCNT(object, kBeyondCounting);
  return true;
}

void pin_class(PyTypeObject* type) { Py_SET_REFCNT(reinterpret_cast<PyObject*>(type), kBeyondCounting); }

const char* counting_of_pinned() { return "immortal"; }

// Sets the flag that lets any thread count the object as long as its count is not zero. An object whose
// counts are queued or merged already allows it.
void PyReference::publish(PyObject* object) noexcept {
  if (is_immortal(object)) return;
  Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&object->ob_ref_shared);
  while ((shared & _Py_REF_SHARED_FLAG_MASK) == 0) {
    if (_Py_atomic_compare_exchange_ssize(&object->ob_ref_shared, &shared, shared | _Py_REF_MAYBE_WEAKREF)) return;
  }
}

// The owner counts in its own half: nobody else can free the object meanwhile. Others count in the shared
// half, unless that says that the object is dead (no reference and merged) or was never published.
bool PyReference::try_acquire(PyObject* object) noexcept {
  const std::uint32_t local = _Py_atomic_load_uint32_relaxed(&object->ob_ref_local);
  if (local == _Py_IMMORTAL_REFCNT_LOCAL) return true;
  if (_Py_IsOwnedByCurrentThread(object)) {
    _Py_atomic_store_uint32_relaxed(&object->ob_ref_local, local + 1);
    return true;
  }
  Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&object->ob_ref_shared);
  while (shared != 0 && shared != _Py_REF_MERGED) {
    if (_Py_atomic_compare_exchange_ssize(&object->ob_ref_shared, &shared,
                                          shared + (Py_ssize_t{1} << _Py_REF_SHARED_SHIFT)))
      return true;
  }
  return false;
}

#endif

}  // namespace raddle::python
