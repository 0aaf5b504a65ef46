// What upgradable_lock() of an RWLock gives: it reads in a `with`, and may write there.
#include "rw_lock_object.hpp"

namespace raddle::python {

namespace {

struct UpgradableContent {
  LockHead head;
  PyObject* lock = nullptr;
  RWLock* core = nullptr;  // in the lock
  Patience patience;
  // The thread that is inside: the one who has the lock so, or one that has ended or vanished in there. Guarded,
  // like the next, by what the thread has of the lock.
  ThreadId inside = kNoThread;
  // How many writes it has to give back: one, and one more for each that RWLock.downgrade() has made a read of.
  std::uint32_t upgrades = 0;

  ~UpgradableContent() { Py_XDECREF(lock); }
};
using UpgradableObject = Object<UpgradableContent>;

UpgradableContent& content_of(PyObject* self) noexcept { return UpgradableObject::of(self); }

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(content_of(self).lock);
  return lock_traverse(self, visit, arg);
}

bool is_inside(const UpgradableContent& content) {
  if (content.core->is_upgradable() && content.inside == this_thread_id()) return true;
  PyErr_SetString(PyExc_RuntimeError, "this thread is not inside `with lock.upgradable_lock()`");
  return false;
}

void give_back_upgrades(UpgradableContent& content) noexcept {
  for (std::uint32_t n = std::exchange(content.upgrades, 0); n != 0; --n) content.core->unlock_write();
}

PyObject* enter(PyObject* self, PyObject*) {
  UpgradableContent& content = content_of(self);
  LockWaiting waiting(content.lock);
  const RWLock::Outcome outcome = content.core->upgradable(content.patience.begin(), waiting);
  if (outcome != RWLock::Outcome::taken) {
    raise_rw_outcome(content.lock, outcome);
    return nullptr;
  }
  if (content.inside == this_thread_id()) {
    content.core->unlock_upgradable();
    PyErr_SetString(PyExc_RuntimeError, "this thread is inside it already: call upgradable_lock() once more");
    return nullptr;
  }
  content.inside = this_thread_id();
  content.upgrades = 0;
  head_of(content.lock).taken_at(waiting.site());
  return Py_NewRef(self);
}

PyObject* exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  UpgradableContent& content = content_of(self);
  if (!is_inside(content)) return nullptr;
  head_of(content.lock).forget_site();
  content.inside = kNoThread;
  give_back_upgrades(content);
  content.core->unlock_upgradable();
  Py_RETURN_NONE;
}

PyObject* upgrade(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  UpgradableContent& content = content_of(self);
  PyObject* timeout;
  const Parameters<1> parameters{"upgrade", {"timeout"}, 0};
  Deadline deadline = Deadline::never();
  if (!read_arguments(parameters, args, nargs, kwnames, &timeout) || !read_timeout(timeout, deadline))
    return nullptr;
  if (!is_inside(content)) return nullptr;
  if (content.upgrades != 0 && content.core->is_writing()) Py_RETURN_NONE;
  const RWLock::Outcome outcome = rw_take(content.lock, *content.core, RWMode::write, deadline);
  if (outcome != RWLock::Outcome::taken) {
    raise_rw_outcome(content.lock, outcome);
    return nullptr;
  }
  ++content.upgrades;
  Py_RETURN_NONE;
}

PyObject* downgrade(PyObject* self, PyObject*) {
  UpgradableContent& content = content_of(self);
  if (!is_inside(content)) return nullptr;
  if (content.upgrades == 0) {
    PyErr_SetString(PyExc_RuntimeError, "cannot downgrade: not upgraded");
    return nullptr;
  }
  give_back_upgrades(content);
  Py_RETURN_NONE;
}

PyObject* repr(PyObject* self) { return PyUnicode_FromFormat("<upgradable view of %R>", content_of(self).lock); }

constexpr char kDoc[] =
    "Reads an RWLock in a `with`, and may write there.\n"
    "\n"
    "Made by RWLock.upgradable_lock().\n"
    "\n"
    "    RWLockUpgradable = type(raddle.RWLock().upgradable_lock())";

PyMethodDef methods[] = {
    {"upgrade", as_method(upgrade), kFastCall,
     "upgrade($self, /, timeout=None)\n--\n\n"
     "Begin to write: wait until all other readers have left.\n\n"
     "Nobody has written since this thread began to read. timeout: wait so many seconds at most, then raise\n"
     "TimeoutError and go on reading; ValueError if it is negative. Does nothing if this thread has upgraded\n"
     "already. It may also have taken lock.read in here, and keeps that. RuntimeError outside of the `with`."},
    {"downgrade", downgrade, METH_NOARGS,
     "downgrade($self, /)\n--\n\n"
     "Go on reading instead of writing; upgrade() may follow again.\n\n"
     "RuntimeError if this thread has not upgraded."},
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nBegin to read; return self."},
    {"__exit__", as_method(exit), METH_FASTCALL, "__exit__($self, /, *args)\n--\n\nGive back all of it."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {
    RADDLE_SLOTS(UpgradableObject, kDoc, methods, repr), {Py_tp_traverse, as_slot(traverse)}, {0, nullptr}};

}  // namespace

PyType_Spec rw_lock_upgradable_spec = {"raddle._raddle.RWLockUpgradable", sizeof(UpgradableObject), 0,
                                       kClassFlagsOfParts, slots};

PyObject* lock_of_upgradable(PyObject* object) noexcept {
  return state_of(object).is_instance(object, Class::rw_lock_upgradable) ? content_of(object).lock : nullptr;
}

PyObject* make_upgradable(PyObject* lock, Patience patience) {
  PyTypeObject* type = state_of(lock).classes[static_cast<std::size_t>(Class::rw_lock_upgradable)];
  PyObject* self = UpgradableObject::make(type);
  if (self == nullptr) return nullptr;
  UpgradableContent& content = content_of(self);
  content.lock = Py_NewRef(lock);
  content.core = &RWLockObject::of(lock).lock;
  content.patience = patience;
  return self;
}

}  // namespace raddle::python
