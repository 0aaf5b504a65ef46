// The views of an RWLock, through which it is read or written: what lock.read, lock.write, read_lock() and
// write_lock() give.
#include "locks.hpp"
#include "rw_lock_object.hpp"

namespace raddle::python {

bool Patience::read(PyObject* timeout) {
  Deadline deadline = Deadline::never();
  if (!read_timeout(timeout, deadline)) return false;
  if (deadline.is_never())
    nanoseconds_ = kForEver;
  else if (deadline.nanoseconds() == Deadline::passed().nanoseconds())
    nanoseconds_ = 0;
  else
    nanoseconds_ = std::max<std::int64_t>(deadline.nanoseconds() - Deadline::now(), 1);
  return true;
}

RWLock::Outcome rw_take(PyObject* lock, RWLock& core, RWMode mode, Deadline deadline) {
  LockWaiting waiting(lock);
  if (mode == RWMode::read) return core.read(deadline, waiting);
  const RWLock::Outcome outcome = core.write(deadline, waiting);
  if (outcome == RWLock::Outcome::taken) head_of(lock).taken_at(waiting.site());
  return outcome;
}

bool rw_give_back(PyObject* lock, RWLock& core, RWMode mode) {
  if (mode == RWMode::read) {
    if (core.unlock_read()) [[likely]]
      return true;
  } else {
    if (core.is_writing()) head_of(lock).forget_site();
    if (core.unlock_write()) [[likely]]
      return true;
  }
  PyErr_SetString(PyExc_RuntimeError, mode == RWMode::read ? "cannot release: this thread does not read"
                                                           : "cannot release: this thread does not write");
  return false;
}

namespace {

// This thread reads and is about to wait for all readers: a cycle of one.
void raise_reader_must_not_write(PyObject* lock) {
  const Ref links(
      Py_BuildValue("[(KsO)]", static_cast<unsigned long long>(PyThread_get_thread_ident()), "RWLock", lock));
  const Ref module(links ? PyImport_ImportModule("raddle._deadlocks") : nullptr);
  const Ref error(module ? PyObject_CallMethod(module.get(), "describe", "O", links.get()) : nullptr);
  const Ref noted(error
                      ? PyObject_CallMethod(error.get(), "add_note", "s",
                                            "A thread that reads must not begin to write: give the read lock back "
                                            "first, or take upgradable_lock() instead.")
                      : nullptr);
  if (noted) PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.get())), error.get());
}

}  // namespace

void raise_rw_outcome(PyObject* lock, RWLock::Outcome outcome) {
  switch (outcome) {
    case RWLock::Outcome::taken:
    case RWLock::Outcome::interrupted:  // the exception is set
      return;
    case RWLock::Outcome::timed_out:
      PyErr_SetString(PyExc_TimeoutError, "the lock was not free in time");
      return;
    case RWLock::Outcome::owner_died:
      raise_owner_died(lock);
      return;
    case RWLock::Outcome::deadlock:
      raise_reader_must_not_write(lock);
      return;
    case RWLock::Outcome::no_memory:
      PyErr_NoMemory();
      return;
  }
}

namespace {

struct ViewContent {
  LockHead head;
  PyObject* lock = nullptr;
  RWLock* core = nullptr;  // in the lock
  RWMode mode = RWMode::read;
  Patience patience;  // of `with`

  ~ViewContent() { Py_XDECREF(lock); }
};
using ViewObject = Object<ViewContent>;

ViewContent& content_of(PyObject* self) noexcept { return ViewObject::of(self); }

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(content_of(self).lock);
  return lock_traverse(self, visit, arg);
}

PyObject* acquire(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const ViewContent& view = content_of(self);
  Deadline deadline = Deadline::never();
  if ((nargs != 0 || kwnames != nullptr) && !read_acquire("acquire", args, nargs, kwnames, deadline))
    return nullptr;
  switch (const RWLock::Outcome outcome = rw_take(view.lock, *view.core, view.mode, deadline)) {
    case RWLock::Outcome::taken:
      Py_RETURN_TRUE;
    case RWLock::Outcome::timed_out:
      Py_RETURN_FALSE;
    default:
      raise_rw_outcome(view.lock, outcome);
      return nullptr;
  }
}

