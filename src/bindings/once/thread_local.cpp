// The class ThreadLocal.
#include "../check/hooks.hpp"
#include "../locks/lock_object.hpp"
#include "attempt.hpp"
#include "local_values.hpp"

namespace raddle::python {

namespace {

struct ThreadLocalContent {
  static constexpr bool kFormsChains = true;  // of values

  LockHead head;
  PyObject* factory = nullptr;  // written by the first __init__
  PyObject* local = nullptr;    // a threading.local, whose attribute `key` is the thread's LocalValue
  PyObject* key = nullptr;
  LocalValues* values = nullptr;

  ~ThreadLocalContent() {
    if (values != nullptr) values->close();  // before the values of live threads end with `local`
    Py_XDECREF(local);
    Py_XDECREF(factory);
    Py_XDECREF(key);
    if (values != nullptr) values->release();
  }
};
using ThreadLocalObject = Object<ThreadLocalContent>;

ThreadLocalContent& content_of(PyObject* self) noexcept { return ThreadLocalObject::of(self); }

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) {
  const Ref module(PyImport_ImportModule("_thread"));
  Ref local(module ? PyObject_CallMethod(module.get(), "_local", nullptr) : nullptr);
  Ref key(local ? PyUnicode_InternFromString("value") : nullptr);
  LocalValues* values = key ? LocalValues::make() : nullptr;
  PyObject* self = values != nullptr ? ThreadLocalObject::make(type) : nullptr;
  if (self == nullptr) {
    if (values != nullptr) values->release();
    return nullptr;
  }
  ThreadLocalContent& content = content_of(self);
  content.local = local.release();
  content.key = key.release();
  content.values = values;
  return self;
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"factory", "combine", "name", nullptr};
  PyObject *factory = nullptr, *combine = Py_None, *name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO:ThreadLocal", const_cast<char**>(names), &factory, &combine,
                                   &name))
    return -1;
  if (!is_callable(factory) || (combine != Py_None && !is_callable(combine))) return -1;
  ThreadLocalContent& content = content_of(self);
  if (!content.head.configure()) return 0;
  content.factory = Py_NewRef(factory);
  if (combine != Py_None) content.values->set_combine(combine);
  return set_name(self, name) ? 0 : -1;
}

// For the collector. The values of live threads end with the object and are not combined. If a finaliser keeps the
// object after all, it goes on.
void finalize(PyObject* self) { content_of(self).values->stop(); }

int traverse(PyObject* self, visitproc visit, void* arg) {
  const ThreadLocalContent& content = content_of(self);
  Py_VISIT(content.factory);
  Py_VISIT(content.local);
  const int result = content.values != nullptr ? content.values->traverse(visit, arg) : 0;
  return result != 0 ? result : lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  ThreadLocalContent& content = content_of(self);
  content.values->close();
  Py_CLEAR(content.local);
  Py_CLEAR(content.factory);
  return 0;
}

// The calling thread's LocalValue: 1 and a new reference, 0 and null, or -1 with an exception set.
int find(PyObject* self, PyObject*& found) {
  const ThreadLocalContent& content = content_of(self);
  found = nullptr;
  if (content.local == nullptr) return 0;  // the collector has been here
#if PY_VERSION_HEX >= 0x030D0000
  return PyObject_GetOptionalAttr(content.local, content.key, &found);
#else
  return _PyObject_LookupAttr(content.local, content.key, &found);
#endif
}

// Gives the calling thread this value, unless it has one by now. A new reference on the one it has; null with an
// exception set.
PyObject* install(PyObject* self, PyObject* value) {
  ThreadLocalContent& content = content_of(self);
  if (content.local == nullptr) return raise_unconfigured(self), nullptr;
  const Ref made(make_local_value(state_of(self).local_value_class, value));
  if (!made) return nullptr;
  PyObject* found;
  if (find(self, found) < 0) return nullptr;
  if (found != nullptr) return found;
  content.values->go_on();
  if (PyObject_SetAttr(content.local, content.key, made.get()) < 0) return nullptr;
  content.values->link(local_value_in(made.get()));
  return Py_NewRef(made.get());
}

PyObject* get(PyObject* self, PyObject*) {
  PyObject* found;
  if (find(self, found) < 0) return nullptr;
  if (found == nullptr) {
    PyObject* factory = content_of(self).factory;
    if (factory == nullptr) return raise_unconfigured(self), nullptr;
    const Ref value(PyObject_CallNoArgs(factory));
    if (checked::is_at_work()) [[unlikely]]
      checked::made(self);
    found = value ? install(self, value.get()) : nullptr;
    if (found == nullptr) return nullptr;
  }
  const Ref mine(found);
  return Py_NewRef(local_value_in(found).value);  // only this thread replaces it
}

