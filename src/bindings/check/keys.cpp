#include "keys.hpp"

namespace raddle::python {

namespace {

constexpr int kDeepest = 4;  // tuples in tuples

enum class Salt : std::uint64_t { text = 1, number, bytes, none, tuple, identity };

std::uint64_t mix(Salt salt, std::uint64_t word) noexcept {
  std::uint64_t mixed = word + static_cast<std::uint64_t>(salt) * 0x9E3779B97F4A7C15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  mixed ^= mixed >> 31;
  return mixed < check::kFirstKey ? mixed + check::kFirstKey : mixed;
}

// The hash of a builtin never fails and calls nothing. -1 and -2 have the same one, and are not equal.
std::uint64_t number_word(PyObject* number) noexcept {
  const Py_hash_t hash = PyObject_Hash(number);
  if (hash != -2) return static_cast<std::uint64_t>(hash);
  const double value = PyFloat_CheckExact(number) ? PyFloat_AS_DOUBLE(number) : PyLong_AsDouble(number);
  if (value == -1.0) return static_cast<std::uint64_t>(-1);
  if (PyErr_Occurred() != nullptr) PyErr_Clear();  // an int that no float can hold
  return static_cast<std::uint64_t>(hash);
}

std::uint64_t key_within(PyObject* key, int depth) noexcept {
  PyTypeObject* const type = Py_TYPE(key);
  if (type == &PyUnicode_Type) return mix(Salt::text, static_cast<std::uint64_t>(PyObject_Hash(key)));
  if (type == &PyLong_Type || type == &PyBool_Type || type == &PyFloat_Type)
    return mix(Salt::number, number_word(key));
  if (type == &PyBytes_Type) return mix(Salt::bytes, static_cast<std::uint64_t>(PyObject_Hash(key)));
  if (key == Py_None) return mix(Salt::none, 0);
  if (type == &PyTuple_Type && depth < kDeepest) {
    std::uint64_t all = static_cast<std::uint64_t>(PyTuple_GET_SIZE(key));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); ++i)
      all = mix(Salt::tuple, all ^ key_within(PyTuple_GET_ITEM(key, i), depth + 1));
    return all;
  }
  return mix(Salt::identity, static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(key)));
}

}  // namespace

std::uint64_t key_of_name(PyObject* name) noexcept { return key_within(name, 0); }
std::uint64_t key_of_item(PyObject* key) noexcept { return key_within(key, 0); }

}  // namespace raddle::python
