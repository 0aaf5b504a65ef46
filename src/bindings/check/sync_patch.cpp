// See sync_patch.hpp. A function in a PyMethodDef knows nothing of the entry it was called through: so there is
// one for each place in a table, made by a template.
#include "sync_patch.hpp"

#include <array>
#include <utility>

namespace raddle::python {

namespace {

constexpr std::size_t kMost = 256;

using TwoArguments = PyObject* (*)(PyObject*, PyObject*);
using ThreeArguments = PyObject* (*)(PyObject*, PyObject*, PyObject*);
using Fast = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t);
using FastKeywords = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);
using FastOfClass = PyObject* (*)(PyObject*, PyTypeObject*, PyObject* const*, Py_ssize_t, PyObject*);

// Written under the lock of the interpreter or of install(), before the method is replaced; places are not used
// again for another method.
struct Entry {
  PyMethodDef* method = nullptr;
  PyCFunction plain = nullptr;
  PyCFunction watched = nullptr;
  atomic<const Behaviour*> behaviour{nullptr};
};
constinit std::array<Entry, kMost> entries;
constinit std::size_t entry_count = 0;

template <class Plain>
PyObject* watched_call(const Entry& entry, PyObject* self, PyObject* first, Plain plain) {
  // relaxed: the entry is filled before the method is replaced, and who sees null tells nothing
  const Behaviour* behaviour = entry.behaviour.load(order::relaxed);
  check::Engine* engine = engine_in_use();
  if (behaviour == nullptr || engine == nullptr || (hearing().deaf != 0 && !behaviour->even_if_deaf))
    return plain();
  check::Thread* thread = current_thread(*engine);
  if (thread == nullptr) return plain();
  Call call{self, first};
  if (behaviour->before != nullptr) behaviour->before(*engine, *thread, call);
  PyObject* const result = plain();
  if (behaviour->after == nullptr || engine_in_use() != engine) return result;
  thread = current_thread(*engine);
  if (thread != nullptr) behaviour->after(*engine, *thread, call, result);
  return result;
}

PyObject* first_of(PyObject* const* args, Py_ssize_t count) noexcept { return count > 0 ? args[0] : nullptr; }

// The first argument, positional or by the only name that methods here use for it.
PyObject* first_of(PyObject* const* args, Py_ssize_t count, PyObject* names) noexcept {
  if (count > 0 || names == nullptr) return first_of(args, count);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i)
    if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), "item") == 0) return args[i];
  return nullptr;
}

template <std::size_t I>
struct Watched {
  // METH_NOARGS, METH_O, METH_VARARGS
  static PyObject* two(PyObject* self, PyObject* argument) {
    const Entry& entry = entries[I];
    PyObject* first = argument;
    if ((entry.method->ml_flags & METH_VARARGS) != 0)
      first = PyTuple_GET_SIZE(argument) > 0 ? PyTuple_GET_ITEM(argument, 0) : nullptr;
    return watched_call(entry, self, first, [&] { return entry.plain(self, argument); });
  }
  static PyObject* three(PyObject* self, PyObject* args, PyObject* keywords) {
    const Entry& entry = entries[I];
    PyObject* first = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : nullptr;
    return watched_call(entry, self, first, [&] {
      return reinterpret_cast<ThreeArguments>(reinterpret_cast<void (*)()>(entry.plain))(self, args, keywords);
    });
  }
  static PyObject* fast(PyObject* self, PyObject* const* args, Py_ssize_t count) {
    const Entry& entry = entries[I];
    return watched_call(entry, self, first_of(args, count), [&] {
      return reinterpret_cast<Fast>(reinterpret_cast<void (*)()>(entry.plain))(self, args, count);
    });
  }
  static PyObject* fast_keywords(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* names) {
    const Entry& entry = entries[I];
    return watched_call(entry, self, first_of(args, count, names), [&] {
      return reinterpret_cast<FastKeywords>(reinterpret_cast<void (*)()>(entry.plain))(self, args, count, names);
    });
  }
  static PyObject* fast_of_class(PyObject* self, PyTypeObject* type, PyObject* const* args, Py_ssize_t count,
                                 PyObject* names) {
    const Entry& entry = entries[I];
    return watched_call(entry, self, first_of(args, count, names), [&] {
      return reinterpret_cast<FastOfClass>(reinterpret_cast<void (*)()>(entry.plain))(self, type, args, count,
                                                                                      names);
    });
  }
};

