#include "raddle/atomic/atomic_int.hpp"

#include "atomics.hpp"
#include "numbers.hpp"

namespace raddle::python {

namespace {

using AtomicIntObject = Object<Atomic<AtomicInt>>;

AtomicInt& cell_of(PyObject* self) noexcept { return core_of<AtomicInt>(self); }
bool wraps(PyObject* self) noexcept { return AtomicIntObject::of(self).wrapping; }

PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"value", "wrapping", nullptr};
  PyObject* number = nullptr;
  int wrapping = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$p:AtomicInt", const_cast<char**>(names), &number, &wrapping))
    return nullptr;
  std::int64_t value = 0;
  if (number != nullptr && !to_int64(number, &value)) return nullptr;
  PyObject* self = AtomicIntObject::make(type, value);
  if (self != nullptr) AtomicIntObject::of(self).wrapping = wrapping != 0;
  return self;
}

// Arithmetic. True, or false with OverflowError set and the value as it was.
using Arithmetic = bool(PyObject* self, std::int64_t n, AtomicInt::Change* change);

bool refuse(PyObject* self, const char* sign, std::int64_t n, std::int64_t value) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (name)
    PyErr_Format(PyExc_OverflowError, "%U holds 64 bits: %lld %s %lld does not fit", name.get(),
                 static_cast<long long>(value), sign, static_cast<long long>(n));
  return false;
}

bool add(PyObject* self, std::int64_t n, AtomicInt::Change* change) {
  AtomicInt& cell = cell_of(self);
  *change = wraps(self) ? cell.wrapping_add(n) : cell.add(n);
  return !change->overflow || refuse(self, "+", n, change->before);
}

bool subtract(PyObject* self, std::int64_t n, AtomicInt::Change* change) {
  AtomicInt& cell = cell_of(self);
  *change = wraps(self) ? cell.wrapping_subtract(n) : cell.subtract(n);
  return !change->overflow || refuse(self, "-", n, change->before);
}

template <Arithmetic operation, Yield yield>
PyObject* step_by(PyObject* self, std::int64_t n) {
  AtomicInt::Change change;
  if (!operation(self, n, &change)) return nullptr;
  return PyLong_FromLongLong(yield == Yield::before ? change.before : change.after);
}

template <Arithmetic operation, Yield yield>
PyObject* step(const char* method, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  if (nargs == 0 && kwnames == nullptr) [[likely]]
    return step_by<operation, yield>(self, 1);
  std::int64_t n;
  if (!read_step(method, args, nargs, kwnames, &n)) return nullptr;
  return step_by<operation, yield>(self, n);
}

PyObject* increment(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return step<add, Yield::after>("increment", self, args, nargs, kwnames);
}
PyObject* decrement(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return step<subtract, Yield::after>("decrement", self, args, nargs, kwnames);
}
PyObject* get_and_increment(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return step<add, Yield::before>("get_and_increment", self, args, nargs, kwnames);
}
PyObject* get_and_decrement(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return step<subtract, Yield::before>("get_and_decrement", self, args, nargs, kwnames);
}

PyObject* get(PyObject* self, PyObject*) { return PyLong_FromLongLong(cell_of(self).get()); }

PyObject* set(PyObject* self, PyObject* number) {
  std::int64_t value;
  if (!to_int64(number, &value)) return nullptr;
  cell_of(self).set(value);
  Py_RETURN_NONE;
}

// Methods that take one number and give one back.
template <std::int64_t (AtomicInt::*operation)(std::int64_t)>
PyObject* through(PyObject* self, PyObject* number) {
  std::int64_t value;
  if (!to_int64(number, &value)) return nullptr;
  return PyLong_FromLongLong((cell_of(self).*operation)(value));
}

bool read_exchange(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                   std::int64_t* expected, std::int64_t* desired) {
  PyObject* values[2];
  const Parameters<2> parameters{method, {"expected", "desired"}, 2};
  return read_arguments(parameters, args, nargs, kwnames, values) && to_int64(values[0], expected) &&
         to_int64(values[1], desired);
}

PyObject* compare_and_set(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  std::int64_t expected, desired;
  if (!read_exchange("compare_and_set", args, nargs, kwnames, &expected, &desired)) return nullptr;
  return PyBool_FromLong(cell_of(self).compare_and_set(expected, desired));
}

