#include "raddle/atomic/atomic_float.hpp"

#include "atomics.hpp"
#include "numbers.hpp"

namespace raddle::python {

namespace {

using AtomicFloatObject = Object<Atomic<AtomicFloat>>;

AtomicFloat& cell_of(PyObject* self) noexcept { return core_of<AtomicFloat>(self); }

bool to_double(PyObject* number, double* value) {
  *value = PyFloat_AsDouble(number);
  return *value != -1.0 || PyErr_Occurred() == nullptr;
}

PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"value", nullptr};
  double value = 0.0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|d:AtomicFloat", const_cast<char**>(names), &value))
    return nullptr;
  return AtomicFloatObject::make(type, value);
}

PyObject* get(PyObject* self, PyObject*) { return PyFloat_FromDouble(cell_of(self).get()); }

PyObject* set(PyObject* self, PyObject* number) {
  double value;
  if (!to_double(number, &value)) return nullptr;
  cell_of(self).set(value);
  Py_RETURN_NONE;
}

// Methods that take one number and give one back.
template <double (AtomicFloat::*operation)(double)>
PyObject* through(PyObject* self, PyObject* number) {
  double value;
  if (!to_double(number, &value)) return nullptr;
  return PyFloat_FromDouble((cell_of(self).*operation)(value));
}

PyObject* increment(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* number;
  double n = 1.0;
  const Parameters<1> parameters{"increment", {"n"}, 0};
  if (!read_arguments(parameters, args, nargs, kwnames, &number) || (number != nullptr && !to_double(number, &n)))
    return nullptr;
  return PyFloat_FromDouble(cell_of(self).increment(n));
}

PyObject* compare_and_set(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[2];
  const Parameters<2> parameters{"compare_and_set", {"expected", "desired"}, 2};
  double expected, desired;
  if (!read_arguments(parameters, args, nargs, kwnames, values) || !to_double(values[0], &expected) ||
      !to_double(values[1], &desired))
    return nullptr;
  return PyBool_FromLong(cell_of(self).compare_and_set(expected, desired));
}

// What update() works on; see numbers.hpp.
struct UpdateCell {
  AtomicFloat& cell;
  double before = 0.0;
  double after = 0.0;

  PyObject* load() { return PyFloat_FromDouble(before = cell.get()); }
  bool normalise(Ref& result) {
    if (!to_double(result.get(), &after)) return false;
    if (!PyFloat_CheckExact(result.get())) result = Ref(PyFloat_FromDouble(after));
    return static_cast<bool>(result);
  }
  bool try_replace(const Ref&) { return cell.compare_and_set(before, after); }
};

PyObject* update_(PyObject* self, PyObject* fn) { return update(UpdateCell{cell_of(self)}, fn, Yield::after); }

int to_bool(PyObject* self) { return cell_of(self).get() != 0.0; }
PyObject* to_float(PyObject* self) { return get(self, nullptr); }

PyObject* repr(PyObject* self) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  const Ref value(get(self, nullptr));
  if (!name || !value) return nullptr;
  return PyUnicode_FromFormat("%U(%R)", name.get(), value.get());
}

constexpr char kDoc[] =
    "AtomicFloat(value=0.0)\n"
    "--\n"
    "\n"
    "A float that threads may change together.\n"
    "\n"
    "Arithmetic is that of float: it overflows to inf and raises nothing.\n"
    "Arguments must be real numbers (TypeError) in the range of a float\n"
    "(OverflowError). compare_and_set compares bits: a NaN equals the same\n"
    "NaN, and -0.0 differs from 0.0. The rounding of a sum depends on the\n"
    "order of its increments, so totals of several threads may differ in the\n"
    "last digits from run to run.\n"
    "\n"
    "Every method is linearizable and sequentially consistent with the\n"
    "others; none waits; all but update() are safe in a finaliser or a signal\n"
    "handler. Where memory for the result is wanting, MemoryError is raised\n"
    "and the change has been made.\n"
    "\n"
    "There are no operators: use increment() instead of +=, and get() for\n"
    "arithmetic. Compares by value with int, float and raddle's numbers; not\n"
    "hashable.\n"
    "\n"
    "    total = AtomicFloat()\n"
    "    total.increment(0.25)     # from any thread";

PyMethodDef methods[] = {
    {"get", get, METH_NOARGS, "get($self, /)\n--\n\nReturn the value."},
    {"set", set, METH_O, "set($self, value, /)\n--\n\nReplace the value."},
    {"increment", as_method(increment), kFastCall,
     "increment($self, /, n=1.0)\n--\n\nAdd n and return the new value."},
    {"get_and_set", through<&AtomicFloat::get_and_set>, METH_O,
     "get_and_set($self, value, /)\n--\n\nReplace the value and return the old one."},
    {"compare_and_set", as_method(compare_and_set), kFastCall,
     "compare_and_set($self, /, expected, desired)\n--\n\n"
     "Replace the value by desired if its bits are those of expected; return whether they were."},
    {"update", update_, METH_O,
     "update($self, fn, /)\n--\n\nReplace the value by fn(value) and return the new value.\n\n"
     "fn may run more than once, in several threads at once, and may use this object; exactly one result is\n"
     "installed. What fn raises goes to the caller and changes nothing."},
    {"max", through<&AtomicFloat::max>, METH_O,
     "max($self, value, /)\n--\n\nReplace the value by the larger of both and return it.\n\n"
     "A NaN on either side gives a NaN; -0.0 counts as smaller than 0.0."},
    {"min", through<&AtomicFloat::min>, METH_O,
     "min($self, value, /)\n--\n\nReplace the value by the smaller of both and return it.\n\n"
     "A NaN on either side gives a NaN; -0.0 counts as smaller than 0.0."},
    RADDLE_FORMAT_METHOD,
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(AtomicFloatObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_traverse, as_slot(traverse_class_only)},
                       {Py_tp_hash, as_slot(PyObject_HashNotImplemented)},
                       {Py_tp_richcompare, as_slot(compare_by_value)},
                       {Py_nb_float, as_slot(to_float)},
                       {Py_nb_bool, as_slot(to_bool)},
                       {0, nullptr}};

}  // namespace

PyType_Spec atomic_float_spec = {"raddle.AtomicFloat", sizeof(AtomicFloatObject), 0, kClassFlags, slots};

}  // namespace raddle::python
