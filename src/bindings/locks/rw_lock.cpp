// The class RWLock.
#include "locks.hpp"
#include "rw_lock_object.hpp"

namespace raddle::python {

namespace {

RWLockContent& content_of(PyObject* self) noexcept { return RWLockObject::of(self); }

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"name", nullptr};
  PyObject* name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:RWLock", const_cast<char**>(names), &name)) return -1;
  if (!content_of(self).head.configure()) return 0;
  return set_name(self, name) ? 0 : -1;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(content_of(self).read.load(order::relaxed));  // relaxed: the world is stopped
  Py_VISIT(content_of(self).write.load(order::relaxed));
  return lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  for (atomic<PyObject*>* view : {&content_of(self).read, &content_of(self).write})
    Py_XDECREF(view->exchange(nullptr, order::acq_rel));
  return 0;
}

PyObject* view_of(PyObject* self, RWMode mode) {
  RWLockContent& content = content_of(self);
  content.head.touches.touch(self);
  // acquire, pairs with pin_views(): the view was made before
  PyObject* pinned = (mode == RWMode::read ? content.read : content.write).load(order::acquire);
  return pinned != nullptr ? Py_NewRef(pinned) : make_view(self, mode, Patience());
}

PyObject* get_read(PyObject* self, void*) { return view_of(self, RWMode::read); }
PyObject* get_write(PyObject* self, void*) { return view_of(self, RWMode::write); }

bool read_patience(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                   Patience& patience) {
  PyObject* timeout;
  const Parameters<1> parameters{method, {"timeout"}, 0};
  return read_arguments(parameters, args, nargs, kwnames, &timeout) && patience.read(timeout);
}

PyObject* timed_view(const char* method, RWMode mode, PyObject* self, PyObject* const* args, Py_ssize_t nargs,
                     PyObject* kwnames) {
  Patience patience;
  if (!read_patience(method, args, nargs, kwnames, patience)) return nullptr;
  return patience.is_for_ever() ? view_of(self, mode) : make_view(self, mode, patience);
}
PyObject* read_lock(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return timed_view("read_lock", RWMode::read, self, args, nargs, kwnames);
}
PyObject* write_lock(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return timed_view("write_lock", RWMode::write, self, args, nargs, kwnames);
}
PyObject* upgradable_lock(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Patience patience;
  if (!read_patience("upgradable_lock", args, nargs, kwnames, patience)) return nullptr;
  return make_upgradable(self, patience);
}

PyObject* enter(PyObject* self, PyObject*) {
  content_of(self).head.touches.touch(self);
  const RWLock::Outcome outcome = rw_take(self, content_of(self).lock, RWMode::write, Deadline::never());
  if (outcome == RWLock::Outcome::taken) [[likely]]
    Py_RETURN_TRUE;
  raise_rw_outcome(self, outcome);
  return nullptr;
}

