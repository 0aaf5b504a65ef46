#include "raddle/atomic/sharded_counter.hpp"

#include "atomics.hpp"
#include "numbers.hpp"

namespace raddle::python {

namespace {

using ShardedCounterObject = Object<Sharded>;

PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"value", nullptr};
  PyObject* number = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:ShardedCounter", const_cast<char**>(names), &number))
    return nullptr;
  std::int64_t value = 0;
  if (number != nullptr && !to_int64(number, &value)) return nullptr;
  return ShardedCounterObject::make(type, value);
}

PyObject* increment(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  std::int64_t n = 1;
  if ((nargs != 0 || kwnames != nullptr) && !read_step("increment", args, nargs, kwnames, &n)) return nullptr;
  counter_of(self).increment(n);
  Py_RETURN_NONE;
}

PyObject* decrement(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  std::int64_t n = 1;
  if ((nargs != 0 || kwnames != nullptr) && !read_step("decrement", args, nargs, kwnames, &n)) return nullptr;
  counter_of(self).decrement(n);
  Py_RETURN_NONE;
}

PyObject* get(PyObject* self, PyObject*) { return from_int128(sum_of(self)); }

// The sum that was taken out goes back in if it cannot be told.
PyObject* reset(PyObject* self, PyObject*) {
  ShardedCounter& counter = counter_of(self);
  const ShardedCounter::Sum sum = counter.reset();
  PyObject* result = from_int128(sum);
  if (result == nullptr) counter.add(sum);
  return result;
}

PyObject* to_int(PyObject* self) { return get(self, nullptr); }
int to_bool(PyObject* self) { return sum_of(self) != 0; }

PyObject* repr(PyObject* self) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  const Ref value(get(self, nullptr));
  if (!name || !value) return nullptr;
  return PyUnicode_FromFormat("%U(%R)", name.get(), value.get());
}

constexpr char kDoc[] =
    "ShardedCounter(value=0)\n"
    "--\n"
    "\n"
    "A counter that many threads add to and few read.\n"
    "\n"
    "It is made like Java's LongAdder: each thread adds to a cell of its own,\n"
    "so additions by any number of threads do not disturb each other. A\n"
    "thread's first addition makes its cell; the counts of threads that ended\n"
    "are kept, their cells are given back. The sum is exact and may be of any\n"
    "size; value and steps must be ints or have __index__ (TypeError) and fit\n"
    "into 64 bits (OverflowError). Unlike AtomicInt it cannot tell the value\n"
    "that an addition led to.\n"
    "\n"
    "increment() and decrement() are wait-free after a thread's first; get()\n"
    "is weakly consistent while others add; reset() is exact. Safe in a\n"
    "finaliser or a signal handler. Memory: about 90 bytes, and 64 for each\n"
    "thread alive that added.\n"
    "\n"
    "There are no operators: use increment() instead of +=. Compares by\n"
    "value, as of one get(), with int, float and raddle's numbers; not\n"
    "hashable.\n"
    "\n"
    "    served = ShardedCounter()\n"
    "    served.increment()        # from any thread\n"
    "    served.get()";

PyMethodDef methods[] = {
    {"increment", as_method(increment), kFastCall, "increment($self, /, n=1)\n--\n\nAdd n."},
    {"decrement", as_method(decrement), kFastCall, "decrement($self, /, n=1)\n--\n\nSubtract n."},
    {"get", get, METH_NOARGS,
     "get($self, /)\n--\n\nReturn the sum.\n\n"
     "Additions that overlap with the call may be in it or not, each for itself. What another thread added "
     "before\n"
     "is certain to be in it if something orders the two: a join, a lock, a queue, an atomic that was set after "
     "the\n"
     "addition and read before this call. A thread that adds and then reads an atomic may do so unseen:\n"
     "to count who is inside something, use AtomicInt."},
    {"reset", reset, METH_NOARGS,
     "reset($self, /)\n--\n\nTake the sum out: return it and leave zero.\n\n"
     "Every addition is in exactly one result of reset() or in what is left, whatever runs at the same time.\n"
     "MemoryError: nothing was taken out."},
    RADDLE_FORMAT_METHOD,
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(ShardedCounterObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_traverse, as_slot(traverse_class_only)},
                       {Py_tp_hash, as_slot(PyObject_HashNotImplemented)},
                       {Py_tp_richcompare, as_slot(compare_by_value)},
                       {Py_nb_int, as_slot(to_int)},
                       {Py_nb_bool, as_slot(to_bool)},
                       {0, nullptr}};

}  // namespace

PyType_Spec sharded_counter_spec = {"raddle.ShardedCounter", sizeof(ShardedCounterObject), 0, kClassFlags, slots};

}  // namespace raddle::python