PyObject* compare_and_exchange(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  std::int64_t expected, desired;
  if (!read_exchange("compare_and_exchange", args, nargs, kwnames, &expected, &desired)) return nullptr;
  return PyLong_FromLongLong(cell_of(self).compare_and_exchange(expected, desired));
}

// What update() works on; see numbers.hpp.
struct UpdateCell {
  AtomicInt& cell;
  std::int64_t before = 0;
  std::int64_t after = 0;

  PyObject* load() { return PyLong_FromLongLong(before = cell.get()); }
  bool normalise(Ref& result) {
    if (!to_int64(result.get(), &after)) return false;
    if (!PyLong_CheckExact(result.get())) result = Ref(PyLong_FromLongLong(after));
    return static_cast<bool>(result);
  }
  bool try_replace(const Ref&) { return cell.compare_and_set(before, after); }
};

PyObject* update_(PyObject* self, PyObject* fn) { return update(UpdateCell{cell_of(self)}, fn, Yield::after); }
PyObject* get_and_update(PyObject* self, PyObject* fn) {
  return update(UpdateCell{cell_of(self)}, fn, Yield::before);
}

// In-place operators. Operands that are no integers are left to the interpreter's TypeError.
template <class Operation>
PyObject* in_place(PyObject* self, PyObject* operand, Operation operation) {
  if (!PyIndex_Check(operand)) Py_RETURN_NOTIMPLEMENTED;
  std::int64_t n;
  if (!to_int64(operand, &n) || !operation(n)) return nullptr;
  return Py_NewRef(self);
}

template <Arithmetic operation>
PyObject* in_place_arithmetic(PyObject* self, PyObject* operand) {
  return in_place(self, operand, [self](std::int64_t n) {
    AtomicInt::Change change;
    return operation(self, n, &change);
  });
}

template <std::int64_t (AtomicInt::*operation)(std::int64_t)>
PyObject* in_place_bits(PyObject* self, PyObject* operand) {
  return in_place(self, operand, [self](std::int64_t mask) {
    (cell_of(self).*operation)(mask);
    return true;
  });
}

PyObject* to_int(PyObject* self) { return get(self, nullptr); }
int to_bool(PyObject* self) { return cell_of(self).get() != 0; }

PyObject* repr(PyObject* self) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (!name) return nullptr;
  return PyUnicode_FromFormat("%U(%lld%s)", name.get(), static_cast<long long>(cell_of(self).get()),
                              wraps(self) ? ", wrapping=True" : "");
}

constexpr char kDoc[] =
    "AtomicInt(value=0, *, wrapping=False)\n"
    "--\n"
    "\n"
    "A signed 64-bit integer that threads may change together.\n"
    "\n"
    "Exact by default: an operation whose result does not fit into 64 bits\n"
    "raises OverflowError and changes nothing. With wrapping=True arithmetic\n"
    "wraps around (two's complement) and is one fetch-and-add. Arguments must\n"
    "be ints or have __index__ (TypeError) and fit into 64 bits\n"
    "(OverflowError).\n"
    "\n"
    "Every method is linearizable and sequentially consistent with the\n"
    "others; none waits; all but update() and get_and_update() are safe in a\n"
    "finaliser or a signal handler. Where memory for the result is wanting,\n"
    "MemoryError is raised and the change has been made.\n"
    "\n"
    "x += n, -=, &=, |=, ^= are atomic; other arithmetic raises TypeError,\n"
    "because it could not be: use update(), or get() for a copy. Compares by\n"
    "value with int, float and raddle's numbers; not hashable. Subclasses\n"
    "with arguments of their own override __new__, as those of int do.\n"
    "\n"
    "For a counter that many threads add to and few read, ShardedCounter is\n"
    "faster; raddle.pin() frees a shared object from contention on its\n"
    "reference count.\n"
    "\n"
    "    hits = AtomicInt()\n"
    "    hits.increment()          # 1, from any thread";

