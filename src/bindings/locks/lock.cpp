// The class Lock.
#include "lock_object.hpp"
#include "locks.hpp"

namespace raddle::python {

namespace {

struct LockContent {
  LockHead head;
  bool owned = false;  // also acquire() is a promise to release; written by the first __init__, like the next
  bool track = false;  // notes where each acquire was
  Hot<Mutex> mutex{"Lock"};
};
using LockObject = Object<LockContent>;

LockContent& content_of(PyObject* self) noexcept { return LockObject::of(self); }

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"name", "owned", "track", nullptr};
  PyObject* name = nullptr;
  int owned = 0, track = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$pp:Lock", const_cast<char**>(names), &name, &owned, &track))
    return -1;
  LockContent& content = content_of(self);
  if (!content.head.configure()) return 0;
  content.owned = owned != 0;
  if (content.owned) content.mutex->make_robust();
  content.track = track != 0;
  return set_name(self, name) ? 0 : -1;
}

// What is left when the lock was not free at once, or tracks.
LockOutcome lock_slowly(PyObject* self, LockStyle style, Deadline deadline) {
  LockContent& content = content_of(self);
  LockWaiting waiting(self);
  const LockOutcome outcome = content.mutex->lock(style, deadline, waiting);
  if (outcome == LockOutcome::taken) content.head.taken_at(content.track ? current_site() : waiting.site());
  return outcome;
}

PyObject* acquire(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  LockContent& content = content_of(self);
  content.head.touches.touch(self);
  const LockStyle style = content.owned ? LockStyle::owned : LockStyle::signal;
  Deadline deadline = Deadline::never();
  if ((nargs != 0 || kwnames != nullptr) && !read_acquire("acquire", args, nargs, kwnames, deadline))
    return nullptr;
  if (!content.track && content.mutex->try_lock_fast(style)) [[likely]]
    Py_RETURN_TRUE;
  return acquire_result(self, *content.mutex, lock_slowly(self, style, deadline));
}

PyObject* enter(PyObject* self, PyObject*) {
  LockContent& content = content_of(self);
  content.head.touches.touch(self);
  if (!content.track && content.mutex->try_lock_fast(LockStyle::owned)) [[likely]]
    Py_RETURN_TRUE;
  return enter_result(self, *content.mutex, lock_slowly(self, LockStyle::owned, Deadline::never()));
}

bool unlock(PyObject* self) {
  LockContent& content = content_of(self);
  content.head.forget_site();
  if (content.mutex->unlock()) [[likely]]
    return true;
  PyErr_SetString(PyExc_RuntimeError, "release unlocked lock");
  return false;
}

PyObject* locked(PyObject* self, PyObject*) { return PyBool_FromLong(content_of(self).mutex->is_locked()); }

PyObject* at_fork_reinit(PyObject* self, PyObject*) {
  content_of(self).head.forget_site();
  content_of(self).mutex->reset();
  Py_RETURN_NONE;
}

PyObject* repr(PyObject* self) {
  const Mutex& mutex = *content_of(self).mutex;
  return lock_repr(self, mutex.is_locked() ? "locked" : "unlocked", describe_mutex(mutex));
}

constexpr char kDoc[] =
    "Lock(name=None, *, owned=False, track=False)\n"
    "--\n"
    "\n"
    "A lock that one thread has at a time; in place of threading.Lock.\n"
    "\n"
    "`with lock:` waits until it is free. A thread that comes may overtake\n"
    "those that wait, but who has waited for a millisecond is next.\n"
    "\n"
    "Deadlocks: a lock taken by `with`, or one made with owned=True, belongs\n"
    "to the thread that took it; a wait that can never end because threads\n"
    "wait for each other raises DeadlockError. A bare acquire() may be a\n"
    "signal that another thread is to release, and is no part of that.\n"
    "\n"
    "A lock stays taken when the thread that took it ends; but of one made\n"
    "with owned=True the next acquire raises OwnerDiedError, and it is free.\n"
    "\n"
    "Any thread may release it. After os.fork() the child finds locks of\n"
    "threads that are gone unlocked. Waiting ends at once by Ctrl-C. release()\n"
    "is safe in a finaliser and a signal handler; acquire() is as far as the\n"
    "thread below them does not have the lock.\n"
    "\n"
    "name: for messages. track=True: remember where it was taken, for\n"
    "DeadlockError; costs as much as the lock itself again.\n"
    "\n"
    "    lock = raddle.Lock()\n"
    "    with lock:\n"
    "        balance += 1";

constexpr char kAcquireDoc[] =
    "acquire($self, /, blocking=True, timeout=-1)\n--\n\n"
    "Take the lock; return whether that was possible.\n\n"
    "blocking=False: do not wait. timeout: wait so many seconds at most; -1: for ever. ValueError for another\n"
    "negative timeout, or one without blocking; OverflowError beyond threading.TIMEOUT_MAX. OwnerDiedError if\n"
    "it was made with owned=True and the thread that had it has ended.";

PyMethodDef methods[] = {
    {"acquire", as_method(acquire), kFastCall, kAcquireDoc},
    {"release", release_by<unlock>, METH_NOARGS,
     "release($self, /)\n--\n\nGive the lock back; any thread may. RuntimeError if nobody has it."},
    {"locked", locked, METH_NOARGS, "locked($self, /)\n--\n\nReturn whether a thread has the lock."},
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nTake the lock; return True."},
    {"__exit__", as_method(exit_by<unlock>), METH_FASTCALL,
     "__exit__($self, /, *args)\n--\n\nGive the lock back."},
    {"acquire_lock", as_method(acquire), kFastCall,
     "acquire_lock($self, /, blocking=True, timeout=-1)\n--\n\nThe same as acquire()."},
    {"release_lock", release_by<unlock>, METH_NOARGS, "release_lock($self, /)\n--\n\nThe same as release()."},
    {"locked_lock", locked, METH_NOARGS, "locked_lock($self, /)\n--\n\nThe same as locked()."},
    {"_at_fork_reinit", at_fork_reinit, METH_NOARGS,
     "_at_fork_reinit($self, /)\n--\n\nMake it unlocked; only where no other thread can use it."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(LockObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(LockObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(lock_traverse)},
                       {Py_tp_getset, lock_getters},
                       {0, nullptr}};

}  // namespace

PyType_Spec lock_spec = {"raddle.Lock", sizeof(LockObject), 0, kClassFlags, slots};

const LockMethods lock_methods = {acquire, release_by<unlock>, enter, exit_by<unlock>};

Mutex* mutex_of_lock(PyObject* lock) { return &*content_of(lock).mutex; }

LockOutcome lock_owned(PyObject* lock, Deadline deadline) { return lock_slowly(lock, LockStyle::owned, deadline); }

const NativeLock native_lock = {order_of_itself,
                                [](PyObject* lock, Deadline deadline) {
                                  const LockOutcome outcome = lock_owned(lock, deadline);
                                  return acquired_of(acquire_result(lock, *content_of(lock).mutex, outcome));
                                },
                                unlock, false};

}  // namespace raddle::python
