// Operators of raddle's classes: `hits += 1`, int(hits), hits == 3, for item in queue.
#pragma once

#include "../python.hpp"

namespace raddle::python {

// Watches the operators of a class: those of atomics, and the iteration of queues. False with an exception set.
bool watch_slots(PyTypeObject* type);
void unwatch_slots() noexcept;

}  // namespace raddle::python
