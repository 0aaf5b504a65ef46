// What OnceMap is made of.
//
// A dict maps each key to its value, or to the attempt at it. Hits are lookups in that dict and write nothing but
// the count of the value; the interpreter's dict is made for readers beside a writer.
//
// Everything that changes the dict holds the lock, which knows its owner: comparing keys may run any code while it
// is held, and that code may come back, goes on as the same owner, and changes the dict between two steps here. So
// each step is a single call of the dict (an insertion where there is nothing, a removal), whose answer says what
// it met. Threads that wait for the lock take part in deadlock detection. The factory never runs under it, unless
// a comparison asks for a key; nor do finalisers of values.
//
// What is in the dict, and what it means:
//   a value               the result
//   an attempt, succeeded the same, in the attempt; a later call puts the value itself in its place
//   an attempt, running   its runner's turn; others wait
//   an attempt, otherwise nothing; whoever comes puts its own there
// An attempt ends before it is taken out of the dict or replaced. So who waits for it never waits for the lock,
// and if the lock cannot be had soon, or comparing raises, what is left means the same.
//
// Fork: CPython stops the other threads at safe points, and only code that compares keys has one inside a step. So
// the child finds the dict whole, a lock that counts as free, and `attempts` not too low. The dict's own lock is
// freed (fork_guard.hpp).
#pragma once

#include "../fork_guard.hpp"
#include "../locks/lock_object.hpp"
#include "attempt.hpp"
#include "raddle/sync/reentrant_mutex.hpp"

namespace raddle::python {

struct OnceMapContent {
  static constexpr bool kFormsChains = true;  // of results

  LockHead head;
  PyObject* factory = nullptr;  // written by the first __init__
  PyObject* entries = nullptr;  // the dict
  PyTypeObject* attempt_class = nullptr;
  Hot<ReentrantMutex> lock{"OnceMap"};
  // Of the dict, guarded by the lock: whoever calls the dict learns whether code that ran meanwhile has changed
  // it.
  std::uint64_t changes = 0;
  // At least as many attempts are in the dict; changed under the lock, lowered after they are out of it. relaxed:
  // a hint for repr() and len(), which counts under the lock unless it is 0.
  atomic<Py_ssize_t> attempts{0};

  ForkGuard fork_guard;  // of the dict

  ~OnceMapContent() {
    fork_guard.unwatch();
    Py_XDECREF(factory);
    Py_XDECREF(entries);
  }
  // By tp_new.
  void set_entries(PyObject* dict) noexcept {
    entries = Py_NewRef(dict);
    fork_guard.watch(dict);
  }
};
using OnceMapObject = Object<OnceMapContent>;

inline OnceMapContent& once_map_of(PyObject* self) noexcept { return OnceMapObject::of(self); }

inline bool is_attempt(const OnceMapContent& map, PyObject* entry) noexcept {
  return Py_TYPE(entry) == map.attempt_class;
}
inline Attempt::State state_of_entry(const OnceMapContent& map, PyObject* entry) noexcept {
  return is_attempt(map, entry) ? attempt_in(entry).attempt.state() : Attempt::State::succeeded;
}
// A new reference on what this entry has as a result.
inline PyObject* result_of_entry(const OnceMapContent& map, PyObject* entry) noexcept {
  return Py_NewRef(is_attempt(map, entry) ? attempt_in(entry).outcome : entry);
}

// 1 and a new reference, 0 and null, or -1 with an exception set.
inline int find_entry(const OnceMapContent& map, PyObject* key, PyObject*& entry) {
#if PY_VERSION_HEX >= 0x030D0000
  return PyDict_GetItemRef(map.entries, key, &entry);
#else
  entry = Py_XNewRef(PyDict_GetItemWithError(map.entries, key));
  return entry != nullptr ? 1 : PyErr_Occurred() != nullptr ? -1 : 0;
#endif
}

// The result for a key that was not there as a value at once. `entry` (owned) is what was.
PyObject* once_map_get_slow(PyObject* self, PyObject* key, PyObject* entry);

// --- under the lock (once_map_entries.cpp) ---

// Takes the lock, or waits for it until the deadline. False: not in time, or with an exception set.
bool lock_once_map(PyObject* self, Deadline deadline);
void unlock_once_map(PyObject* self) noexcept;

// Removes what is there; 1 and it, 0 and null, or -1 with an exception set. It may not be what was there before.
int take_entry(OnceMapContent& map, PyObject* key, PyObject*& entry);
// Puts the attempt or value there if there is nothing: 1. Otherwise 0, and nothing has changed; -1 with an
// exception set.
int add_entry(OnceMapContent& map, PyObject* key, PyObject* entry);
// Puts the value in the place of its attempt. False with an exception set: it is still the attempt.
bool replace_attempt(OnceMapContent& map, PyObject* key, PyObject* value);
// How many threads wait for a factory.
std::size_t count_waiters(OnceMapContent& map);
// How many results there are.
Py_ssize_t count_results(OnceMapContent& map);

}  // namespace raddle::python
