// What an RWLock, its views and what upgradable_lock() gives know of each other.
#pragma once

#include <algorithm>
#include <utility>

#include "lock_object.hpp"
#include "raddle/sync/rw_lock.hpp"

namespace raddle::python {

struct RWLockContent {
  LockHead head;
  // The views of a pinned lock, made by pin(). Views of others are made when they are asked for: a lock that knew
  // them would be part of a cycle of references.
  atomic<PyObject*> read{nullptr}, write{nullptr};
  RWLock lock;

  ~RWLockContent() {
    Py_XDECREF(read.load(order::relaxed));
    Py_XDECREF(write.load(order::relaxed));
  }
};
using RWLockObject = Object<RWLockContent>;

enum class RWMode : std::uint8_t { read, write };

// How long a `with` waits: read where it is made, and begun where it is entered.
class Patience {
 public:
  // Null or None: for ever. False with an exception set, as read_timeout().
  bool read(PyObject* timeout);
  Deadline begin() const {
    return nanoseconds_ == kForEver ? Deadline::never()
           : nanoseconds_ == 0      ? Deadline::passed()
                                    : Deadline::in(nanoseconds_);
  }
  bool is_for_ever() const noexcept { return nanoseconds_ == kForEver; }

 private:
  static constexpr std::int64_t kForEver = -1;

  std::int64_t nanoseconds_ = kForEver;
};

// One step of an RWLock object, with what is to be raised. `core` is the object's.
RWLock::Outcome rw_take(PyObject* lock, RWLock& core, RWMode mode, Deadline deadline);
bool rw_give_back(PyObject* lock, RWLock& core, RWMode mode);
// An exception for what became of an acquire, unless it is `taken`; TimeoutError for what came too late.
void raise_rw_outcome(PyObject* lock, RWLock::Outcome outcome);

// For those who go on in C, with the exception set.
Acquired rw_acquired(PyObject* lock, RWLock::Outcome outcome);

// The lock that this is a view of, borrowed, and what the view is for; null: it is no view.
PyObject* lock_of_view(PyObject* object, RWMode& mode) noexcept;
PyObject* lock_of_upgradable(PyObject* object) noexcept;

// A new view of the lock.
PyObject* make_view(PyObject* lock, RWMode mode, Patience patience);
PyObject* make_upgradable(PyObject* lock, Patience patience);

}  // namespace raddle::python
