// Numbers in and out, and what the atomics with a value share: comparison and update loops.
#pragma once

#include "python.hpp"
#include "raddle/base/int128.hpp"

namespace raddle::python {

// An int, or an object with __index__, as 64 bits. False with TypeError or OverflowError set.
bool to_int64(PyObject* number, std::int64_t* value);

// The only parameter of a method, the optional n (1 if not given). Out of line: callers handle the usual
// call, without arguments, by themselves and without a stack frame.
[[gnu::noinline]] bool read_step(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                                 std::int64_t* n);

PyObject* from_int128(Int128 value);

// tp_richcompare of the classes that hold a number: by value with int, float and each other.
PyObject* compare_by_value(PyObject* self, PyObject* other, int operation);

// `__format__` of the classes that hold a number: a format specification is the number's.
PyObject* format_value(PyObject* self, PyObject* specification);

#define RADDLE_FORMAT_METHOD                             \
  {"__format__", ::raddle::python::format_value, METH_O, \
   "__format__($self, format_spec, /)\n--\n\nFormat the value."}

// What update() and get_and_update() repeat until it succeeds. `Cell` offers
//   PyObject* load();             a new reference to the value; the cell remembers what it loaded
//   bool normalise(Ref& value);   checks and converts fn's result; false with an exception set
//   bool try_replace(const Ref& value);   installs it if what was loaded is still there
// fn runs without any lock and may run more than once; exactly one result is installed.
enum class Yield { before, after };

template <class Cell>
PyObject* update(Cell cell, PyObject* fn, Yield yield) {
  for (;;) {
    Ref before(cell.load());
    if (!before) return nullptr;
    Ref after(PyObject_CallOneArg(fn, before.get()));
    if (!after || !cell.normalise(after)) return nullptr;
    if (cell.try_replace(after)) return (yield == Yield::before ? before : after).release();
    // fn may be a builtin that never looks for signals; Ctrl-C must end a loop that keeps losing.
    if (PyErr_CheckSignals() < 0) return nullptr;
  }
}

}  // namespace raddle::python
