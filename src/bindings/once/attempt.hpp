// An attempt as an object of Python: it is shared by the place that keeps it and by those who wait for it, and
// holds the outcome.
//
// An exception is raised by many threads at once nowhere in raddle: CPython 3.13 writes the traceback of an
// exception that passes through a frame without a lock, so two threads must never raise one exception object. Who
// waited gets a copy, made from one that nobody raises (raddle._failures), with the factory's traceback in front
// of its own.
#pragma once

#include "../object.hpp"
#include "raddle/sync/once.hpp"

namespace raddle::python {

struct AttemptObject {
  PyObject_HEAD Attempt attempt;
  // Of a successful attempt the value (or null, if the place keeps it), of a failed one what _failures.record()
  // made. Written by the runner before the end.
  PyObject* outcome;
};

// An attempt of the calling thread. Null with MemoryError set.
PyObject* new_attempt(PyTypeObject* attempt_class);
inline AttemptObject& attempt_in(PyObject* object) noexcept { return *reinterpret_cast<AttemptObject*>(object); }

// The factory of this thread's attempt has raised: ends the attempt. The exception stays set, or gives way to one
// that comes meanwhile.
void end_in_failure(PyObject* attempt);
// Raises this thread's copy of what the factory has raised in the attempt it waited for.
void raise_failure(PyObject* attempt);
// Raises DeadlockError: the factory of `self` needs its own result; `subject`: self, or self and the key.
void raise_recursion(PyObject* self, PyObject* subject);
// Raises RuntimeError: its __init__ was not called.
void raise_unconfigured(PyObject* self);

// The exception that is set; clears it. put_back() sets it again.
PyObject* take_exception();
void put_back(PyObject* exception);

// Will no other thread ever run again, because the interpreter is ending?
bool is_alone() noexcept;

// " owner=IDENT" and " waiters=N" of an attempt that runs.
PyObject* describe_attempt(const Attempt& attempt);

// Does it run, and does its runner live?
bool is_under_way(const Attempt& attempt) noexcept;

}  // namespace raddle::python
