// The class once: a decorator whose instances stand in for the function.
#include "../check/hooks.hpp"
#include "../locks/lock_object.hpp"
#include "lazy_cell.hpp"

namespace raddle::python {

namespace {

struct OnceContent {
  static constexpr bool kFormsChains = true;  // of results

  LockHead head;  // without a name: it has the function's
  vectorcallfunc call = nullptr;
  PyObject* attributes = nullptr;  // __dict__: what functools.wraps() copies, and what users add
  Hot<LazyCell> cell;

  ~OnceContent() { Py_XDECREF(attributes); }
};
using OnceObject = Object<OnceContent>;

OnceContent& content_of(PyObject* self) noexcept { return OnceObject::of(self); }

PyObject* call(PyObject* self, PyObject* const*, std::size_t nargsf, PyObject* kwnames) {
  const bool has_keywords = kwnames != nullptr && PyTuple_GET_SIZE(kwnames) != 0;
  if (PyVectorcall_NARGS(nargsf) != 0 || has_keywords) [[unlikely]]
    return PyErr_Format(PyExc_TypeError, "%R takes no %sarguments", self, has_keywords ? "keyword " : "");
  return content_of(self).cell->get(self, "once");
}

// What objects call that are made while a checker is at work.
PyObject* call_checked(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* kwnames) {
  PyObject* const result = call(self, args, nargsf, kwnames);
  if (result != nullptr) checked::got(self);
  return result;
}

// `__call__`, for who looks it up: its signature says that it takes no arguments.
PyObject* call_method(PyObject* self, PyObject*) { return content_of(self).cell->get(self, "once"); }

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = OnceObject::make(type);
  if (self != nullptr) content_of(self).call = checked::is_at_work() ? call_checked : call;
  return self;
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"", nullptr};
  PyObject* fn = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:once", const_cast<char**>(names), &fn)) return -1;
  if (!is_callable(fn)) return -1;
  const Ref module(PyImport_ImportModule("raddle._once"));
  const Ref checked(module ? PyObject_CallMethod(module.get(), "check", "(O)", fn) : nullptr);
  if (!checked) return -1;
  OnceContent& content = content_of(self);
  if (!content.head.configure()) return 0;
  content.cell->set_factory(fn);
  const Ref wrapped(PyObject_CallMethod(module.get(), "look_like", "(OO)", self, fn));
  return wrapped ? 0 : -1;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(content_of(self).attributes);
  const int result = content_of(self).cell->traverse(visit, arg);
  return result != 0 ? result : lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  Py_CLEAR(content_of(self).attributes);
  content_of(self).cell->clear();
  return 0;
}

PyObject* repr(PyObject* self) {
  PyObject* details;
  const char* state = content_of(self).cell->describe(details);
  const Ref more(details);
  if (!more) return nullptr;
  PyObject* attributes = content_of(self).attributes;
  const Ref key(PyUnicode_FromString("__qualname__"));
  if (!key) return nullptr;
  PyObject* name = attributes != nullptr ? PyDict_GetItemWithError(attributes, key.get()) : nullptr;
  if (name == nullptr && PyErr_Occurred() != nullptr) return nullptr;
  const Ref function(name != nullptr ? PyUnicode_FromFormat(" of %S", name) : PyUnicode_FromString(""));
  if (!function) return nullptr;
  return lock_repr(self, state, PyUnicode_FromFormat("%U%U", function.get(), more.get()));
}

constexpr char kDoc[] =
    "once(fn, /)\n"
    "--\n"
    "\n"
    "Make a function without arguments run once for all threads.\n"
    "\n"
    "The first call runs it; others wait for the result, and every call\n"
    "returns that. What fn raises reaches everybody who waits then, each\n"
    "thread as an object of its own, and the next call runs fn anew.\n"
    "KeyboardInterrupt, SystemExit and other exceptions that are no Exception\n"
    "stay with the thread that they hit; one of those that wait takes over.\n"
    "\n"
    "A function that calls itself this way gets DeadlockError, also by way of\n"
    "other threads. A waiting call ends at once by Ctrl-C. After os.fork() the\n"
    "child finds unrun what a thread that is gone was running. The call is\n"
    "safe in a finaliser and a signal handler, unless it interrupts fn: then\n"
    "it gets DeadlockError.\n"
    "\n"
    "TypeError: fn takes arguments. It has fn's name and documentation;\n"
    "`__wrapped__` is fn.\n"
    "\n"
    "    @raddle.once\n"
    "    def connection():\n"
    "        return connect()";

PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(OnceObject, weak_references), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(OnceObject, content) + offsetof(OnceContent, attributes), READONLY,
     nullptr},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(OnceObject, content) + offsetof(OnceContent, call), READONLY,
     nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyMethodDef methods[] = {{"__call__", call_method, METH_NOARGS | METH_COEXIST,
                          "__call__($self, /)\n--\n\nReturn the function's one result; run it, or wait for it."},
                         {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "once[T], for annotations."},
                         RADDLE_REDUCE_METHOD,
                         {nullptr, nullptr, 0, nullptr}};

PyGetSetDef getters[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                         {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>(kDoc)},
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_dealloc, as_slot(OnceObject::dealloc)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_call, as_slot(PyVectorcall_Call)},
                       {Py_tp_members, members},
                       {Py_tp_methods, methods},
                       {Py_tp_getset, getters},
                       {Py_tp_repr, as_slot(repr)},
                       {0, nullptr}};

}  // namespace

PyType_Spec once_spec = {"raddle.once", sizeof(OnceObject), 0, kClassFlags | Py_TPFLAGS_HAVE_VECTORCALL, slots};

}  // namespace raddle::python
