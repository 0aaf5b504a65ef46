#include "python.hpp"

namespace raddle::python {

namespace {

Py_ssize_t index_of(PyObject* name, const char* const* names, Py_ssize_t count) {
  for (Py_ssize_t i = 0; i < count; ++i)
    if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0) return i;
  return -1;
}

}  // namespace

bool is_callable(PyObject* object) {
  if (PyCallable_Check(object) != 0) return true;
  PyErr_Format(PyExc_TypeError, "'%.200s' object is not callable", Py_TYPE(object)->tp_name);
  return false;
}

bool read_arguments(const char* method, const char* const* names, Py_ssize_t count, Py_ssize_t required,
                    PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, PyObject** values) {
  if (nargs > count) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %zd argument%s (%zd given)", method, count,
                 count == 1 ? "" : "s", nargs);
    return false;
  }
  for (Py_ssize_t i = 0; i < count; ++i) values[i] = i < nargs ? args[i] : nullptr;
  const Py_ssize_t keywords = kwnames == nullptr ? 0 : PyTuple_GET_SIZE(kwnames);
  for (Py_ssize_t i = 0; i < keywords; ++i) {
    PyObject* name = PyTuple_GET_ITEM(kwnames, i);
    const Py_ssize_t index = index_of(name, names, count);
    if (index < 0) {
      PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", method, name);
      return false;
    }
    if (values[index] != nullptr) {
      PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%s'", method, names[index]);
      return false;
    }
    values[index] = args[nargs + i];
  }
  for (Py_ssize_t i = 0; i < required; ++i) {
    if (values[i] != nullptr) continue;
    PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s' (pos %zd)", method, names[i], i + 1);
    return false;
  }
  return true;
}

}  // namespace raddle::python
