// The class OnceMap.
#include "once_map.hpp"

namespace raddle::python {

namespace {

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) {
  const Ref entries(PyDict_New());
  PyObject* self = entries ? OnceMapObject::make(type) : nullptr;
  if (self == nullptr) return nullptr;
  once_map_of(self).set_entries(entries.get());
  once_map_of(self).attempt_class = state_of(self).attempt_class;
  return self;
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"factory", "name", nullptr};
  PyObject *factory = nullptr, *name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:OnceMap", const_cast<char**>(names), &factory, &name))
    return -1;
  if (!is_callable(factory)) return -1;
  if (!once_map_of(self).head.configure()) return 0;
  once_map_of(self).factory = Py_NewRef(factory);
  return set_name(self, name) ? 0 : -1;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(once_map_of(self).factory);
  Py_VISIT(once_map_of(self).entries);
  return lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  Py_CLEAR(once_map_of(self).factory);
  PyDict_Clear(once_map_of(self).entries);  // the dict itself stays: finalisers may still come here
  return 0;
}

PyObject* get(PyObject* self, PyObject* key) {
  OnceMapContent& map = once_map_of(self);
  PyObject* entry;
  const int found = find_entry(map, key, entry);
  if (found < 0) return nullptr;
  if (found == 1 && !is_attempt(map, entry)) [[likely]]
    return entry;
  return once_map_get_slow(self, key, entry);
}

// Under the lock: takes the key's result out. 1 and the entry, 0, or -1 with an exception set.
int take_result(OnceMapContent& map, PyObject* key, PyObject*& entry) {
  int found = take_entry(map, key, entry);
  if (found != 1) return found;
  switch (state_of_entry(map, entry)) {
    case Attempt::State::succeeded:
      return 1;
    case Attempt::State::running:  // code that compares keys has begun it since it was looked at
      found = add_entry(map, key, entry) < 0 ? -1 : 0;
      break;
    case Attempt::State::failed:
    case Attempt::State::given_up:
      found = 0;
      break;
  }
  return found;
}

PyObject* pop(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
  if (nargs < 1 || nargs > 2) {
    PyErr_Format(PyExc_TypeError, "pop() takes a key and maybe a default (%zd given)", nargs);
    return nullptr;
  }
  OnceMapContent& map = once_map_of(self);
  PyObject* entry;
  int found = find_entry(map, args[0], entry);
  if (found < 0) return nullptr;
  Ref there(entry);
  if (found == 1 && state_of_entry(map, entry) == Attempt::State::running) found = 0;
  if (found == 1) {
    if (!lock_once_map(self, Deadline::never())) return nullptr;
    entry = nullptr;
    found = take_result(map, args[0], entry);
    unlock_once_map(self);
    there = Ref(entry);
    if (found < 0) return nullptr;
  }
  if (found == 1) return result_of_entry(map, there.get());
  if (nargs == 2) return Py_NewRef(args[1]);
  const Ref arguments(PyTuple_Pack(1, args[0]));
  if (arguments) PyErr_SetObject(PyExc_KeyError, arguments.get());
  return nullptr;
}

// Under the lock: takes every result that is in `copy` out. What code that compares keys has put in its place
// since goes to `others`.
bool take_results(OnceMapContent& map, PyObject* copy, PyObject* others) {
  Py_ssize_t place = 0;
  PyObject *key, *before;
  while (PyDict_Next(copy, &place, &key, &before) != 0) {
    if (state_of_entry(map, before) == Attempt::State::running) continue;
    PyObject* entry = nullptr;
    const int found = take_result(map, key, entry);
    const Ref taken(entry);  // the copy has it too
    if (found < 0 || (entry != nullptr && entry != before && PyList_Append(others, entry) < 0)) return false;
  }
  return true;
}

// What is taken out ends only after the lock has been given back: the copy keeps it until then.
PyObject* clear_results(PyObject* self, PyObject*) {
  OnceMapContent& map = once_map_of(self);
  const Ref others(PyList_New(0));
  if (!others || !lock_once_map(self, Deadline::never())) return nullptr;
  const Ref copy(PyDict_Copy(map.entries));
  const bool done = copy && take_results(map, copy.get(), others.get());
  unlock_once_map(self);
  return done ? Py_NewRef(Py_None) : nullptr;
}