PyMethodDef methods[] = {
    {"get", get, METH_NOARGS, "get($self, /)\n--\n\nReturn the value."},
    {"load", get, METH_NOARGS, "load($self, /)\n--\n\nReturn the value: get() by another name."},
    {"set", set, METH_O, "set($self, value, /)\n--\n\nReplace the value."},
    {"store", set, METH_O, "store($self, value, /)\n--\n\nReplace the value: set() by another name."},
    {"increment", as_method(increment), kFastCall,
     "increment($self, /, n=1)\n--\n\nAdd n and return the new value.\n\n"
     "OverflowError: the sum does not fit into 64 bits; the value is as it was."},
    {"decrement", as_method(decrement), kFastCall,
     "decrement($self, /, n=1)\n--\n\nSubtract n and return the new value.\n\n"
     "OverflowError: the difference does not fit into 64 bits; the value is as it was."},
    {"get_and_increment", as_method(get_and_increment), kFastCall,
     "get_and_increment($self, /, n=1)\n--\n\nAdd n and return the old value.\n\nErrors as increment()."},
    {"fetch_add", as_method(get_and_increment), kFastCall,
     "fetch_add($self, /, n=1)\n--\n\nAdd n and return the old value: get_and_increment() by another name."},
    {"get_and_decrement", as_method(get_and_decrement), kFastCall,
     "get_and_decrement($self, /, n=1)\n--\n\nSubtract n and return the old value.\n\nErrors as decrement()."},
    {"fetch_sub", as_method(get_and_decrement), kFastCall,
     "fetch_sub($self, /, n=1)\n--\n\nSubtract n and return the old value: get_and_decrement() by another name."},
    {"get_and_set", through<&AtomicInt::get_and_set>, METH_O,
     "get_and_set($self, value, /)\n--\n\nReplace the value and return the old one."},
    {"exchange", through<&AtomicInt::get_and_set>, METH_O,
     "exchange($self, value, /)\n--\n\nReplace the value and return the old one: get_and_set() by another name."},
    {"compare_and_set", as_method(compare_and_set), kFastCall,
     "compare_and_set($self, /, expected, desired)\n--\n\n"
     "Replace the value by desired if it equals expected; return whether it did."},
    {"compare_and_exchange", as_method(compare_and_exchange), kFastCall,
     "compare_and_exchange($self, /, expected, desired)\n--\n\n"
     "Replace the value by desired if it equals expected; return the value that was there."},
    {"update", update_, METH_O,
     "update($self, fn, /)\n--\n\nReplace the value by fn(value) and return the new value.\n\n"
     "fn may run more than once, in several threads at once, and may use this object; exactly one result is\n"
     "installed. What fn raises goes to the caller and changes nothing."},
    {"get_and_update", get_and_update, METH_O,
     "get_and_update($self, fn, /)\n--\n\nReplace the value by fn(value) and return the old value; see update()."},
    {"max", through<&AtomicInt::max>, METH_O,
     "max($self, value, /)\n--\n\nReplace the value by the larger of both and return it."},
    {"min", through<&AtomicInt::min>, METH_O,
     "min($self, value, /)\n--\n\nReplace the value by the smaller of both and return it."},
    {"fetch_and", through<&AtomicInt::fetch_and>, METH_O,
     "fetch_and($self, mask, /)\n--\n\nReplace the value by value & mask and return the old value."},
    {"fetch_or", through<&AtomicInt::fetch_or>, METH_O,
     "fetch_or($self, mask, /)\n--\n\nReplace the value by value | mask and return the old value."},
    {"fetch_xor", through<&AtomicInt::fetch_xor>, METH_O,
     "fetch_xor($self, mask, /)\n--\n\nReplace the value by value ^ mask and return the old value."},
    RADDLE_FORMAT_METHOD,
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(AtomicIntObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_traverse, as_slot(traverse_class_only)},
                       {Py_tp_hash, as_slot(PyObject_HashNotImplemented)},
                       {Py_tp_richcompare, as_slot(compare_by_value)},
                       {Py_nb_int, as_slot(to_int)},
                       {Py_nb_index, as_slot(to_int)},
                       {Py_nb_bool, as_slot(to_bool)},
                       {Py_nb_inplace_add, as_slot(in_place_arithmetic<add>)},
                       {Py_nb_inplace_subtract, as_slot(in_place_arithmetic<subtract>)},
                       {Py_nb_inplace_and, as_slot(in_place_bits<&AtomicInt::fetch_and>)},
                       {Py_nb_inplace_or, as_slot(in_place_bits<&AtomicInt::fetch_or>)},
                       {Py_nb_inplace_xor, as_slot(in_place_bits<&AtomicInt::fetch_xor>)},
                       {0, nullptr}};

}  // namespace

PyType_Spec atomic_int_spec = {"raddle.AtomicInt", sizeof(AtomicIntObject), 0, kClassFlags, slots};

}  // namespace raddle::python
