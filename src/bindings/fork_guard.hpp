// What a child of fork() must do for the interpreter's own objects that threads of raddle's objects share.
//
// Free-threaded CPython stops all threads before os.fork(), at points at which none is inside a change of a dict.
// But a thread that waits for a dict's lock may have been handed that lock while it is stopped: then it has
// vanished in the child, and whoever uses the dict there waits for ever. So a dict that raddle's objects share is
// watched: the child frees its lock, unless the thread that forked has it itself, because it forked inside a
// comparison of keys.
#pragma once

#include "python.hpp"

namespace raddle::python {

// A member of the object that has the watched one.
class ForkGuard {
 public:
  ForkGuard() noexcept = default;
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

#ifdef Py_GIL_DISABLED
  // The object must live until unwatch(). Once.
  void watch(PyObject* object) noexcept;
  void unwatch() noexcept;

  // In the child.
  static void free_abandoned_locks() noexcept;

 private:
  PyObject* object_ = nullptr;
  ForkGuard* previous_ = nullptr;
  ForkGuard* next_ = nullptr;
#else
  void watch(PyObject*) noexcept {}
  void unwatch() noexcept {}
#endif
};

}  // namespace raddle::python
