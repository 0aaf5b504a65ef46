// The class Condition.
#include "condition.hpp"

#include "sync_object.hpp"

namespace raddle::python {

namespace {

ConditionContent& content_of(PyObject* self) noexcept { return ConditionObject::of(self); }
Condition& condition_of(PyObject* self) noexcept { return *content_of(self).condition; }

// False: there is a lock already.
bool set_lock(PyObject* self, PyObject* lock) {
  PyObject* none = nullptr;
  Py_INCREF(lock);
  // release, pairs with the acquire in lock_of()
  if (content_of(self).lock.compare_exchange_strong(none, lock, order::release, order::relaxed)) return true;
  Py_DECREF(lock);
  return false;
}

// False with an exception set: AttributeError as from the standard library's, or TypeError for those of raddle's
// locks that may look as if they fitted. A view of an RWLock does not tell whether this thread has it: it can be
// taken again.
bool check_fits(PyObject* self, PyObject* lock) {
  const ModuleState& state = state_of(self);
  bool fits = !Py_IS_TYPE(lock, state.key_guard);
  for (const Class misfit :
       {Class::rw_lock, Class::rw_lock_view, Class::rw_lock_upgradable, Class::keyed_lock, Class::lock_all})
    fits = fits && !Py_IS_TYPE(lock, state.classes[static_cast<std::size_t>(misfit)]);
  if (!fits) {
    PyErr_Format(PyExc_TypeError,
                 "Condition() takes a Lock or an RLock, raddle's or threading's, or what has their acquire() and "
                 "release(), not '%.200s'",
                 Py_TYPE(lock)->tp_name);
    return false;
  }
  for (const char* method : {"acquire", "release"}) {
    const Ref found(PyObject_GetAttrString(lock, method));
    if (!found) return false;
  }
  return true;
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"lock", "name", nullptr};
  PyObject *lock = nullptr, *name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:Condition", const_cast<char**>(names), &lock, &name))
    return -1;
  if (!content_of(self).head.configure()) return 0;
  if (lock != nullptr && lock != Py_None) {
    if (!check_fits(self, lock)) return -1;
    set_lock(self, lock);
  } else if (lock_of(self) == nullptr) {
    return -1;
  }
  return set_name(self, name) ? 0 : -1;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(content_of(self).lock.load(order::relaxed));  // relaxed: the world is stopped
  return lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  PyObject* lock = content_of(self).lock.exchange(nullptr, order::acq_rel);
  Py_XDECREF(lock);
  return 0;
}

// The lock's method of that name, for foreign locks.
PyObject* call(PyObject* lock, const char* name) { return PyObject_CallMethod(lock, name, nullptr); }

PyObject* acquire(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* lock = lock_of(self);
  if (lock == nullptr) return nullptr;
  const LockKind kind = kind_of(self, lock);
  if (kind != LockKind::foreign) return methods_of(kind).acquire(lock, args, nargs, kwnames);
  const Ref method(PyObject_GetAttrString(lock, "acquire"));
  return method ? PyObject_Vectorcall(method.get(), args, static_cast<std::size_t>(nargs), kwnames) : nullptr;
}

PyObject* release(PyObject* self, PyObject*) {
  PyObject* lock = lock_of(self);
  if (lock == nullptr) return nullptr;
  const LockKind kind = kind_of(self, lock);
  return kind != LockKind::foreign ? methods_of(kind).release(lock, nullptr) : call(lock, "release");
}

PyObject* enter(PyObject* self, PyObject*) {
  PyObject* lock = lock_of(self);
  if (lock == nullptr) return nullptr;
  const LockKind kind = kind_of(self, lock);
  return kind != LockKind::foreign ? methods_of(kind).enter(lock, nullptr) : call(lock, "__enter__");
}

PyObject* exit(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
  PyObject* lock = lock_of(self);
  if (lock == nullptr) return nullptr;
  const LockKind kind = kind_of(self, lock);
  if (kind != LockKind::foreign) return methods_of(kind).exit(lock, args, nargs);
  const Ref method(PyObject_GetAttrString(lock, "__exit__"));
  return method ? PyObject_Vectorcall(method.get(), args, static_cast<std::size_t>(nargs), nullptr) : nullptr;
}

PyObject* locked(PyObject* self, PyObject*) {
  PyObject* lock = lock_of(self);
  return lock != nullptr ? call(lock, "locked") : nullptr;
}

PyObject* wait(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Deadline deadline = Deadline::never();
  if ((nargs != 0 || kwnames != nullptr) && !read_wait(args, nargs, kwnames, read_lenient_timeout, deadline))
    return nullptr;
  const int notified = wait_once(self, deadline);
  return notified < 0 ? nullptr : PyBool_FromLong(notified);
}

// With a time limit that has passed it still waits once, as the standard library's does.
PyObject* wait_for(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[2];
  const Parameters<2> parameters{"wait_for", {"predicate", "timeout"}, 1};
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  Deadline deadline = Deadline::never();
  for (bool waited = false;; waited = true) {
    Ref result(PyObject_CallNoArgs(values[0]));
    const int holds = result ? PyObject_IsTrue(result.get()) : -1;
    if (holds < 0) return nullptr;
    if (holds != 0 || (waited && deadline.has_passed())) return result.release();
    if (!waited && !read_lenient_timeout(values[1], deadline)) return nullptr;
    if (wait_once(self, deadline) < 0) return nullptr;
  }
}

PyObject* notify_up_to(PyObject* self, std::size_t n) {
  PyObject* lock = lock_of(self);
  if (lock == nullptr) return nullptr;
  const LockKind kind = kind_of(self, lock);
  const int owned = is_owned(kind, lock);
  if (owned <= 0) {
    if (owned == 0) PyErr_SetString(PyExc_RuntimeError, "cannot notify on un-acquired lock");
    return nullptr;
  }
  if (kind == LockKind::rlock)  // which only this thread gives back
    condition_of(self).notify_at_unlock(n);
  else
    condition_of(self).notify(n);
  Py_RETURN_NONE;
}

PyObject* notify(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Py_ssize_t n = 1;
  if (nargs != 0 || kwnames != nullptr) {
    PyObject* value;
    const Parameters<1> parameters{"notify", {"n"}, 0};
    if (!read_arguments(parameters, args, nargs, kwnames, &value)) return nullptr;
    if (value != nullptr) n = PyNumber_AsSsize_t(value, nullptr);  // beyond: as many as there can be
    if (n == -1 && PyErr_Occurred() != nullptr) return nullptr;
  }
  return notify_up_to(self, n > 0 ? static_cast<std::size_t>(n) : 0);
}

PyObject* notify_all(PyObject* self, PyObject*) { return notify_up_to(self, Condition::kAll); }

PyObject* notify_all_by_old_name(PyObject* self, PyObject*) {
  return warn_deprecated("notifyAll() is deprecated, use notify_all() instead") ? notify_all(self, nullptr)
                                                                                : nullptr;
}

PyObject* is_owned_method(PyObject* self, PyObject*) {
  PyObject* lock = lock_of(self);
  const int owned = lock != nullptr ? is_owned(kind_of(self, lock), lock) : -1;
  return owned < 0 ? nullptr : PyBool_FromLong(owned);
}

PyObject* release_save(PyObject* self, PyObject*) {
  PyObject* lock = lock_of(self);
  return lock != nullptr ? release_save_foreign(lock) : nullptr;
}

PyObject* acquire_restore(PyObject* self, PyObject* state) {
  PyObject* lock = lock_of(self);
  return lock != nullptr ? acquire_restore_foreign(lock, state) : nullptr;
}

PyObject* at_fork_reinit(PyObject* self, PyObject*) {
  PyObject* lock = lock_of(self);
  const Ref done(lock != nullptr ? call(lock, "_at_fork_reinit") : nullptr);
  if (!done) return nullptr;
  condition_of(self).reset();
  Py_RETURN_NONE;
}

PyObject* repr(PyObject* self) {
  PyObject* lock = lock_of(self);
  return sync_repr(self, condition_of(self).approx_waiting(), lock != nullptr ? PyObject_Repr(lock) : nullptr);
}

constexpr char kDoc[] =
    "Condition(lock=None, name=None)\n"
    "--\n"
    "\n"
    "Threads that have a lock wait, without it, until another notifies them.\n"
    "\n"
    "In place of threading.Condition. lock: any lock; None: an RLock of its\n"
    "own. wait() gives the lock back while it waits and has it again when it\n"
    "returns or raises: that step cannot be interrupted. No wait ends for\n"
    "nothing; who has waited longest is notified first. With a Lock or RLock\n"
    "of raddle's a notified thread goes on when it gets the lock, and\n"
    "notify() wakes nobody itself.\n"
    "\n"
    "RuntimeError without the lock. A notification that meets the end of a\n"
    "time limit counts; one that meets Ctrl-C goes to the next that waits.\n"
    "OwnerDiedError from wait() if a thread ended while it had the RLock;\n"
    "the lock is the caller's then. After os.fork() nobody waits in the\n"
    "child. Methods but the waiting ones are safe in a finaliser and a\n"
    "signal handler, as far as the lock is.\n"
    "\n"
    "name: for messages. Timeouts are seconds.\n"
    "\n"
    "    changed = raddle.Condition()\n"
    "    with changed:\n"
    "        changed.wait_for(lambda: True, timeout=1.5)\n"
    "        changed.notify_all()";

constexpr char kWaitDoc[] =
    "wait($self, /, timeout=None)\n--\n\n"
    "Give the lock back, wait to be notified, take the lock again; return whether it was notified.\n\n"
    "timeout: seconds after which False is returned; None: for ever; negative: like 0.";

constexpr char kWaitForDoc[] =
    "wait_for($self, /, predicate, timeout=None)\n--\n\n"
    "Wait until predicate(), called with the lock, is true; return what it gave last.\n\n"
    "timeout: seconds after which it gives up; None: never.";

PyMethodDef methods[] = {
    {"acquire", as_method(acquire), kFastCall, "acquire($self, /, *args, **kwargs)\n--\n\nThe lock's acquire()."},
    {"release", release, METH_NOARGS, "release($self, /)\n--\n\nThe lock's release()."},
    {"locked", locked, METH_NOARGS, "locked($self, /)\n--\n\nThe lock's locked(), if it has that."},
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nTake the lock."},
    {"__exit__", as_method(exit), METH_FASTCALL, "__exit__($self, /, *args)\n--\n\nGive the lock back."},
    {"wait", as_method(wait), kFastCall, kWaitDoc},
    {"wait_for", as_method(wait_for), kFastCall, kWaitForDoc},
    {"notify", as_method(notify), kFastCall,
     "notify($self, /, n=1)\n--\n\nLet n threads that wait go on, those that have waited longest, or all there "
     "are."},
    {"notify_all", notify_all, METH_NOARGS, "notify_all($self, /)\n--\n\nLet all threads that wait go on."},
    {"notifyAll", notify_all_by_old_name, METH_NOARGS, "notifyAll($self, /)\n--\n\nDeprecated: notify_all()."},
    {"_is_owned", is_owned_method, METH_NOARGS,
     "_is_owned($self, /)\n--\n\nReturn whether this thread has the lock; of a Lock, whether any has."},
    {"_release_save", release_save, METH_NOARGS,
     "_release_save($self, /)\n--\n\nGive all of the lock back; return what _acquire_restore() needs."},
    {"_acquire_restore", acquire_restore, METH_O,
     "_acquire_restore($self, state, /)\n--\n\nTake the lock as often as it was."},
    {"_at_fork_reinit", at_fork_reinit, METH_NOARGS,
     "_at_fork_reinit($self, /)\n--\n\nMake lock and condition as new; only where no other thread can use them."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(ConditionObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(ConditionObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_getset, name_getter},
                       {0, nullptr}};

}  // namespace

PyObject* lock_of(PyObject* self) {
  PyObject* lock = content_of(self).lock.load(order::acquire);  // acquire, pairs with set_lock()
  if (lock != nullptr) [[likely]]
    return lock;
  const Ref fresh(PyObject_CallNoArgs(
      reinterpret_cast<PyObject*>(state_of(self).classes[static_cast<std::size_t>(Class::rlock)])));
  if (!fresh) return nullptr;
  set_lock(self, fresh.get());
  return content_of(self).lock.load(order::acquire);  // acquire: as above
}

LockKind kind_of(PyObject* self, PyObject* lock) noexcept {
  const ModuleState& state = state_of(self);
  if (Py_TYPE(lock) == state.classes[static_cast<std::size_t>(Class::rlock)]) return LockKind::rlock;
  if (Py_TYPE(lock) == state.classes[static_cast<std::size_t>(Class::lock)]) return LockKind::lock;
  return LockKind::foreign;
}

PyType_Spec condition_spec = {"raddle.Condition", sizeof(ConditionObject), 0, kClassFlags, slots};

}  // namespace raddle::python
