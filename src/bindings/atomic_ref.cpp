#include "raddle/atomic/atomic_ref.hpp"

#include "numbers.hpp"
#include "object.hpp"

namespace raddle::python {

namespace {

using Cell = AtomicRef<PyReference>;

struct Content {
  static constexpr bool kFormsChains = true;

  explicit Content(PyObject* initial) : cell(initial) {}
  Hot<Cell> cell;
};
using AtomicRefObject = Object<Content>;

Cell& cell_of(PyObject* self) noexcept { return *AtomicRefObject::of(self).cell; }

PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"value", nullptr};
  PyObject* value = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:AtomicRef", const_cast<char**>(names), &value))
    return nullptr;
  PyObject* self = type->tp_alloc(type, 0);
  // The collector may look at the object from here on, so it must hold a value before anything else happens.
  if (self != nullptr) ::new (static_cast<void*>(&AtomicRefObject::of(self))) Content(Py_NewRef(value));
  return self;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(cell_of(self).peek());
  return traverse_class_only(self, visit, arg);
}

int clear(PyObject* self) {
  cell_of(self).set(Py_NewRef(Py_None));
  return 0;
}

PyObject* get(PyObject* self, PyObject*) { return cell_of(self).get(); }

PyObject* set(PyObject* self, PyObject* value) {
  cell_of(self).set(Py_NewRef(value));
  Py_RETURN_NONE;
}

PyObject* get_and_set(PyObject* self, PyObject* value) { return cell_of(self).get_and_set(Py_NewRef(value)); }

PyObject* compare_and_set(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[2];
  const Parameters<2> parameters{"compare_and_set", {"expected", "desired"}, 2};
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  return PyBool_FromLong(cell_of(self).compare_and_set(values[0], values[1]));
}

PyObject* compare_and_exchange(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[2];
  const Parameters<2> parameters{"compare_and_exchange", {"expected", "desired"}, 2};
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  return cell_of(self).compare_and_exchange(values[0], values[1]);
}

// What update() works on; see numbers.hpp. `before` is borrowed from the caller's loop.
struct UpdateCell {
  Cell& cell;
  PyObject* before = nullptr;

  PyObject* load() { return before = cell.get(); }
  bool normalise(Ref&) { return true; }
  bool try_replace(const Ref& after) { return cell.compare_and_set(before, after.get()); }
};

PyObject* update_(PyObject* self, PyObject* fn) { return update(UpdateCell{cell_of(self)}, fn, Yield::after); }
PyObject* get_and_update(PyObject* self, PyObject* fn) {
  return update(UpdateCell{cell_of(self)}, fn, Yield::before);
}

PyObject* repr(PyObject* self) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (!name) return nullptr;
  const int nested = Py_ReprEnter(self);
  if (nested != 0) return nested < 0 ? nullptr : PyUnicode_FromFormat("%U(...)", name.get());
  const Ref value(cell_of(self).get());
  PyObject* text = PyUnicode_FromFormat("%U(%R)", name.get(), value.get());
  Py_ReprLeave(self);
  return text;
}

constexpr char kDoc[] =
    "AtomicRef(value=None)\n"
    "--\n"
    "\n"
    "A reference to any object, which threads may read and replace together.\n"
    "\n"
    "compare_and_set and compare_and_exchange compare by IDENTITY, as `is`\n"
    "does, not by equality: two equal strings, tuples or large ints are\n"
    "different objects. Compare with an object that get() returned. An\n"
    "AtomicRef itself is compared by identity too and is always true: to ask\n"
    "for the object, call get().\n"
    "\n"
    "Every method is linearizable and sequentially consistent with the\n"
    "others; none waits, but get() repeats itself when another thread\n"
    "replaces the object meanwhile. A replaced object may end in the call\n"
    "that replaced it; its finaliser may use this AtomicRef. All but update()\n"
    "and get_and_update() are safe in a finaliser or a signal handler.\n"
    "\n"
    "Handing one hot object to many threads makes them contend for its\n"
    "reference count; immortal objects (None, True, small ints, pinned raddle\n"
    "objects) are free of that.\n"
    "\n"
    "    config = AtomicRef(load())\n"
    "    config.set(load())        # readers see the old one or the new one";

PyMethodDef methods[] = {
    {"get", get, METH_NOARGS, "get($self, /)\n--\n\nReturn the object."},
    {"set", set, METH_O, "set($self, value, /)\n--\n\nReplace the object."},
    {"get_and_set", get_and_set, METH_O,
     "get_and_set($self, value, /)\n--\n\nReplace the object and return the old one."},
    {"compare_and_set", as_method(compare_and_set), kFastCall,
     "compare_and_set($self, /, expected, desired)\n--\n\n"
     "Replace the object by desired if it is expected (identity); return whether it was."},
    {"compare_and_exchange", as_method(compare_and_exchange), kFastCall,
     "compare_and_exchange($self, /, expected, desired)\n--\n\n"
     "Replace the object by desired if it is expected (identity); return the object that was there."},
    {"update", update_, METH_O,
     "update($self, fn, /)\n--\n\nReplace the object by fn(object) and return the new one.\n\n"
     "fn may run more than once, in several threads at once, and may use this AtomicRef; exactly one result\n"
     "is installed. fn must not change the object in place. What fn raises goes to the caller and changes "
     "nothing."},
    {"get_and_update", get_and_update, METH_O,
     "get_and_update($self, fn, /)\n--\n\nReplace the object by fn(object) and return the old one; see update()."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "AtomicRef[T], for annotations."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(AtomicRefObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {0, nullptr}};

}  // namespace

PyType_Spec atomic_ref_spec = {"raddle.AtomicRef", sizeof(AtomicRefObject), 0, kClassFlags, slots};

}  // namespace raddle::python
