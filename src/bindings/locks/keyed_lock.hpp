// KeyedLock and the guard that `locks(key)` returns: their layouts, and what they do for each other.
#pragma once

#include "key_probe.hpp"
#include "lock_object.hpp"

namespace raddle::python {

struct KeyedLockContent {
  LockHead head;
  vectorcallfunc call;
  PyKeyedMutex keys{"KeyedLock"};
};
using KeyedLockObject = Object<KeyedLockContent>;

// A key of a KeyedLock, for `with`. It remembers its hash, and after entering the entry, so that leaving compares
// nothing. Any threads may use one; what it remembers belongs to the thread that entered, which has the key. But
// another one may look at it at any time, in error, so the words are atomic and relaxed: none is believed before
// the entry has been found in its place.
struct KeyGuardContent {
  KeyGuardContent(PyObject* of, PyObject* guarded, Py_hash_t hash_of_key) noexcept
      : lock(Py_NewRef(of)), key(Py_NewRef(guarded)), hash(static_cast<std::uint64_t>(hash_of_key)) {}
  ~KeyGuardContent() {
    Py_XDECREF(lock);
    Py_XDECREF(key);
  }

  PyObject* lock;  // of class KeyedLock, like the next written only by tp_clear
  PyObject* key;
  std::uint64_t hash;
  atomic<ThreadId> owner{kNoThread};  // who has entered it
  atomic<std::uint64_t> depth{0};     // and how often
  atomic<PyKeyedMutex::Entry*> entry{nullptr};
  atomic<std::uint64_t> serial{0};
};
using KeyGuardObject = Object<KeyGuardContent>;

// Takes a key. `guard` stands for it in messages (null: one is made where it is needed).
Acquired take_key(PyObject* lock, PyObject* key, std::uint64_t hash, Deadline deadline, PyObject* guard,
                  PyKeyedMutex::Spot& spot);
// RuntimeError about a key that this thread does not have.
void raise_not_mine();

// Null with an exception set.
PyObject* make_key_guard(PyObject* lock, PyObject* key, Py_hash_t hash);

}  // namespace raddle::python
