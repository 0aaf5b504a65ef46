// Functions in Python, watched: an object that takes the function's place in its class or module.
//
// It is written in C, so that no frame of ours is in a traceback, and looks like the function: `__class__`, name,
// signature, source, attributes and everything else that is asked of it are the function's. `__wrapped__` is the
// function itself.
#pragma once

#include "sync_behaviour.hpp"

namespace raddle::python {

// -1 with an exception set.
int add_around(PyObject* checker);
bool is_around(PyObject* object) noexcept;

// What runs in another place than where it was made, and comes after that: callable, looks like `function`.
enum class Carried : std::uint8_t {
  callback,  // is called by whatever logical thread it is
  thread     // is the whole of a new logical thread
};
// Null with an exception set.
PyObject* carry(check::Engine& engine, check::Thread& maker, PyObject* function, Carried as);

// The function of a new thread: begins the logical thread, calls, ends it. See sync_threads.cpp.
PyObject* run_thread(PyObject* function, const check::ClocksRef& from, check::ThreadNumber creator,
                     check::StackId created_at, PyObject* const* args, std::size_t nargsf, PyObject* names);

}  // namespace raddle::python
