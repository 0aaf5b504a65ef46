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

// A shared count that no sequence of references brings to zero, marked as merged, so that none is queued.
constexpr Py_ssize_t kBeyondCounting = _Py_REF_SHARED(Py_ssize_t{1} << 40, _Py_REF_MERGED);

bool is_immortal(PyObject* object) noexcept {
  return _Py_atomic_load_uint32_relaxed(&object->ob_ref_local) == _Py_IMMORTAL_REFCNT_LOCAL;
}

}  // namespace

// Only the owning thread may: others could not stop it from counting in its half. The shared half is settled first
// and in one step: from then on no thread that drops a reference can put the object into its owner's
// queue of counts to merge, where the merge would undo the pinning. An object that is in it already is refused.
bool pin(PyObject* object) {
  if (is_immortal(object)) return true;
  if (!_Py_IsOwnedByCurrentThread(object)) {
    PyErr_SetString(PyExc_RuntimeError,
                    "pin() must be called in the thread that created the object, before other threads use it");
    return false;
  }
  Py_ssize_t shared = _Py_atomic_load_ssize_relaxed(&object->ob_ref_shared);
  do {
    if ((shared & _Py_REF_SHARED_FLAG_MASK) == _Py_REF_QUEUED) {
      PyErr_SetString(PyExc_RuntimeError, "pin() came too late: other threads have used the object already");
      return false;
    }
  } while (!_Py_atomic_compare_exchange_ssize(&object->ob_ref_shared, &shared, kBeyondCounting));
  _Py_atomic_store_uintptr_relaxed(&object->ob_tid, 0);
  _Py_atomic_store_uint32_relaxed(&object->ob_ref_local, _Py_IMMORTAL_REFCNT_LOCAL);
  return true;
}

// Cannot fail: the module being made has shown the class to nobody yet.
void pin_class(PyTypeObject* type) { pin(reinterpret_cast<PyObject*>(type)); }

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
// half, unless that says that the object is dead (no reference and merged) or was never published. A published
// object dies as "merged"; memory of which a new object is being made goes from there to zero: both refuse.
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
