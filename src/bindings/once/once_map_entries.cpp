// The steps that change a OnceMap's dict.
#include "../waiting.hpp"
#include "once_map.hpp"

namespace raddle::python {

namespace {

void add_attempts(OnceMapContent& map, Py_ssize_t n) noexcept { map.attempts.fetch_add(n, order::relaxed); }

}  // namespace

bool lock_once_map(PyObject* self, Deadline deadline) {
  ReentrantMutex& lock = *once_map_of(self).lock;
  if (lock.try_lock_fast()) [[likely]]
    return true;
  // Nobody else will ever run again, and so nobody gives it back. What an owner leaves is whole between its steps.
  if (is_alone()) lock.reset();
  DetachedWaiting waiting(self);
  const LockOutcome outcome = lock.lock(deadline, waiting);
  return outcome == LockOutcome::taken || outcome == LockOutcome::owner_died;
}

void unlock_once_map(PyObject* self) noexcept { once_map_of(self).lock->unlock(); }

int take_entry(OnceMapContent& map, PyObject* key, PyObject*& entry) {
  ++map.changes;
#if PY_VERSION_HEX >= 0x030D0000
  const int found = PyDict_Pop(map.entries, key, &entry);
#else
  entry = PyObject_CallMethod(map.entries, "pop", "(OO)", key, map.entries);  // the dict itself is never in it
  if (entry == map.entries) Py_CLEAR(entry);
  const int found = entry != nullptr ? 1 : PyErr_Occurred() != nullptr ? -1 : 0;
#endif
  if (found == 1 && is_attempt(map, entry)) add_attempts(map, -1);
  return found;
}

int add_entry(OnceMapContent& map, PyObject* key, PyObject* entry) {
  ++map.changes;
  const bool counts = is_attempt(map, entry);
  if (counts) add_attempts(map, 1);
#if PY_VERSION_HEX >= 0x030D0000
  const int there = PyDict_SetDefaultRef(map.entries, key, entry, nullptr);
  const int added = there < 0 ? -1 : 1 - there;
#else
  PyObject* there = PyDict_SetDefault(map.entries, key, entry);
  const int added = there == nullptr ? -1 : there == entry ? 1 : 0;
#endif
  if (counts && added != 1) add_attempts(map, -1);
  return added;
}

bool replace_attempt(OnceMapContent& map, PyObject* key, PyObject* value) {
  const std::uint64_t mine = ++map.changes;
  if (PyDict_SetItem(map.entries, key, value) < 0) return false;
  if (map.changes == mine) add_attempts(map, -1);  // otherwise it may have been something else that was replaced
  return true;
}

std::size_t count_waiters(OnceMapContent& map) {
  Py_ssize_t place = 0;
  std::size_t waiters = 0;
  PyObject *key, *entry;
  while (PyDict_Next(map.entries, &place, &key, &entry) != 0)
    if (is_attempt(map, entry)) waiters += attempt_in(entry).attempt.approx_waiting();
  return waiters;
}

Py_ssize_t count_results(OnceMapContent& map) {
  Py_ssize_t place = 0, results = 0, attempts = 0;
  PyObject *key, *entry;
  while (PyDict_Next(map.entries, &place, &key, &entry) != 0) {
    results += state_of_entry(map, entry) == Attempt::State::succeeded ? 1 : 0;
    attempts += is_attempt(map, entry) ? 1 : 0;
  }
  map.attempts.store(attempts, order::relaxed);
  return results;
}

}  // namespace raddle::python
