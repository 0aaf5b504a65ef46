// Findings as plain data of Python.
#pragma once

#include "../python.hpp"
#include "raddle/check/finding.hpp"

namespace raddle::python {

// `object`: what the location belongs to, if it is known to be alive. Null with an exception set. Runs no code of
// the program.
PyObject* describe_finding(const check::Finding& finding, PyObject* object);
PyObject* describe_summary(const check::Summary& summary);

// What is called with each finding of a new engine; null: nothing. -1 with an exception set.
int set_on_finding(PyObject* callable);

}  // namespace raddle::python
