#include "sync_object.hpp"

namespace raddle::python {

PyObject* sync_repr(PyObject* self, std::size_t waiters, PyObject* state) {
  const Ref what(state);
  const Ref type(what ? PyType_GetName(Py_TYPE(self)) : nullptr);
  if (!type) return nullptr;
  PyObject* name = head_of(self).shown_name();
  const Ref named(name != nullptr ? PyUnicode_FromFormat(" name=%R", name) : PyUnicode_FromString(""));
  const Ref waiting(waiters != 0 ? PyUnicode_FromFormat(" waiters=%zu", waiters) : PyUnicode_FromString(""));
  if (!named || !waiting) return nullptr;
  return PyUnicode_FromFormat("<raddle.%U at %p%U%U: %U>", type.get(), static_cast<void*>(self), named.get(),
                              waiting.get(), what.get());
}

bool read_number(PyObject* object, std::int64_t least, const char* message, std::uint64_t& number) {
  const Ref index(PyNumber_Index(object));
  if (!index) return false;
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(index.get(), &overflow);
  if (value == -1 && overflow == 0 && PyErr_Occurred() != nullptr) return false;
  if (overflow > 0) {
    PyErr_SetString(PyExc_OverflowError, "the number is larger than 2**63 - 1");
    return false;
  }
  if (overflow < 0 || value < least) {
    PyErr_SetString(PyExc_ValueError, message);
    return false;
  }
  number = static_cast<std::uint64_t>(value);
  return true;
}

bool read_n(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, std::int64_t least,
            const char* message, std::uint64_t& number) {
  PyObject* value;
  const Parameters<1> parameters{method, {"n"}, 0};
  return read_arguments(parameters, args, nargs, kwnames, &value) &&
         (value == nullptr || read_number(value, least, message, number));
}

bool read_wait(PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, bool (*read)(PyObject*, Deadline&),
               Deadline& deadline) {
  PyObject* timeout;
  const Parameters<1> parameters{"wait", {"timeout"}, 0};
  return read_arguments(parameters, args, nargs, kwnames, &timeout) && read(timeout, deadline);
}

bool warn_deprecated(const char* message) { return PyErr_WarnEx(PyExc_DeprecationWarning, message, 1) == 0; }

}  // namespace raddle::python
