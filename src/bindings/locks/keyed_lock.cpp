// The class KeyedLock.
#include "keyed_lock.hpp"

namespace raddle::python {

namespace {

using Claim = PyKeyedMutex::Claim;
using Release = PyKeyedMutex::Release;

KeyedLockContent& content_of(PyObject* self) noexcept { return KeyedLockObject::of(self); }

PyObject* call(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* kwnames) {
  if (PyVectorcall_NARGS(nargsf) != 1 || (kwnames != nullptr && PyTuple_GET_SIZE(kwnames) != 0)) {
    PyErr_SetString(PyExc_TypeError, "a KeyedLock is called with one argument, the key, and no keyword arguments");
    return nullptr;
  }
  const Py_hash_t hash = PyObject_Hash(args[0]);
  if (hash == -1) return nullptr;
  content_of(self).keys.expect(static_cast<std::uint64_t>(hash));
  return make_key_guard(self, args[0], hash);
}

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = KeyedLockObject::make(type);
  if (self == nullptr) return nullptr;
  content_of(self).call = call;
  content_of(self).guard_type = state_of(self).key_guard;
  if (content_of(self).keys.is_valid()) return self;
  Py_DECREF(self);
  return PyErr_NoMemory();
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"name", nullptr};
  PyObject* name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:KeyedLock", const_cast<char**>(names), &name)) return -1;
  if (!content_of(self).head.configure()) return 0;
  return set_name(self, name) ? 0 : -1;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  KeyedLockContent& content = content_of(self);
  int result = 0;
  if (content.keys.is_valid())
    content.keys.for_each_at_rest([&](PyObject* key) { return (result = visit(key, arg)) == 0; });
  return result != 0 ? result : lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  if (content_of(self).keys.is_valid()) content_of(self).keys.clear();
  return 0;
}

// A key may be what a KeyedLock is part of, and so on: its end must not recurse once per link.
void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  Py_TRASHCAN_BEGIN(self, dealloc);
  clear(self);
  KeyedLockObject::dealloc(self);
  Py_TRASHCAN_END
}

PyObject* acquire(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Deadline deadline = Deadline::never();
  PyObject* values[3];
  if (nargs == 1 && kwnames == nullptr) {
    values[0] = args[0];
  } else {
    const Parameters<3> parameters{"acquire", {"key", "blocking", "timeout"}, 1};
    if (!read_arguments(parameters, args, nargs, kwnames, values) ||
        !read_lock_patience(values[1], values[2], deadline))
      return nullptr;
  }
  const Py_hash_t hash = PyObject_Hash(values[0]);
  if (hash == -1) return nullptr;
  PyKeyedMutex::Spot spot;
  const Acquired acquired = take_key(self, values[0], static_cast<std::uint64_t>(hash), deadline, nullptr, spot);
  return acquired == Acquired::failed ? nullptr : PyBool_FromLong(acquired == Acquired::yes);
}

PyObject* release(PyObject* self, PyObject* key) {
  const Py_hash_t hash = PyObject_Hash(key);
  if (hash == -1) return nullptr;
  KeyProbe probe(key);
  for (;;) {
    switch (content_of(self).keys.release(static_cast<std::uint64_t>(hash), probe)) {
      case Release::done:
        Py_RETURN_NONE;
      case Release::not_mine:
        raise_not_mine();
        return nullptr;
      case Release::undecided:
        if (!probe.decide()) return nullptr;
    }
  }
}

Py_ssize_t length(PyObject* self) { return static_cast<Py_ssize_t>(content_of(self).keys.size()); }

// Whether keys are held says nothing of the lock: `locks or KeyedLock()` must not make another one.
int truth(PyObject*) { return 1; }

PyObject* repr(PyObject* self) {
  PyKeyedMutex& keys = content_of(self).keys;
  const std::size_t held = keys.size(), waiters = keys.approx_waiting();
  PyObject* details = waiters != 0 ? PyUnicode_FromFormat(" keys=%zu waiters=%zu", held, waiters)
                                   : PyUnicode_FromFormat(" keys=%zu", held);
  return lock_repr(self, held != 0 ? "locked" : "unlocked", details);
}

