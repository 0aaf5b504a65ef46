// Which lock lay where while events were recorded. Observers are told addresses inside of objects, and an address
// may be one lock's after the other.
//
// Locks that live are found when a recording ends, by the garbage collector's list of objects; immortal ones,
// which 3.13t's collector forgets, are in a list that pin() makes. A lock that ends earlier notes where it lay,
// its name, and when. So each event is of the lock at its address that ended next: nothing is paid where locks are
// made or used, and one load where they end.
#pragma once

#include "../python.hpp"
#include "raddle/base/atomic.hpp"

namespace raddle::python {

struct LockHead;

// Set before events are told, so that who ends a lock that had some sees it.
inline constinit atomic<bool> ends_are_noted{false};

// The object of this head ends, in any thread; runs no code of Python.
void note_end(const LockHead& head) noexcept;

// The object is immortal. Once for each.
void note_immortal(PyObject* lock) noexcept;

// From here on ends are noted.
void begin_noting_ends() noexcept;
// No more, and what has been noted is forgotten.
void end_noting_ends() noexcept;

// [(first address, address behind, nanoseconds when it ended or None, name or None), ...] of this interpreter's
// locks, and of those that have ended since begin_noting_ends(), up to a quarter of a million. Null with an
// exception set.
PyObject* list_lock_places(const ModuleState& state);

}  // namespace raddle::python
