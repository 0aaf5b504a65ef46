// The class Lazy.
#include "../locks/lock_object.hpp"
#include "lazy_cell.hpp"

namespace raddle::python {

namespace {

struct LazyContent {
  static constexpr bool kFormsChains = true;  // of results

  LockHead head;
  Hot<LazyCell> cell;
};
using LazyObject = Object<LazyContent>;

LazyContent& content_of(PyObject* self) noexcept { return LazyObject::of(self); }

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"factory", "name", nullptr};
  PyObject *factory = nullptr, *name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:Lazy", const_cast<char**>(names), &factory, &name))
    return -1;
  if (!is_callable(factory)) return -1;
  LazyContent& content = content_of(self);
  if (!content.head.configure()) return 0;
  content.cell->set_factory(factory);
  return set_name(self, name) ? 0 : -1;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  const int result = content_of(self).cell->traverse(visit, arg);
  return result != 0 ? result : lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  content_of(self).cell->clear();
  return 0;
}

PyObject* get(PyObject* self, PyObject*) { return content_of(self).cell->get(self, "Lazy.get"); }

PyObject* repr(PyObject* self) {
  PyObject* details;
  const char* state = content_of(self).cell->describe(details);
  return lock_repr(self, state, details);
}

constexpr char kDoc[] =
    "Lazy(factory, name=None)\n"
    "--\n"
    "\n"
    "A value that is made when it is first wanted, once for all threads.\n"
    "\n"
    "The first get() calls factory(); others wait for the result. What the\n"
    "factory raises reaches everybody who waits then, each thread as an object\n"
    "of its own, and the next get() calls the factory anew. KeyboardInterrupt,\n"
    "SystemExit and other exceptions that are no Exception stay with the\n"
    "thread that they hit; one of those that wait takes over.\n"
    "\n"
    "A factory that needs its own result gets DeadlockError, also by way of\n"
    "other threads. A waiting get() ends at once by Ctrl-C. After os.fork()\n"
    "the child finds unrun what a thread that is gone was running. get() is\n"
    "safe in a finaliser and a signal handler, unless it interrupts the\n"
    "factory: then it gets DeadlockError.\n"
    "\n"
    "The factory is let go of when it has succeeded.\n"
    "\n"
    "    config = raddle.Lazy(load_config)\n"
    "    config.get()          # loads it, or waits while another thread does";

PyMethodDef methods[] = {
    {"get", get, METH_NOARGS,
     "get($self, /)\n--\n\nReturn the value; make it, or wait until another thread has made it.\n\n"
     "Raises what the factory raises; DeadlockError if the factory needs this value; RuntimeError if there is no\n"
     "factory because __init__ was not called."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "Lazy[T], for annotations."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(LazyObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(LazyObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_getset, name_getter},
                       {0, nullptr}};

}  // namespace

PyType_Spec lazy_spec = {"raddle.Lazy", sizeof(LazyObject), 0, kClassFlags, slots};

}  // namespace raddle::python
