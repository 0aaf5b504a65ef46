// The methods `__enter__` and `__exit__`, bound, as parts of the object that they are bound to.
//
// On 3.13t a `with` asks the object for two bound methods and throws them away when it has called them: two
// allocations of objects that the collector tracks, a quarter of `with locks(key): pass`. An object that is made
// for one `with` has room for them in itself. A bound method in use keeps the object alive, and so its own memory.
//
// The collector does not know them: a cycle through one that somebody keeps would never be found. So they are
// handed out only to a `with`, as far as that can be told: to the thread that made the object, when nobody else
// has a reference on it, first `__enter__`, and `__exit__` while that is in use. Who asks otherwise gets what the
// interpreter makes. (What is left is an `__enter__` kept that nobody ever calls.)
//
// Other interpreters do not need that, or make these objects cheaply.
#pragma once

#include "../python.hpp"
#include "raddle/base/atomic.hpp"

namespace raddle::python {

#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000

// Not tracked by the collector: see above.
struct BoundMethod {
  PyObject_HEAD vectorcallfunc call;
  PyObject* object;            // owned while in use
  atomic<bool> in_use{false};  // becomes true in the object's thread only
};
struct BoundPair {
  BoundMethod enter, exit;
};

#else

struct BoundPair {};

#endif

// Puts descriptors in the place of the methods of this class, whose objects have a BoundPair at `offset` and which
// has no subclasses. `enter` and `exit` are called with the bound method, which knows its object. For the module's
// making: -1 with an exception set.
int bind_in_objects(PyTypeObject* type, std::size_t offset, vectorcallfunc enter, vectorcallfunc exit);
PyObject* object_of_bound(PyObject* method) noexcept;

}  // namespace raddle::python