PyObject* exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  if (!rw_give_back(self, content_of(self).lock, RWMode::write)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* downgrade(PyObject* self, PyObject*) {
  RWLockContent& content = content_of(self);
  if (!content.lock.is_writing()) {
    PyErr_SetString(PyExc_RuntimeError, "cannot downgrade: this thread does not have the write lock");
    return nullptr;
  }
  content.head.forget_site();
  if (!content.lock.downgrade()) return PyErr_NoMemory();
  Py_RETURN_NONE;
}

// 0: nobody, or nobody knows.
unsigned long long ident_of(ThreadId id) noexcept {
  const ThreadRecord* record = id != kNoThread ? record_of(id) : nullptr;
  return record != nullptr ? record->ident.load(order::relaxed) : 0;  // relaxed: for display
}

// " NAME=NUMBER" at the end of a text, which is consumed, unless the number is 0.
PyObject* add_number(PyObject* text, const char* name, unsigned long long number) {
  if (text == nullptr || number == 0) return text;
  const Ref before(text);
  return PyUnicode_FromFormat("%U %s=%llu", before.get(), name, number);
}

PyObject* repr(PyObject* self) {
  const RWLock& lock = content_of(self).lock;
  const unsigned long long writer = ident_of(lock.approx_writer());
  const unsigned long long upgradable = writer == 0 ? ident_of(lock.approx_upgradable()) : 0;
  const std::size_t readers = writer == 0 ? lock.approx_readers() : 0;
  PyObject* details = add_number(PyUnicode_FromString(""), "writer", writer);
  details = add_number(details, "upgradable", upgradable);
  details = add_number(details, "readers", readers);
  details = add_number(details, "waiters", lock.approx_waiting());
  const char* state = writer != 0 ? "write-locked" : upgradable != 0 || readers != 0 ? "read-locked" : "unlocked";
  return lock_repr(self, state, details);
}

constexpr char kDoc[] =
    "RWLock(name=None)\n"
    "--\n"
    "\n"
    "A lock for what many threads read and few write.\n"
    "\n"
    "`with lock.read:` shares it with other readers; `with lock.write:`, or\n"
    "`with lock:`, has it alone. Readers on different cores do not slow each\n"
    "other down if the lock is pinned: raddle.pin(). A writer that waits keeps\n"
    "new readers out; when it has written, all readers that wait come before\n"
    "the next writer. So neither waits for ever.\n"
    "\n"
    "A thread that reads or writes may read again, one that writes may write\n"
    "again, without waiting. One that reads must not begin to write:\n"
    "DeadlockError at once; upgradable_lock() is for that. Only the thread that\n"
    "took it gives it back (RuntimeError): two asyncio tasks of one thread\n"
    "share it. Views, read_lock() and write_lock() keep the lock alive.\n"
    "\n"
    "A wait that can never end because threads wait for each other raises\n"
    "DeadlockError. If a thread ends while it reads or writes, one of those who\n"
    "would have to wait for it gets OwnerDiedError, and it counts as given\n"
    "back. After os.fork() the child finds it free of threads that are gone.\n"
    "Waiting ends at once by Ctrl-C. Safe in a finaliser and a signal handler,\n"
    "as far as the thread below them does not have the lock.\n"
    "\n"
    "name: for messages. Memory: 64 bytes for each thread that reads.\n"
    "\n"
    "After distributed readers' locks (Hsieh and Weihl, 1992) with phases that\n"
    "are fair (Brandenburg and Anderson, 2009).\n"
    "\n"
    "    lock = raddle.pin(raddle.RWLock())\n"
    "    with lock.read:\n"
    "        price = prices[name]\n"
    "    with lock.write:\n"
    "        prices.update(new)";

PyMethodDef methods[] = {
    {"read_lock", as_method(read_lock), kFastCall,
     "read_lock($self, /, timeout=None)\n--\n\n"
     "Return what reads in a `with`.\n\n"
     "`with lock.read_lock(0.5):` waits for writers so many seconds at most, then raises TimeoutError. None: for\n"
     "ever. ValueError for a negative timeout."},
    {"write_lock", as_method(write_lock), kFastCall,
     "write_lock($self, /, timeout=None)\n--\n\n"
     "Return what writes in a `with`.\n\n"
     "Arguments and errors as in read_lock(); DeadlockError if this thread reads."},
    {"upgradable_lock", as_method(upgradable_lock), kFastCall,
     "upgradable_lock($self, /, timeout=None)\n--\n\n"
     "Return what reads in a `with` and may write there.\n\n"
     "`with lock.upgradable_lock() as u:` reads beside readers, and keeps others from writing; `u.upgrade()` "
     "then\n"
     "writes. One thread at a time is in there. Arguments and errors as in write_lock()."},
    {"downgrade", downgrade, METH_NOARGS,
     "downgrade($self, /)\n--\n\n"
     "Go on reading instead of writing, without another writer in between.\n\n"
     "Readers come in at once. The end of the `with`, or write.release(), then gives back the read lock; so does\n"
     "read.release(). RuntimeError if this thread does not write."},
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nTake the write lock; return True."},
    {"__exit__", as_method(exit), METH_FASTCALL,
     "__exit__($self, /, *args)\n--\n\nGive back the write lock, or what downgrade() has made of it."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef getters[] = {
    {"read", get_read, nullptr, "The lock to read, with acquire(), release(), locked(), and for `with`.", nullptr},
    {"write", get_write, nullptr, "The lock to write, with acquire(), release(), locked(), and for `with`.",
     nullptr},
    RADDLE_LOCK_GETTERS,
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(RWLockObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(RWLockObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_getset, getters},
                       {0, nullptr}};

}  // namespace

PyType_Spec rw_lock_spec = {"raddle.RWLock", sizeof(RWLockObject), 0, kClassFlags, slots};

bool pin_views([[maybe_unused]] PyObject* lock) {
  if constexpr (kFreeThreaded) {
    for (const RWMode mode : {RWMode::read, RWMode::write}) {
      atomic<PyObject*>& place = mode == RWMode::read ? content_of(lock).read : content_of(lock).write;
      if (place.load(order::acquire) != nullptr) continue;  // acquire: as in view_of()
      Ref view(make_view(lock, mode, Patience()));
      if (!view || !pin(view.get()) || !pin_enter_and_exit(view.get())) return false;
      PyObject* none = nullptr;
      // release, pairs with view_of()
      if (place.compare_exchange_strong(none, view.get(), order::acq_rel, order::relaxed)) view.release();
    }
  }
  return true;
}

// As `with lock:`, which writes.
const NativeLock native_rw_lock = {
    order_of_itself,
    [](PyObject* lock, Deadline deadline) {
      return rw_acquired(lock, rw_take(lock, content_of(lock).lock, RWMode::write, deadline));
    },
    [](PyObject* lock) { return rw_give_back(lock, content_of(lock).lock, RWMode::write); }, true};

}  // namespace raddle::python
