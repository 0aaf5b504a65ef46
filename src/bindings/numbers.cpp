#include "numbers.hpp"

#include "atomics.hpp"

namespace raddle::python {

bool to_int64(PyObject* number, std::int64_t* value) {
  Ref index;
  if (!PyLong_Check(number)) {
    index = Ref(PyNumber_Index(number));
    if (!index) return false;
    number = index.get();
  }
  *value = PyLong_AsLongLong(number);
  return *value != -1 || PyErr_Occurred() == nullptr;
}

bool read_step(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, std::int64_t* n) {
  PyObject* value;
  *n = 1;
  const Parameters<1> parameters{method, {"n"}, 0};
  if (!read_arguments(parameters, args, nargs, kwnames, &value)) return false;
  return value == nullptr || to_int64(value, n);
}

PyObject* from_int128(Int128 value) {
  const auto low = static_cast<std::int64_t>(value);
  if (value == low) return PyLong_FromLongLong(low);
  const Ref high(PyLong_FromLongLong(static_cast<std::int64_t>(value >> 64)));
  const Ref shift(PyLong_FromLong(64));
  const Ref rest(PyLong_FromUnsignedLongLong(static_cast<std::uint64_t>(value)));
  if (!high || !shift || !rest) return nullptr;
  const Ref shifted(PyNumber_Lshift(high.get(), shift.get()));
  return shifted ? PyNumber_Or(shifted.get(), rest.get()) : nullptr;
}

namespace {

// The number that `object` is or holds, as a new reference; null without an exception if it is none.
PyObject* as_number(const ModuleState& state, PyObject* object) {
  if (PyLong_Check(object) || PyFloat_Check(object)) return Py_NewRef(object);
  if (state.is_instance(object, Class::atomic_int)) return PyLong_FromLongLong(value_of<AtomicInt>(object));
  if (state.is_instance(object, Class::atomic_bool)) return PyBool_FromLong(value_of<AtomicBool>(object));
  if (state.is_instance(object, Class::atomic_float)) return PyFloat_FromDouble(value_of<AtomicFloat>(object));
  if (state.is_instance(object, Class::sharded_counter)) return from_int128(sum_of(object));
  return nullptr;
}

}  // namespace

PyObject* format_value(PyObject* self, PyObject* specification) {
  if (!PyUnicode_Check(specification)) {
    PyErr_Format(PyExc_TypeError, "__format__() argument must be str, not %.200s",
                 Py_TYPE(specification)->tp_name);
    return nullptr;
  }
  if (PyUnicode_GET_LENGTH(specification) == 0) return PyObject_Str(self);
  const Ref number(as_number(state_of(self), self));
  return number ? PyObject_Format(number.get(), specification) : nullptr;
}

PyObject* compare_by_value(PyObject* self, PyObject* other, int operation) {
  const ModuleState& state = state_of(self);
  const Ref mine(as_number(state, self));
  if (!mine) return nullptr;
  const Ref theirs(as_number(state, other));
  if (!theirs) {
    if (PyErr_Occurred() != nullptr) return nullptr;
    Py_RETURN_NOTIMPLEMENTED;
  }
  return PyObject_RichCompare(mine.get(), theirs.get(), operation);
}

}  // namespace raddle::python
