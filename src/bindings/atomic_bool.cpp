#include "raddle/atomic/atomic_bool.hpp"

#include "atomics.hpp"
#include "numbers.hpp"

namespace raddle::python {

namespace {

using AtomicBoolObject = Object<Atomic<AtomicBool>>;

AtomicBool& cell_of(PyObject* self) noexcept { return core_of<AtomicBool>(self); }

// The truth of an object, which may run its __bool__. False with an exception set.
bool to_truth(PyObject* object, bool* value) {
  const int truth = PyObject_IsTrue(object);
  *value = truth > 0;
  return truth >= 0;
}

PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"value", nullptr};
  int value = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|p:AtomicBool", const_cast<char**>(names), &value))
    return nullptr;
  return AtomicBoolObject::make(type, value != 0);
}

PyObject* get(PyObject* self, PyObject*) { return PyBool_FromLong(cell_of(self).get()); }

PyObject* set(PyObject* self, PyObject* object) {
  bool value;
  if (!to_truth(object, &value)) return nullptr;
  cell_of(self).set(value);
  Py_RETURN_NONE;
}

PyObject* get_and_set(PyObject* self, PyObject* object) {
  bool value;
  if (!to_truth(object, &value)) return nullptr;
  return PyBool_FromLong(cell_of(self).get_and_set(value));
}

PyObject* compare_and_set(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[2];
  const Parameters<2> parameters{"compare_and_set", {"expected", "desired"}, 2};
  bool expected, desired;
  if (!read_arguments(parameters, args, nargs, kwnames, values) || !to_truth(values[0], &expected) ||
      !to_truth(values[1], &desired))
    return nullptr;
  return PyBool_FromLong(cell_of(self).compare_and_set(expected, desired));
}

PyObject* flip(PyObject* self, PyObject*) { return PyBool_FromLong(cell_of(self).flip()); }
PyObject* test_and_set(PyObject* self, PyObject*) { return PyBool_FromLong(cell_of(self).get_and_set(true)); }

PyObject* clear(PyObject* self, PyObject*) {
  cell_of(self).set(false);
  Py_RETURN_NONE;
}

int to_bool(PyObject* self) { return cell_of(self).get(); }

PyObject* repr(PyObject* self) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (!name) return nullptr;
  return PyUnicode_FromFormat("%U(%s)", name.get(), cell_of(self).get() ? "True" : "False");
}

constexpr char kDoc[] =
    "AtomicBool(value=False)\n"
    "--\n"
    "\n"
    "A flag that threads may change together.\n"
    "\n"
    "Arguments may be any object; their truth counts, and what their __bool__\n"
    "raises goes to the caller and changes nothing. Every method is\n"
    "wait-free, linearizable and sequentially consistent with the others, and\n"
    "safe in a finaliser or a signal handler. To wait for a flag use\n"
    "raddle.Event.\n"
    "\n"
    "Compares by value with int, float and raddle's numbers; not hashable.\n"
    "\n"
    "    started = AtomicBool()\n"
    "    if not started.test_and_set():\n"
    "        start()               # by one thread only";

PyMethodDef methods[] = {
    {"get", get, METH_NOARGS, "get($self, /)\n--\n\nReturn the value."},
    {"set", set, METH_O, "set($self, value, /)\n--\n\nReplace the value."},
    {"get_and_set", get_and_set, METH_O,
     "get_and_set($self, value, /)\n--\n\nReplace the value and return the old one."},
    {"compare_and_set", as_method(compare_and_set), kFastCall,
     "compare_and_set($self, /, expected, desired)\n--\n\n"
     "Replace the value by desired if it equals expected; return whether it did."},
    {"flip", flip, METH_NOARGS, "flip($self, /)\n--\n\nInvert the value and return the new one."},
    {"test_and_set", test_and_set, METH_NOARGS,
     "test_and_set($self, /)\n--\n\nSet the value to True and return the old one."},
    {"clear", clear, METH_NOARGS, "clear($self, /)\n--\n\nSet the value to False."},
    RADDLE_FORMAT_METHOD,
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(AtomicBoolObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_traverse, as_slot(traverse_class_only)},
                       {Py_tp_hash, as_slot(PyObject_HashNotImplemented)},
                       {Py_tp_richcompare, as_slot(compare_by_value)},
                       {Py_nb_bool, as_slot(to_bool)},
                       {0, nullptr}};

}  // namespace

PyType_Spec atomic_bool_spec = {"raddle.AtomicBool", sizeof(AtomicBoolObject), 0, kClassFlags, slots};

}  // namespace raddle::python