PyObject* set(PyObject* self, PyObject* value) {
  PyObject* found;
  if (find(self, found) < 0) return nullptr;
  const bool is_new = found == nullptr;
  const Ref mine(is_new ? install(self, value) : found);
  if (!mine) return nullptr;
  if (!is_new || local_value_in(mine.get()).value != value)
    Py_DECREF(content_of(self).values->exchange(local_value_in(mine.get()), Py_NewRef(value)));
  Py_RETURN_NONE;
}

// Drops the references in a snapshot from there on, and the snapshot.
void drop(LocalValues::Pair* pairs, Py_ssize_t from, Py_ssize_t count) {
  for (; from < count; ++from) {
    Py_XDECREF(pairs[from].thread);
    Py_DECREF(pairs[from].value);
  }
  PyMem_RawFree(pairs);
}

PyObject* items(PyObject* self, PyObject*) {
  LocalValues::Pair* pairs;
  content_of(self).values->go_on();
  const Py_ssize_t count = content_of(self).values->snapshot(false, pairs);
  if (count < 0) return nullptr;
  PyObject* list = PyList_New(0);  // not of this size: free-threaded 3.13 frees twice there if memory is wanting
  for (Py_ssize_t i = 0; list != nullptr && i < count; ++i) {
    const Ref item(PyTuple_Pack(2, pairs[i].thread, pairs[i].value));
    if (!item || PyList_Append(list, item.get()) < 0) Py_CLEAR(list);
  }
  drop(pairs, 0, count);
  return list;
}

PyObject* fold(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  constexpr Parameters<2> kParameters{"fold", {"fn", "initial"}, 2};
  PyObject* values[2];
  if (!read_arguments(kParameters, args, nargs, kwnames, values)) return nullptr;
  LocalValues::Pair* pairs;
  content_of(self).values->go_on();
  const Py_ssize_t count = content_of(self).values->snapshot(true, pairs);
  if (count < 0) return nullptr;
  PyObject* result = Py_NewRef(values[1]);
  for (Py_ssize_t i = 0; result != nullptr && i < count; ++i) {
    const Ref before(result);
    result = PyObject_CallFunctionObjArgs(values[0], before.get(), pairs[i].value, nullptr);
  }
  drop(pairs, 0, count);
  return result;
}

PyObject* repr(PyObject* self) {
  LocalValues::Pair* pairs;
  const Py_ssize_t count = content_of(self).values->snapshot(false, pairs);
  if (count < 0) return nullptr;
  drop(pairs, 0, count);
  return lock_repr(self, count != 0 ? "used" : "unused", PyUnicode_FromFormat(" threads=%zd", count));
}

constexpr char kDoc[] =
    "ThreadLocal(factory, combine=None, name=None)\n"
    "--\n"
    "\n"
    "A value per thread, which others can see and sum up.\n"
    "\n"
    "A thread's first get() calls factory() for its value. When a thread ends,\n"
    "its value is dropped; with combine, it is kept: combine(a, b) makes one of\n"
    "two values of ended threads, in any order, and returns it without changing\n"
    "a or b. fold() counts every value once, of live and of ended threads.\n"
    "\n"
    "combine runs in a thread that ends. If it raises, sys.unraisablehook is\n"
    "told, and one of the two values is dropped. After os.fork() the child\n"
    "treats the values of threads that are gone as those of ended ones. Nothing\n"
    "waits; safe in a finaliser and a signal handler. If the factory uses the\n"
    "object itself, the value that is there first stays.\n"
    "\n"
    "    hits = raddle.ThreadLocal(int, combine=operator.add)\n"
    "    hits.set(hits.get() + 1)\n"
    "    hits.fold(operator.add, 0)";

PyMethodDef methods[] = {
    {"get", get, METH_NOARGS,
     "get($self, /)\n--\n\nReturn this thread's value; make it if it has none.\n\n"
     "Raises what the factory raises; RuntimeError if there is none because __init__ was not called."},
    {"set", set, METH_O, "set($self, value, /)\n--\n\nGive this thread another value."},
    {"items", items, METH_NOARGS,
     "items($self, /)\n--\n\nReturn a list of (thread, value) over the threads that live and have one."},
    {"fold", as_method(fold), kFastCall,
     "fold($self, /, fn, initial)\n--\n\n"
     "Return fn(...fn(fn(initial, value), value)..., value) over all values, in any order.\n\n"
     "Those of live threads, and with combine those of ended ones, as of one instant. A value that its thread is "
     "about\n"
     "to set is the old one."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "ThreadLocal[T], for annotations."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(ThreadLocalObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_finalize, as_slot(finalize)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_getset, name_getter},
                       {0, nullptr}};

}  // namespace

PyType_Spec thread_local_spec = {"raddle.ThreadLocal", sizeof(ThreadLocalObject), 0, kClassFlags, slots};

}  // namespace raddle::python
