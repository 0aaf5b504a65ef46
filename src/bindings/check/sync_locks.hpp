// Locks that are no part of the program's order, and the ends of locks.
#pragma once

#include "sync_behaviour.hpp"

namespace raddle::python {

// A lock inside the standard library, which every thread takes whatever the program does: nothing is told of it.
// False: there are too many.
bool silence_lock(const void* lock) noexcept;
bool is_silent(std::uintptr_t lock) noexcept;

// Tells the engine of the ends of objects of this class, which is written in C. The class lives as long as the
// process.
bool watch_lock_ends(PyTypeObject* type, bool has_places = true);
void unwatch_lock_ends() noexcept;

// Finds what it needs in the classes `_thread.lock` and `_thread.RLock`. False with an exception set.
bool watch_stdlib_locks(PyTypeObject* lock, PyTypeObject* rlock);

}  // namespace raddle::python
