// Synchronisation as the race detector sees it: adds to the object `checker` what raddle.check._sync installs.
#pragma once

#include "../python.hpp"

namespace raddle::python {

// -1 with an exception set.
int add_sync(PyObject* checker);

// From checker's traverse-free life: a container, instance or cell that happens_before() was told of is gone.
// Told by whoever watches the ends of objects; a few nanoseconds where nothing is known of the address.
void forget_order_of(const void* object) noexcept;

}  // namespace raddle::python
