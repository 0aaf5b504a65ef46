// What is told to the engine before and after a call that synchronises.
//
// A behaviour is a pair of functions. They get the call as it is seen from outside: the object, the first
// argument, the result. They raise nothing, and run code of the program only where allocating an object does. What
// a thread releases is told before the call, because another thread may go on at once; what it acquires is told
// after it.
#pragma once

#include "../python.hpp"
#include "current.hpp"

namespace raddle::python {

// A call in progress. On the stack across waits: a thread that 3.13 ends there leaves it as it is.
struct Call {
  PyObject* self;           // the object; of a module's function in C, the module; in Python, the first argument
  PyObject* first;          // the argument after that, borrowed; null: none
  PyObject* key = nullptr;  // under which name the object keeps its clocks; null: the usual one
  PyObject* const* args = nullptr;  // of functions in Python: all positional ones
  Py_ssize_t arg_count = 0;
  std::uintptr_t word = 0;  // from before() to after()
  std::uintptr_t second_word = 0;
};

struct Behaviour {
  const char* name;
  // Either may be null.
  void (*before)(check::Engine&, check::Thread&, Call&) noexcept;
  // `result` is null if the call raised.
  void (*after)(check::Engine&, check::Thread&, Call&, PyObject* result) noexcept;
  bool even_if_deaf = false;
};

// What a thread does not tell at the moment.
struct Hearing {
  int deaf = 0;                 // inside a call whose locks and events are no order that the program asked for
  std::uintptr_t own_lock = 0;  // the lock inside the object whose method runs: the method's own edges are told
};
namespace detail {
inline constinit thread_local Hearing this_hearing;
}
inline Hearing& hearing() noexcept { return detail::this_hearing; }

// By name, for wrap(); null: there is none.
const Behaviour* find_behaviour(const char* name) noexcept;

// Those of several files.
extern const Behaviour lock_behaviours[];     // sync_locks.cpp
extern const Behaviour token_behaviours[];    // sync_tokens.cpp
extern const Behaviour element_behaviours[];  // sync_elements.cpp
extern const Behaviour future_behaviours[];   // sync_futures.cpp
extern const Behaviour task_behaviours[];     // sync_tasks.cpp
extern const Behaviour raddle_behaviours[];   // sync_raddle.cpp
extern const Behaviour permit_behaviours[];   // sync_permits.cpp
extern const Behaviour import_behaviours[];   // sync_imports.cpp

inline std::uintptr_t address_of(const void* object) noexcept { return reinterpret_cast<std::uintptr_t>(object); }

// Keeps the exception that is set, if any, from being touched by what runs meanwhile.
class KeepException {
 public:
  KeepException() noexcept { PyErr_Fetch(&parts_[0], &parts_[1], &parts_[2]); }
  ~KeepException() { PyErr_Restore(parts_[0], parts_[1], parts_[2]); }
  KeepException(const KeepException&) = delete;
  KeepException& operator=(const KeepException&) = delete;

 private:
  PyObject* parts_[3];
};

}  // namespace raddle::python
