// Tasks of executors: logical threads of their own that run in a worker's thread.
#pragma once

#include "sync_behaviour.hpp"

namespace raddle::python {

// Begins a task in the calling thread after what `from` stands for (null: after nothing). False: no memory.
bool begin_task(check::Engine& engine, const check::Clocks* from, std::string_view name,
                check::ThreadNumber creator, check::StackId created_at, Call& call) noexcept;
// Ends it. The thread that it ran in comes after it; but not the next task.
check::ClocksRef end_task(check::Engine& engine, Call& call) noexcept;

// A read of an attribute of a threading.local: the program counts on what earlier tasks did in this very thread.
// The same for other values per thread.
void confine_task() noexcept;
int watch_local(PyTypeObject* local_class);
void unwatch_local() noexcept;

}  // namespace raddle::python
