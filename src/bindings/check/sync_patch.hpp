// Methods of classes written in C, watched in place.
//
// What is replaced is the function in the method's PyMethodDef. Every way to call the method goes through it: the
// descriptor in the class, bound methods that were made long ago, `with`, code that the interpreter has
// specialised. The class, its dict, the descriptors, their signatures and documentation stay the very same
// objects.
//
// A PyMethodDef belongs to the process, not to an interpreter. A thread may still be inside a watched call after
// unwatch_all(): nothing is ever freed here.
#pragma once

#include "sync_behaviour.hpp"

namespace raddle::python {

// False with an exception set: the class has no method of its own of that name, or there are too many.
bool watch_method(PyTypeObject* type, const char* name, const Behaviour& behaviour);
// A function of a module. The same.
bool watch_function(PyObject* function, const Behaviour& behaviour);
// All methods and functions are what they were.
void unwatch_all() noexcept;

// What the class's method does when it is not watched; null if it has none. Only for METH_NOARGS.
PyCFunction plain_method(PyTypeObject* type, const char* name) noexcept;

}  // namespace raddle::python
