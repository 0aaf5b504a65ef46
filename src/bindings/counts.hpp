// Everything raddle knows about reference counts, in one place.
//
// Two threads that call a method of one shared object write its reference count twice per call, and that
// costs several times what the method does (docs/reference-counts.md). Ways out, by interpreter:
//   GIL builds       nothing to do, counts are never contended.
//   3.13t            its interpreter counts on every load; only an immortal object is left alone.
//   3.14t and later  deferred counting: the interpreter's own references are not counted.
#pragma once

#include "python.hpp"
#include "raddle/base/atomic.hpp"

namespace raddle::python {

// pin() makes objects immortal.
#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000
inline constexpr bool kPinsForever = true;
#else
inline constexpr bool kPinsForever = false;
#endif

// Frees the object from contention on its count for the rest of the process. False with RuntimeError set
// where that is not possible any more (3.13t: another thread created it, or had its hands on it already).
bool pin(PyObject* object);

// Makes a class immortal on 3.13t: counts of classes made at run time are contended there by every
// creation and end of an instance.
void pin_class(PyTypeObject* type);

// "immortal", "deferred" or "plain": what pin() makes of counting in this interpreter.
const char* counting_of_pinned();

// Tells of calls by threads other than the creator's, and after about a thousand of them switches
// the object to deferred counting by itself. Only for classes that hold no user references: deferral
// delays the end of the object, and with it the end of what it holds, to the next garbage collection.
class ForeignTouches {
 public:
  void touch([[maybe_unused]] PyObject* self) noexcept {
#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX >= 0x030E0000
    if (!_Py_IsOwnedByCurrentThread(self)) count(self);
#endif
  }

 private:
#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX >= 0x030E0000
  static constexpr std::uint16_t kEnough = 1000;

  void count(PyObject* self) noexcept {
    // relaxed: a hint; touches that two threads count as one do no harm
    const std::uint16_t touches = touches_.load(order::relaxed);
    if (touches >= kEnough) [[likely]]
      return;
    touches_.store(static_cast<std::uint16_t>(touches + 1), order::relaxed);
    if (touches + 1 == kEnough) PyUnstable_Object_EnableDeferredRefcount(self);
  }

  atomic<std::uint16_t> touches_{0};
#endif
};

// The counting that AtomicRef needs (raddle/atomic/atomic_ref.hpp).
struct PyReference {
  using Object = PyObject;
  static void publish(PyObject* object) noexcept;
  static void acquire(PyObject* object) noexcept { Py_INCREF(object); }
  static bool try_acquire(PyObject* object) noexcept;
  static void release(PyObject* object) { Py_DECREF(object); }
};

}  // namespace raddle::python