int contains(PyObject* self, PyObject* key) {
  PyObject* entry;
  const int found = find_entry(once_map_of(self), key, entry);
  const Ref there(entry);
  return found != 1 ? found : state_of_entry(once_map_of(self), entry) == Attempt::State::succeeded ? 1 : 0;
}

Py_ssize_t length(PyObject* self) {
  OnceMapContent& map = once_map_of(self);
  const auto no_attempts = [&] { return map.attempts.load(order::relaxed) == 0; };
  if (no_attempts()) {
    const Py_ssize_t size = PyDict_Size(map.entries);
    if (no_attempts()) return size;
  }
  if (!lock_once_map(self, Deadline::never())) return -1;
  const Py_ssize_t count = count_results(map);
  unlock_once_map(self);
  return count;
}

// " waiters=N" where there are any, unless another thread is just changing the map.
PyObject* describe_waiters(PyObject* self) {
  OnceMapContent& map = once_map_of(self);
  std::size_t waiters = 0;
  if (map.attempts.load(order::relaxed) != 0 && lock_once_map(self, Deadline::passed())) {
    waiters = count_waiters(map);
    unlock_once_map(self);
  }
  return waiters != 0 ? PyUnicode_FromFormat(" waiters=%zu", waiters) : PyUnicode_FromString("");
}

PyObject* repr(PyObject* self) {
  OnceMapContent& map = once_map_of(self);
  const Ref waiters(describe_waiters(self));
  if (!waiters) return nullptr;
  const Py_ssize_t running = map.attempts.load(order::relaxed), size = PyDict_Size(map.entries) - running;
  return lock_repr(
      self, running > 0 ? "running" : "idle",
      PyUnicode_FromFormat(" results=%zd running=%zd%U", size > 0 ? size : 0, running, waiters.get()));
}

constexpr char kDoc[] =
    "OnceMap(factory, name=None)\n"
    "--\n"
    "\n"
    "A value per key, made when it is first wanted, once for all threads.\n"
    "\n"
    "The first get() of a key calls factory(key); others that want this key\n"
    "wait for the result, other keys are not held up. What the factory raises\n"
    "reaches everybody who waits for the key then, each thread as an object of\n"
    "its own, and the next get() calls the factory anew. KeyboardInterrupt,\n"
    "SystemExit and other exceptions that are no Exception stay with the\n"
    "thread that they hit; one of those that wait takes over.\n"
    "\n"
    "A factory that needs its own result gets DeadlockError, also by way of\n"
    "other keys and threads. A waiting get() ends at once by Ctrl-C. After\n"
    "os.fork() the child finds unrun what a thread that is gone was running;\n"
    "results stay. Safe in a finaliser and a signal handler; a get() that\n"
    "interrupts the factory of its key gets DeadlockError.\n"
    "\n"
    "Keys are compared by == and hash(), which may use the map.\n"
    "\n"
    "    users = raddle.OnceMap(load_user)\n"
    "    users.get(7)          # one load_user(7), however many threads ask";

PyMethodDef methods[] = {
    {"get", get, METH_O,
     "get($self, key, /)\n--\n\nReturn the key's value; make it, or wait until another thread has made it.\n\n"
     "Raises what the factory raises; DeadlockError if the factory needs this value; TypeError for a key that "
     "cannot\n"
     "be hashed; RuntimeError if there is no factory because __init__ was not called."},
    {"pop", as_method(pop), METH_FASTCALL,
     "pop($self, key, /, *default)\n--\n\n"
     "Forget the key's value and return it; the next get() makes it anew.\n\n"
     "A key that has none, or whose factory is running: the default, or KeyError."},
    {"clear", clear_results, METH_NOARGS,
     "clear($self, /)\n--\n\nForget all values.\n\nFactories that are running go on, and their values will be "
     "there. "
     "If comparing\nkeys raises, some are left."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "OnceMap[K, V], for annotations."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(OnceMapObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_getset, name_getter},
                       {Py_mp_length, as_slot(length)},
                       {Py_mp_subscript, as_slot(get)},
                       {Py_sq_contains, as_slot(contains)},
                       {0, nullptr}};

}  // namespace

PyType_Spec once_map_spec = {"raddle.OnceMap", sizeof(OnceMapObject), 0, kClassFlags, slots};

}  // namespace raddle::python
