// Synchronisation as the race detector sees it: adds to the object `checker` what raddle.check._sync installs.
#pragma once

#include "../python.hpp"

namespace raddle::python {

// -1 with an exception set.
int add_sync(PyObject* checker);

}  // namespace raddle::python
