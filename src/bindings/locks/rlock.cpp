// The class RLock.
#include "lock_object.hpp"
#include "locks.hpp"
#include "raddle/sync/reentrant_mutex.hpp"

namespace raddle::python {

namespace {

struct RLockContent {
  LockHead head;
  bool track = false;  // written by the first __init__
  Hot<ReentrantMutex> lock{"RLock"};
};
using RLockObject = Object<RLockContent>;

RLockContent& content_of(PyObject* self) noexcept { return RLockObject::of(self); }

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"name", "track", nullptr};
  PyObject* name = nullptr;
  int track = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$p:RLock", const_cast<char**>(names), &name, &track))
    return -1;
  RLockContent& content = content_of(self);
  if (!content.head.configure()) return 0;
  content.track = track != 0;
  return set_name(self, name) ? 0 : -1;
}

PyObject* lock_slowly(PyObject* self, Deadline deadline) {
  RLockContent& content = content_of(self);
  LockWaiting waiting(self);
  const LockOutcome outcome = content.lock->lock(deadline, waiting);
  if (outcome == LockOutcome::taken && content.lock->depth() == 1)
    content.head.taken_at(content.track ? current_site() : waiting.site());
  return acquire_result(self, content.lock->mutex(), outcome);
}

PyObject* acquire(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  RLockContent& content = content_of(self);
  content.head.touches.touch(self);
  Deadline deadline = Deadline::never();
  if ((nargs != 0 || kwnames != nullptr) && !read_acquire("acquire", args, nargs, kwnames, deadline))
    return nullptr;
  if (!content.track && content.lock->try_lock_fast()) [[likely]]
    Py_RETURN_TRUE;
  return lock_slowly(self, deadline);
}

PyObject* enter(PyObject* self, PyObject*) {
  RLockContent& content = content_of(self);
  content.head.touches.touch(self);
  if (!content.track && content.lock->try_lock_fast()) [[likely]]
    Py_RETURN_TRUE;
  return lock_slowly(self, Deadline::never());
}

bool unlock(PyObject* self) {
  RLockContent& content = content_of(self);
  if (content.lock->depth() == 1) content.head.forget_site();
  if (content.lock->unlock()) [[likely]]
    return true;
  PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
  return false;
}

PyObject* locked(PyObject* self, PyObject*) { return PyBool_FromLong(content_of(self).lock->mutex().is_locked()); }

PyObject* is_owned(PyObject* self, PyObject*) { return PyBool_FromLong(content_of(self).lock->is_mine()); }

PyObject* recursion_count(PyObject* self, PyObject*) {
  return PyLong_FromUnsignedLongLong(content_of(self).lock->depth());
}

PyObject* release_save(PyObject* self, PyObject*) {
  RLockContent& content = content_of(self);
  if (!content.lock->is_mine()) {
    PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
    return nullptr;
  }
  PyObject* depth = PyLong_FromUnsignedLongLong(content.lock->depth());
  if (depth == nullptr) return nullptr;
  content.head.forget_site();
  content.lock->unlock_all();
  return depth;
}

PyObject* acquire_restore(PyObject* self, PyObject* state) {
  const std::uint64_t depth = PyLong_AsUnsignedLongLong(state);
  if (depth == static_cast<std::uint64_t>(-1) && PyErr_Occurred() != nullptr) return nullptr;
  ReentrantMutex& lock = *content_of(self).lock;
  UninterruptibleWaiting waiting(self);
  const LockOutcome outcome = lock.lock(Deadline::never(), waiting);
  lock.set_depth(depth);
  if (outcome == LockOutcome::owner_died) return raise_owner_died(self), nullptr;
  Py_RETURN_NONE;
}

PyObject* at_fork_reinit(PyObject* self, PyObject*) {
  content_of(self).head.forget_site();
  content_of(self).lock->reset();
  Py_RETURN_NONE;
}

PyObject* repr(PyObject* self) {
  const ReentrantMutex& lock = *content_of(self).lock;
  PyObject* details = describe_mutex(lock.mutex());
  if (details != nullptr && lock.is_mine()) {
    const Ref owner(details);
    details = PyUnicode_FromFormat("%U count=%llu", owner.get(), static_cast<unsigned long long>(lock.depth()));
  }
  return lock_repr(self, lock.mutex().is_locked() ? "locked" : "unlocked", details);
}

constexpr char kDoc[] =
    "RLock(name=None, *, track=False)\n"
    "--\n"
    "\n"
    "A lock that its owner may take again; in place of threading.RLock.\n"
    "\n"
    "It is free when its owner has released it as often as it was acquired.\n"
    "Only the owner, a thread, may release it: two asyncio tasks of one thread\n"
    "share it.\n"
    "\n"
    "A wait that can never end because threads wait for each other raises\n"
    "DeadlockError. If a thread ends while it has the lock, the next acquire\n"
    "raises OwnerDiedError, and the lock is free. After os.fork() the child\n"
    "finds locks of threads that are gone unlocked. Waiting ends at once by\n"
    "Ctrl-C. Who has waited for a millisecond is next. Safe in a finaliser\n"
    "and a signal handler.\n"
    "\n"
    "name, track: as in Lock.\n"
    "\n"
    "    lock = raddle.RLock()\n"
    "    with lock:\n"
    "        with lock:        # the same thread: goes on\n"
    "            pass";

PyMethodDef methods[] = {
    {"acquire", as_method(acquire), kFastCall,
     "acquire($self, /, blocking=True, timeout=-1)\n--\n\n"
     "Take the lock, once more if this thread has it; return whether that was possible.\n\n"
     "Arguments and errors as in Lock.acquire(); OwnerDiedError if the thread that had it has ended."},
    {"release", release_by<unlock>, METH_NOARGS,
     "release($self, /)\n--\n\nUndo one acquire. RuntimeError if this thread does not have the lock."},
    {"locked", locked, METH_NOARGS, "locked($self, /)\n--\n\nReturn whether a thread has the lock."},
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nTake the lock; return True."},
    {"__exit__", as_method(exit_by<unlock>), METH_FASTCALL, "__exit__($self, /, *args)\n--\n\nUndo one acquire."},
    {"_is_owned", is_owned, METH_NOARGS, "_is_owned($self, /)\n--\n\nReturn whether this thread has the lock."},
    {"_recursion_count", recursion_count, METH_NOARGS,
     "_recursion_count($self, /)\n--\n\nReturn how often this thread has acquired it."},
    {"_release_save", release_save, METH_NOARGS,
     "_release_save($self, /)\n--\n\nGive all of it back; return what _acquire_restore() needs."},
    {"_acquire_restore", acquire_restore, METH_O,
     "_acquire_restore($self, state, /)\n--\n\nTake it as often as it was; not interruptible."},
    {"_at_fork_reinit", at_fork_reinit, METH_NOARGS,
     "_at_fork_reinit($self, /)\n--\n\nMake it unlocked; only where no other thread can use it."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(RLockObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(RLockObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(lock_traverse)},
                       {Py_tp_getset, lock_getters},
                       {0, nullptr}};

}  // namespace

PyType_Spec rlock_spec = {"raddle.RLock", sizeof(RLockObject), 0, kClassFlags, slots};

const LockMethods rlock_methods = {acquire, release_by<unlock>, enter, exit_by<unlock>};

ReentrantMutex* mutex_of_rlock(PyObject* rlock) { return &*content_of(rlock).lock; }

const NativeLock native_rlock = {
    order_of_itself, [](PyObject* lock, Deadline deadline) { return acquired_of(lock_slowly(lock, deadline)); },
    unlock, true};

}  // namespace raddle::python