// The key is another thread's.
Acquired wait_for_key(PyKeyedMutex::Visit& visit, PyObject* lock, PyObject* key, std::uint64_t hash,
                      Deadline deadline, PyObject* guard) {
  // A message shows what is waited for. Only who waits without a time limit can be part of a deadlock.
  Ref subject(Py_XNewRef(guard));
  if (!subject && deadline.is_never()) subject = Ref(make_key_guard(lock, key, static_cast<Py_hash_t>(hash)));
  if (!subject && deadline.is_never()) {
    visit.give_up();
    return Acquired::failed;
  }
  if (subject) {
    KeyGuardContent& shown = KeyGuardObject::of(subject.get());
    shown.entry.store(visit.spot().entry, order::relaxed);
    shown.serial.store(visit.spot().serial, order::relaxed);
  }
  LockWaiting waiting(subject.get());
  switch (visit.wait(deadline, waiting)) {
    case LockOutcome::taken:
      content_of(lock).keys.note(visit.spot(), waiting.site());
      return Acquired::yes;
    case LockOutcome::timed_out:
      return Acquired::no;
    case LockOutcome::interrupted:  // the exception is set
      return Acquired::failed;
    case LockOutcome::owner_died:
      break;
  }
  content_of(lock).keys.release_at(hash, visit.spot());
  if (!subject) subject = Ref(make_key_guard(lock, key, static_cast<Py_hash_t>(hash)));
  if (subject) raise_owner_died(subject.get());
  return Acquired::failed;
}

constexpr char kDoc[] =
    "KeyedLock(name=None)\n"
    "--\n"
    "\n"
    "A lock for every key; only those exist that a thread has or waits for.\n"
    "\n"
    "`with locks(key):` waits until no other thread has an equal key. A thread\n"
    "may take its key again; it is free when it has been released as often.\n"
    "Keys are any hashable objects (others: TypeError), compared by == as in a\n"
    "dict; comparisons may use the KeyedLock. A key that nobody has or waits\n"
    "for takes no memory. len() is the number of those that exist: of each\n"
    "part of the table at one instant. A KeyedLock is always true.\n"
    "\n"
    "A wait that can never end because threads wait for each other raises\n"
    "DeadlockError. If a thread ends while it has a key, the next acquire of it\n"
    "raises OwnerDiedError, and the key is free. After os.fork() the child\n"
    "finds keys of threads that are gone free. Waiting ends at once by Ctrl-C.\n"
    "Who has waited for a millisecond is next. Safe in a finaliser and a\n"
    "signal handler as far as the comparisons are.\n"
    "\n"
    "name: for messages. Algorithm: a striped hash table of locks.\n"
    "\n"
    "    accounts = raddle.KeyedLock()\n"
    "    with accounts(\"alice\"):\n"
    "        balance[\"alice\"] += 1";

PyMethodDef methods[] = {
    {"acquire", as_method(acquire), kFastCall,
     "acquire($self, /, key, blocking=True, timeout=-1)\n--\n\n"
     "Take the key, once more if this thread has it; return whether that was possible.\n\n"
     "Arguments and errors as in Lock.acquire(); TypeError for a key that cannot be hashed, OwnerDiedError if\n"
     "the thread that had it has ended, and what a comparison of keys raises."},
    {"release", release, METH_O,
     "release($self, key, /)\n--\n\nUndo one acquire. RuntimeError if this thread does not have the key."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "KeyedLock[T], for annotations."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef getters[] = {{"name", lock_name, nullptr, "The name that was given, for messages, or None.", nullptr},
                         {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(KeyedLockObject, weak_references), READONLY, nullptr},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(KeyedLockObject, content.call), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>(kDoc)},
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_dealloc, as_slot(dealloc)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_call, as_slot(PyVectorcall_Call)},
                       {Py_tp_members, members},
                       {Py_tp_methods, methods},
                       {Py_tp_getset, getters},
                       {Py_tp_repr, as_slot(repr)},
                       {Py_mp_length, as_slot(length)},
                       {Py_nb_bool, as_slot(truth)},
                       {0, nullptr}};

}  // namespace

PyType_Spec keyed_lock_spec = {"raddle.KeyedLock", sizeof(KeyedLockObject), 0,
                               kClassFlags | Py_TPFLAGS_HAVE_VECTORCALL, slots};

void raise_not_mine() {
  PyErr_SetString(PyExc_RuntimeError, "cannot release a key that this thread does not have");
}

Acquired take_key(PyObject* lock, PyObject* key, std::uint64_t hash, Deadline deadline, PyObject* guard,
                  PyKeyedMutex::Spot& spot) {
  KeyProbe probe(key);
  PyKeyedMutex::Visit visit(content_of(lock).keys, key, hash);
  for (;;) {
    switch (visit.claim(probe)) {
      case Claim::taken:
        break;
      case Claim::undecided:
        if (!probe.decide()) return Acquired::failed;
        continue;
      case Claim::no_memory:
        PyErr_NoMemory();
        return Acquired::failed;
      case Claim::must_wait:
        probe.forget();
        const Acquired acquired = wait_for_key(visit, lock, key, hash, deadline, guard);
        if (acquired != Acquired::yes) return acquired;
    }
    spot = visit.spot();
    return Acquired::yes;
  }
}

}  // namespace raddle::python
