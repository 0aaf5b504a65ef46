// KeyedLock and the guard that `locks(key)` returns: their layouts, and what they do for each other.
#pragma once

#include "bound_pair.hpp"
#include "key_probe.hpp"
#include "lock_object.hpp"
#include "raddle/base/slot_table.hpp"

namespace raddle::python {

// Memory of a guard that is no more, for the next one that this thread makes: allocating one costs a fifth of
// `with locks(key): pass`. At most one for each lock and thread slot.
struct alignas(kCacheLine) SpareGuard {
  PyObject* memory = nullptr;  // for the thread that has the slot; with its reference on the class
};

struct KeyedLockContent {
  LockHead head;
  vectorcallfunc call;
  PyTypeObject* guard_type = nullptr;  // of the module that made the class
  SlotTable<SpareGuard, 8> spares;
  PyKeyedMutex keys{"KeyedLock"};

  ~KeyedLockContent() {
    spares.for_each([](SpareGuard& spare) {
      if (spare.memory == nullptr) return true;
      PyTypeObject* type = Py_TYPE(spare.memory);
      PyObject_GC_Del(spare.memory);
      Py_DECREF(type);
      return true;
    });
    spares.clear();
  }
};
using KeyedLockObject = Object<KeyedLockContent>;

// A key of a KeyedLock, for `with`. It remembers its hash, and after entering the entry, so that leaving compares
// nothing. Any threads may use one; what it remembers belongs to the thread that entered, which has the key. But
// another one may look at it at any time, in error, so the words are atomic and relaxed: none is believed before
// the entry has been found in its place.
struct KeyGuardContent {
  KeyGuardContent(PyObject* of, PyObject* guarded, Py_hash_t hash_of_key) noexcept
      : lock(Py_NewRef(of)), key(Py_NewRef(guarded)), hash(static_cast<std::uint64_t>(hash_of_key)) {}

  // The guard's, which drops these two at its end.
  PyObject* lock;  // of class KeyedLock
  PyObject* key;
  std::uint64_t hash;
  atomic<ThreadId> owner{kNoThread};  // who has entered it
  atomic<std::uint64_t> depth{0};     // and how often
  atomic<PyKeyedMutex::Entry*> entry{nullptr};
  atomic<std::uint64_t> serial{0};
  [[no_unique_address]] BoundPair methods;
};
using KeyGuardObject = Object<KeyGuardContent>;

// Takes a key. `guard` stands for it in messages (null: one is made where it is needed).
Acquired take_key(PyObject* lock, PyObject* key, std::uint64_t hash, Deadline deadline, PyObject* guard,
                  PyKeyedMutex::Spot& spot);
// RuntimeError about a key that this thread does not have.
void raise_not_mine();

// For the module's making. -1 with an exception set.
int bind_in_key_guards(PyTypeObject* type);

// Null with an exception set.
PyObject* make_key_guard(PyObject* lock, PyObject* key, Py_hash_t hash);

}  // namespace raddle::python
