// The object `checker` of the extension module: what `raddle check` is run with.
#pragma once

#include "../python.hpp"

namespace raddle::python {

// Adds it to the module. Nothing of it does anything before checker.start(). -1 with an exception set.
int add_checker(PyObject* module);

// From now on forks are told to the engine in use.
void watch_forks() noexcept;

}  // namespace raddle::python