// Of place i, for a method with these flags; null: such methods are not known.
template <std::size_t... I>
PyCFunction watched_function(std::size_t place, int flags, std::index_sequence<I...>) noexcept {
  static constexpr TwoArguments two[] = {Watched<I>::two...};
  static constexpr ThreeArguments three[] = {Watched<I>::three...};
  static constexpr Fast fast[] = {Watched<I>::fast...};
  static constexpr FastKeywords fast_keywords[] = {Watched<I>::fast_keywords...};
  static constexpr FastOfClass fast_of_class[] = {Watched<I>::fast_of_class...};
  switch (flags & (METH_VARARGS | METH_KEYWORDS | METH_NOARGS | METH_O | METH_FASTCALL | METH_METHOD)) {
    case METH_NOARGS:
    case METH_O:
    case METH_VARARGS:
      return two[place];
    case METH_VARARGS | METH_KEYWORDS:
      return as_method(three[place]);
    case METH_FASTCALL:
      return as_method(fast[place]);
    case METH_FASTCALL | METH_KEYWORDS:
      return as_method(fast_keywords[place]);
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
      return as_method(fast_of_class[place]);
    default:
      return nullptr;
  }
}

Entry* entry_of(const PyMethodDef* method) noexcept {
  for (std::size_t i = 0; i < entry_count; ++i)
    if (entries[i].method == method) return &entries[i];
  return nullptr;
}

// The slot is read by calls of other threads meanwhile: they get the one or the other.
void replace(PyMethodDef* method, PyCFunction function) noexcept {
  __atomic_store_n(&method->ml_meth, function, __ATOMIC_RELEASE);  // release: the entry is filled
}

bool watch(PyMethodDef* method, const Behaviour& behaviour) {
  if (Entry* known = entry_of(method); known != nullptr) {
    known->behaviour.store(&behaviour, order::relaxed);  // relaxed: behaviours are constants
    if (method->ml_meth == known->plain) replace(method, known->watched);
    return true;
  }
  PyCFunction function = nullptr;
  if (entry_count < kMost)
    function = watched_function(entry_count, method->ml_flags, std::make_index_sequence<kMost>());
  if (function == nullptr) {
    PyErr_Format(PyExc_SystemError, "cannot watch the method %s", method->ml_name);
    return false;
  }
  Entry& entry = entries[entry_count++];
  entry.method = method;
  entry.plain = method->ml_meth;
  entry.watched = function;
  entry.behaviour.store(&behaviour, order::relaxed);
  replace(method, function);
  return true;
}

PyMethodDef* own_method(PyTypeObject* type, const char* name) noexcept {
  PyObject* descriptor = PyDict_GetItemString(type->tp_dict, name);
  if (descriptor == nullptr || !Py_IS_TYPE(descriptor, &PyMethodDescr_Type)) return nullptr;
  return reinterpret_cast<PyMethodDescrObject*>(descriptor)->d_method;
}

}  // namespace

bool watch_method(PyTypeObject* type, const char* name, const Behaviour& behaviour) {
  PyMethodDef* method = own_method(type, name);
  if (method != nullptr) return watch(method, behaviour);
  PyErr_Format(PyExc_AttributeError, "%s has no method %s in C", type->tp_name, name);
  return false;
}

bool watch_function(PyObject* function, const Behaviour& behaviour) {
  if (PyCFunction_Check(function)) return watch(reinterpret_cast<PyCFunctionObject*>(function)->m_ml, behaviour);
  PyErr_Format(PyExc_TypeError, "%R is not a function in C", function);
  return false;
}

// Where somebody else has replaced the function since, ours stays below it, and tells nothing.
void unwatch_all() noexcept {
  for (std::size_t i = 0; i < entry_count; ++i) {
    Entry& entry = entries[i];
    entry.behaviour.store(nullptr, order::relaxed);  // relaxed: for calls that come late
    if (entry.method->ml_meth == entry.watched) replace(entry.method, entry.plain);
  }
}

PyCFunction plain_method(PyTypeObject* type, const char* name) noexcept {
  PyMethodDef* method = own_method(type, name);
  if (method == nullptr) return nullptr;
  const Entry* entry = entry_of(method);
  return entry != nullptr ? entry->plain : method->ml_meth;
}

}  // namespace raddle::python
