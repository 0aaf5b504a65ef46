// Tells the engine when an object that could have a shadow ends, before its address can be used again.
//
// For builtin types, which have a deallocator of their own, that is wrapped. For classes made by `class`, whose
// deallocator the interpreter recognises by its address and whose tp_free must be the same for all of them
// (assignment to `__class__` compares it), the finaliser is wrapped, or set where there is none: the interpreter
// calls it once, before anything of the object is torn down. Wrappers stay in place for good, and do nothing
// while no checker is at work.
//
// An object that its own __del__ revives is told as ended at its first end only.
#pragma once

#include "../python.hpp"

namespace raddle::python {

// From now on ends of objects of exactly this type are told. False: that is not possible for this type.
bool watch_ends(PyTypeObject* type) noexcept;

// The containers that probes know. -1 with an exception set.
int ready_lifetimes();

void lock_lifetimes_for_fork() noexcept;
void unlock_lifetimes_after_fork() noexcept;

}  // namespace raddle::python
