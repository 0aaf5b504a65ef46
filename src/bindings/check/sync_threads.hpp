// Threads that Python starts.
#pragma once

#include "sync_behaviour.hpp"

namespace raddle::python {

// `thread_class`: threading.Thread. -1 with an exception set.
int watch_threads(PyObject* thread_class);
void unwatch_threads() noexcept;

// Has any been started since watch_threads()?
bool threads_were_started() noexcept;
// What takes the place of builtins.__import__ as soon as a module is loaded that other threads may find (null:
// nothing).
void watch_import_later(PyObject* import_function) noexcept;

// All threads that the end of the main thread waits for: what those did that have ended.
void acquire_ended_threads(check::Engine& engine, check::Thread& thread) noexcept;

}  // namespace raddle::python
