// How KeyedLock compares keys: what needs no code of Python's under the lock of a stripe, everything else outside.
#pragma once

#include "../python.hpp"
#include "raddle/sync/keyed_mutex.hpp"

namespace raddle::python {

struct PyKeys {
  using Key = PyObject*;
  static void retain(PyObject* key) noexcept { Py_INCREF(key); }  // counting up is no safe point
  static void release(PyObject* key) { Py_DECREF(key); }
};
using PyKeyedMutex = KeyedMutex<PyKeys>;

// One search for a key. A key of the same hash that it cannot compare it keeps; decide() asks Python, and from
// then on the probe knows the answer for this object.
class KeyProbe {
 public:
  explicit KeyProbe(PyObject* wanted) noexcept : wanted_(wanted) {}
  ~KeyProbe() { forget(); }
  KeyProbe(const KeyProbe&) = delete;
  KeyProbe& operator=(const KeyProbe&) = delete;

  // Under the lock of a stripe: runs no code of Python's and reaches no safe point.
  Match operator()(PyObject* stored) noexcept {
    if (stored == wanted_) return Match::yes;
    PyTypeObject* type = Py_TYPE(stored);
    // Exact objects of these classes never change. Their comparison reads both and returns one of two objects that
    // are there, without allocating; called directly it does not even count its depth.
    if (type == Py_TYPE(wanted_) && (type == &PyUnicode_Type || type == &PyLong_Type || type == &PyBytes_Type)) {
      PyObject* equal = type->tp_richcompare(stored, wanted_, Py_EQ);
      const bool is_equal = equal == Py_True;
      Py_DECREF(equal);  // immortal, but for 3.11, where another thread that could free anything has no GIL
      return is_equal ? Match::yes : Match::no;
    }
    return look_up(stored);
  }

  // After an undecided search. False with the exception that the comparison raised.
  bool decide();
  // Drops what it has kept.
  void forget();

 private:
  struct Verdict {
    PyObject* key;  // owned, so that no other object can have its address
    Match match;
    Verdict* next;
  };

  Match look_up(PyObject* stored) noexcept;

  PyObject* wanted_;  // the caller keeps it alive
  Verdict* verdicts_ = nullptr;
  PyObject* candidate_ = nullptr;  // owned
};

}  // namespace raddle::python
