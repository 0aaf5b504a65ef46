// What the objects of Event, Semaphore, Condition, Barrier and Latch have in common, besides a LockHead.
#pragma once

#include "lock_object.hpp"

namespace raddle::python {

// "<raddle.Event at 0x... name='go' waiters=N: STATE>", where "name" and "waiters" are left out if there are none;
// `state` (null: an exception is set) is consumed. The standard library's form, so that what parses one parses
// both.
PyObject* sync_repr(PyObject* self, std::size_t waiters, PyObject* state);

// A number of permits or the like, 0 to 2**63 - 1. False with an exception set: TypeError, OverflowError, or
// ValueError with this message below `least`.
bool read_number(PyObject* object, std::int64_t least, const char* message, std::uint64_t& number);

// The arguments of METHOD(n), which may be left out: then `number` stays as it is.
bool read_n(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, std::int64_t least,
            const char* message, std::uint64_t& number);

// Those of wait(timeout=None); `read` is read_timeout() or read_lenient_timeout().
bool read_wait(PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, bool (*read)(PyObject*, Deadline&),
               Deadline& deadline);

// The deprecated name of a method has been used. False with an exception set: warnings are errors.
bool warn_deprecated(const char* message);

}  // namespace raddle::python
