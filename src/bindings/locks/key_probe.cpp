#include "key_probe.hpp"

#include <new>

namespace raddle::python {

Match KeyProbe::look_up(PyObject* stored) noexcept {
  for (const Verdict* verdict = verdicts_; verdict != nullptr; verdict = verdict->next)
    if (verdict->key == stored) return verdict->match;
  // The entry has a reference on it and cannot go away under the lock.
  candidate_ = Py_NewRef(stored);
  return Match::unknown;
}

bool KeyProbe::decide() {
  PyObject* key = std::exchange(candidate_, nullptr);
  const int equal = PyObject_RichCompareBool(key, wanted_, Py_EQ);
  auto* verdict =
      equal < 0 ? nullptr : new (std::nothrow) Verdict{key, equal != 0 ? Match::yes : Match::no, verdicts_};
  if (verdict != nullptr) {
    verdicts_ = verdict;
    return true;
  }
  if (equal >= 0) PyErr_NoMemory();
  PyObject* raised[3];
  PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
  Py_DECREF(key);
  PyErr_Restore(raised[0], raised[1], raised[2]);
  return false;
}

// What keys do at their end must not disturb an exception that is set.
void KeyProbe::forget() {
  if (verdicts_ == nullptr) return;
  PyObject* raised[3];
  PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
  while (verdicts_ != nullptr) {
    const Verdict* verdict = std::exchange(verdicts_, verdicts_->next);
    PyObject* key = verdict->key;
    delete verdict;
    Py_DECREF(key);
  }
  PyErr_Restore(raised[0], raised[1], raised[2]);
}

}  // namespace raddle::python
