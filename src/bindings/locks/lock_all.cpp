// The class lock_all.
#include "lock_plan.hpp"

namespace raddle::python {

namespace {

struct LockAllContent {
  ~LockAllContent() { free_lock_plan(plan.load(order::relaxed)); }  // relaxed: nobody else is there

  LockHead head;
  atomic<LockPlan*> plan{nullptr};   // written by the first __init__, and by tp_clear
  atomic<ThreadId> user{kNoThread};  // who is inside `with`, or on the way
  bool has_all = false;              // the user's own, as long as it is one
};
using LockAllObject = Object<LockAllContent>;

LockAllContent& content_of(PyObject* self) noexcept { return LockAllObject::of(self); }

constexpr LockPlan kNoLocks{INT64_MAX, 0, {}};

const LockPlan& plan_of(const LockAllContent& content) noexcept {
  const LockPlan* plan = content.plan.load(order::acquire);  // acquire, pairs with init(): it was built before
  return plan != nullptr ? *plan : kNoLocks;
}

// `timeout` is the only keyword.
bool read_keywords(PyObject* kwargs, std::int64_t& nanoseconds) {
  PyObject* timeout = nullptr;
  if (kwargs != nullptr) {
    Py_ssize_t position = 0;
    PyObject *name, *value;
    while (PyDict_Next(kwargs, &position, &name, &value)) {
      if (PyUnicode_CompareWithASCIIString(name, "timeout") == 0) {
        timeout = value;
        continue;
      }
      PyErr_Format(PyExc_TypeError, "lock_all() got an unexpected keyword argument '%U'", name);
      return false;
    }
  }
  return read_time_limit(timeout, nanoseconds);
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  std::int64_t nanoseconds;
  if (!read_keywords(kwargs, nanoseconds)) return -1;
  LockPlan* plan = make_lock_plan(state_of(self), args, nanoseconds);
  if (plan == nullptr) return -1;
  LockPlan* none = nullptr;
  // release, pairs with plan_of()
  if (!content_of(self).plan.compare_exchange_strong(none, plan, order::release, order::relaxed))
    free_lock_plan(plan);
  return 0;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const LockPlan& plan = plan_of(content_of(self));
  for (Py_ssize_t i = 0; i < plan.count; ++i) Py_VISIT(plan.items[i].lock);
  return lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  free_lock_plan(content_of(self).plan.exchange(nullptr, order::acq_rel));
  return 0;
}

// From nobody, or somebody who will never come back. False with RuntimeError set.
bool become_user(LockAllContent& content) {
  ThreadId user = content.user.load(order::relaxed);  // relaxed: the exchange checks it
  while (user == kNoThread || has_vanished(user) || has_ended(user)) {
    // acquire, pairs with the release in stop_using(): what the last user wrote is visible
    if (content.user.compare_exchange_weak(user, this_thread_id(), order::acquire, order::relaxed)) return true;
  }
  PyErr_SetString(PyExc_RuntimeError, "this lock_all() is in use: make one for each `with`");
  return false;
}

void stop_using(LockAllContent& content) {
  content.has_all = false;
  content.user.store(kNoThread, order::release);  // release, pairs with become_user()
}

PyObject* enter(PyObject* self, PyObject*) {
  LockAllContent& content = content_of(self);
  if (!become_user(content)) return nullptr;
  content.has_all = false;  // a user that ended may have left it
  const LockPlan& plan = plan_of(content);
  const Deadline deadline = deadline_in(plan.nanoseconds);
  for (Py_ssize_t i = 0; i < plan.count; ++i) {
    const Acquired acquired = take_lock(plan.items[i], deadline);
    if (acquired == Acquired::yes) continue;
    if (acquired == Acquired::no)
      PyErr_SetString(PyExc_TimeoutError, "not all locks were free in time; none has been taken");
    give_locks_back(plan, i);
    stop_using(content);
    return nullptr;
  }
  content.has_all = true;
  Py_RETURN_TRUE;
}

PyObject* exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  LockAllContent& content = content_of(self);
  // relaxed: a thread that is the user has written that itself
  if (content.user.load(order::relaxed) != this_thread_id() || !content.has_all) {
    PyErr_SetString(PyExc_RuntimeError, "this thread has not entered this lock_all()");
    return nullptr;
  }
  content.has_all = false;  // no method of a lock that is given back does so once more
  const LockPlan& plan = plan_of(content);
  give_locks_back(plan, plan.count);
  stop_using(content);
  if (PyErr_Occurred() != nullptr) return nullptr;
  Py_RETURN_NONE;
}

PyObject* repr(PyObject* self) {
  const LockAllContent& content = content_of(self);
  const LockPlan& plan = plan_of(content);
  const Ref locks(PyList_New(0));
  for (Py_ssize_t i = 0; locks && i < plan.count; ++i)
    if (PyList_Append(locks.get(), plan.items[i].lock) < 0) return nullptr;
  if (!locks) return nullptr;
  const bool is_used = content.user.load(order::relaxed) != kNoThread;  // relaxed: for display
  return lock_repr(self, is_used ? "locked" : "unlocked", PyUnicode_FromFormat(" of %R", locks.get()));
}

constexpr char kDoc[] =
    "lock_all(*locks, timeout=None)\n"
    "--\n"
    "\n"
    "Take several locks together, for a `with` statement: all or none.\n"
    "\n"
    "They are taken in one order, the same in all threads, so that threads\n"
    "that use it never wait for each other, however they list their locks;\n"
    "released in reverse. A Lock is taken as `with` takes it. What else has\n"
    "acquire() and release() is taken by these: threading's locks and others;\n"
    "keys of a KeyedLock as lock_all(locks(a), locks(b)).\n"
    "\n"
    "timeout: wait so many seconds at most for all of them, else TimeoutError;\n"
    "it is passed on to acquire(timeout=...). Whatever ends the wait, a\n"
    "timeout, Ctrl-C, DeadlockError, or what a lock raises, gives back what\n"
    "has been taken. ValueError: timeout is negative, or a lock that is not\n"
    "re-entrant is given twice; TypeError: what is given is no lock.\n"
    "\n"
    "One object may be entered again after it was left, by any thread, but not\n"
    "while it is in use (RuntimeError). Safe in a signal handler and a\n"
    "finaliser as far as the locks are. Algorithm: ordered acquisition.\n"
    "\n"
    "    left, right = raddle.Lock(), raddle.RLock()\n"
    "    with raddle.lock_all(left, right):\n"
    "        pass                # this thread has both";

PyMethodDef methods[] = {
    {"__enter__", enter, METH_NOARGS,
     "__enter__($self, /)\n--\n\nTake all locks; return True. TimeoutError: not in time."},
    {"__exit__", as_method(exit), METH_FASTCALL,
     "__exit__($self, /, *args)\n--\n\nGive all locks back. RuntimeError if this thread has not entered."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(LockAllObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(LockAllObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {0, nullptr}};

}  // namespace

PyType_Spec lock_all_spec = {"raddle.lock_all", sizeof(LockAllObject), 0, kClassFlags, slots};

}  // namespace raddle::python