PyObject* enter(PyObject* self, PyObject*) {
  const ViewContent& view = content_of(self);
  if (view.mode == RWMode::read && view.core->try_read_fast()) [[likely]]
    Py_RETURN_TRUE;
  const RWLock::Outcome outcome = rw_take(view.lock, *view.core, view.mode, view.patience.begin());
  if (outcome == RWLock::Outcome::taken) [[likely]]
    Py_RETURN_TRUE;
  raise_rw_outcome(view.lock, outcome);
  return nullptr;
}

bool give_back(PyObject* self) {
  const ViewContent& view = content_of(self);
  return rw_give_back(view.lock, *view.core, view.mode);
}

PyObject* locked(PyObject* self, PyObject*) {
  const ViewContent& view = content_of(self);
  const bool is_written = view.core->approx_writer() != kNoThread;
  if (view.mode == RWMode::write) return PyBool_FromLong(is_written);
  return PyBool_FromLong(view.core->approx_readers() != 0 ||
                         (!is_written && view.core->approx_upgradable() != kNoThread));
}

PyObject* repr(PyObject* self) {
  const ViewContent& view = content_of(self);
  return PyUnicode_FromFormat("<%s view of %R>", view.mode == RWMode::read ? "read" : "write", view.lock);
}

constexpr char kDoc[] =
    "A view of an RWLock, to read or to write.\n"
    "\n"
    "Made by an RWLock: lock.read, lock.write, read_lock() and write_lock().\n"
    "\n"
    "    RWLockView = type(raddle.RWLock().read)";

PyMethodDef methods[] = {
    {"acquire", as_method(acquire), kFastCall,
     "acquire($self, /, blocking=True, timeout=-1)\n--\n\n"
     "Take the lock to read, or to write; return whether that was possible.\n\n"
     "Arguments and errors as in Lock.acquire(); DeadlockError if this thread reads and wants to write, unless "
     "it\n"
     "does not wait. Without waiting, it may also be refused while another thread is about to take it."},
    {"release", release_by<give_back>, METH_NOARGS,
     "release($self, /)\n--\n\n"
     "Undo one acquire; of the write view also what downgrade() has made of it.\n\n"
     "RuntimeError if this thread does not read, or write."},
    {"locked", locked, METH_NOARGS,
     "locked($self, /)\n--\n\n"
     "Return whether a thread reads, or of the write view whether one writes.\n\n"
     "Inside `with lock.upgradable_lock()` a thread reads, and from upgrade() to downgrade() it writes."},
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nTake the lock; return True."},
    {"__exit__", as_method(exit_by<give_back>), METH_FASTCALL,
     "__exit__($self, /, *args)\n--\n\nUndo one acquire."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {
    RADDLE_SLOTS(ViewObject, kDoc, methods, repr), {Py_tp_traverse, as_slot(traverse)}, {0, nullptr}};

}  // namespace

PyType_Spec rw_lock_view_spec = {"raddle._raddle.RWLockView", sizeof(ViewObject), 0, kClassFlagsOfParts, slots};

PyObject* lock_of_view(PyObject* object, RWMode& mode) noexcept {
  if (!state_of(object).is_instance(object, Class::rw_lock_view)) return nullptr;
  mode = content_of(object).mode;
  return content_of(object).lock;
}

PyObject* make_view(PyObject* lock, RWMode mode, Patience patience) {
  PyTypeObject* type = state_of(lock).classes[static_cast<std::size_t>(Class::rw_lock_view)];
  PyObject* self = ViewObject::make(type);
  if (self == nullptr) return nullptr;
  ViewContent& view = content_of(self);
  view.lock = Py_NewRef(lock);
  view.core = &RWLockObject::of(lock).lock;
  view.mode = mode;
  view.patience = patience;
  return self;
}

Acquired rw_acquired(PyObject* lock, RWLock::Outcome outcome) {
  if (outcome == RWLock::Outcome::taken) return Acquired::yes;
  if (outcome == RWLock::Outcome::timed_out) return Acquired::no;
  raise_rw_outcome(lock, outcome);
  return Acquired::failed;
}

// Of one lock the write view comes first: who writes may read too, but not the other way round.
const NativeLock native_rw_lock_view = {
    [](PyObject* view) noexcept {
      return LockOrder{content_of(view).lock, content_of(view).mode == RWMode::write ? 0U : 1U};
    },
    [](PyObject* self, Deadline deadline) {
      const ViewContent& view = content_of(self);
      return rw_acquired(view.lock, rw_take(view.lock, *view.core, view.mode, deadline));
    },
    give_back, true};

}  // namespace raddle::python
