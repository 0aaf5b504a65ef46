// See sync_around.hpp.
#include "sync_around.hpp"

#include <cstring>
#include <new>

namespace raddle::python {

namespace {

constexpr Py_ssize_t kMostPath = 2;

struct Around {
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject* function;  // first of the fields that Carrier has at the same place
  const Behaviour* behaviour;
  PyObject* key;                  // of the clocks, or null
  PyObject* argument;             // name of the argument after the first, or null
  PyObject* own_lock[kMostPath];  // attributes that lead to the lock inside the object, or null
  bool deaf;
  bool carries;  // that argument, a callable
};

struct Carrier {
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject* function;
  check::ClocksRef clocks;
  check::ThreadNumber creator;
  check::StackId created_at;
  Carried as;
};

constinit PyTypeObject* around_type = nullptr;
constinit PyTypeObject* carrier_type = nullptr;

Around& around_at(PyObject* self) noexcept { return *reinterpret_cast<Around*>(self); }
Carrier& carrier_at(PyObject* self) noexcept { return *reinterpret_cast<Carrier*>(self); }
PyObject* function_of(PyObject* self) noexcept { return around_at(self).function; }

// --- Looking like the function. ---

PyObject* get_attribute(PyObject* self, PyObject* name) {
  const char* text = PyUnicode_AsUTF8(name);
  if (text == nullptr) return nullptr;
  if (std::strncmp(text, "__reduce", 8) == 0) return PyObject_GenericGetAttr(self, name);
  if (std::strcmp(text, "__wrapped__") == 0) return Py_NewRef(function_of(self));
  if (std::strcmp(text, "__get__") == 0 || std::strcmp(text, "__call__") == 0)
    return PyObject_GenericGetAttr(self, name);
  return PyObject_GetAttr(function_of(self), name);
}

int set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  return PyObject_SetAttr(function_of(self), name, value);
}

PyObject* represent(PyObject* self) { return PyObject_Repr(function_of(self)); }

// By its name, as functions are pickled.
PyObject* reduce(PyObject* self, PyObject*) { return PyObject_GetAttrString(function_of(self), "__qualname__"); }

PyMethodDef reduce_method[] = {{"__reduce__", reduce, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

PyObject* bind(PyObject* self, PyObject* object, PyObject*) {
  if (object == nullptr || object == Py_None) return Py_NewRef(self);
  return PyMethod_New(self, object);
}

// --- Calling it. ---

// The lock inside the object, 0 if it is not where it should be.
std::uintptr_t own_lock_of(const Around& around, PyObject* object) noexcept {
  PyObject* at = object;
  for (PyObject* name : around.own_lock) {
    if (name == nullptr) break;
    // From the dict itself: nothing of the program's runs.
    const Ref dict(PyObject_GenericGetDict(at, nullptr));
    if (!dict) return PyErr_Clear(), 0;
    at = PyDict_GetItemWithError(dict.get(), name);  // borrowed: the object keeps it for as long as it lives
    if (at == nullptr) return PyErr_Clear(), 0;
  }
  return address_of(at);
}

// Index into args, which has the keywords' values behind the positional ones; -1: it is not there.
Py_ssize_t find_argument(PyObject* name, Py_ssize_t count, PyObject* names) noexcept {
  if (count > 1) return 1;
  if (names == nullptr || name == nullptr) return -1;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i)
    if (PyUnicode_Compare(PyTuple_GET_ITEM(names, i), name) == 0) return count + i;
  return -1;
}

PyObject* call_with_carrier(check::Engine& engine, check::Thread& thread, const Around& around,
                            PyObject* const* args, Py_ssize_t count, PyObject* names) {
  constexpr std::size_t kMost = 16;
  const auto all = static_cast<std::size_t>(count + (names != nullptr ? PyTuple_GET_SIZE(names) : 0));
  const Py_ssize_t index = find_argument(around.argument, count, names);
  if (index < 0 || all > kMost || !PyCallable_Check(args[index]))
    return PyObject_Vectorcall(around.function, args, static_cast<std::size_t>(count), names);
  const Ref carrier(carry(engine, thread, args[index], Carried::callback));
  if (!carrier) {  // no memory: the order is not told
    PyErr_Clear();
    return PyObject_Vectorcall(around.function, args, static_cast<std::size_t>(count), names);
  }
  PyObject* changed[kMost];
  std::memcpy(changed, args, all * sizeof(PyObject*));
  changed[index] = carrier.get();
  return PyObject_Vectorcall(around.function, changed, static_cast<std::size_t>(count), names);
}

PyObject* call_around(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* names) {
  const Around& around = around_at(self);
  check::Engine* engine = engine_in_use();
  const Py_ssize_t count = PyVectorcall_NARGS(nargsf);
  const Behaviour* behaviour = around.behaviour;
  Hearing& own = hearing();
  check::Thread* thread = nullptr;
  if (engine != nullptr && (own.deaf == 0 || (behaviour != nullptr && behaviour->even_if_deaf)))
    thread = current_thread(*engine);
  if (thread == nullptr) return PyObject_Vectorcall(around.function, args, nargsf, names);

  const Py_ssize_t first = find_argument(around.argument, count, names);
  Call call{count > 0 ? args[0] : Py_None, first >= 0 ? args[first] : nullptr, around.key, args, count};
  if (behaviour != nullptr && behaviour->before != nullptr) behaviour->before(*engine, *thread, call);
  const std::uintptr_t outer_lock = own.own_lock;
  if (around.own_lock[0] != nullptr && count > 0) own.own_lock = own_lock_of(around, args[0]);
  own.deaf += around.deaf ? 1 : 0;
  PyObject* const result = around.carries ? call_with_carrier(*engine, *thread, around, args, count, names)
                                          : PyObject_Vectorcall(around.function, args, nargsf, names);
  own.deaf -= around.deaf ? 1 : 0;
  own.own_lock = outer_lock;
  if (behaviour == nullptr || behaviour->after == nullptr || engine_in_use() != engine) return result;
  thread = current_thread(*engine);
  if (thread != nullptr) behaviour->after(*engine, *thread, call, result);
  return result;
}

PyObject* call_carrier(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* names) {
  Carrier& carrier = carrier_at(self);
  if (carrier.as == Carried::thread)
    return run_thread(carrier.function, carrier.clocks, carrier.creator, carrier.created_at, args, nargsf, names);
  check::Engine* engine = engine_in_use();
  check::Thread* thread = engine != nullptr ? current_thread(*engine) : nullptr;
  if (thread != nullptr) engine->acquire(*thread, carrier.clocks);
  return PyObject_Vectorcall(carrier.function, args, nargsf, names);
}

// --- Life. ---

int traverse_around(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(around_at(self).function);
  return 0;
}
void dealloc_around(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Around& around = around_at(self);
  Py_XDECREF(around.function);
  Py_XDECREF(around.key);
  Py_XDECREF(around.argument);
  for (PyObject* name : around.own_lock) Py_XDECREF(name);
  type->tp_free(self);
  Py_DECREF(type);
}
void dealloc_carrier(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(carrier_at(self).function);
  carrier_at(self).clocks.~ClocksRef();
  type->tp_free(self);
  Py_DECREF(type);
}

PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Around, vectorcall), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

constexpr unsigned kFlags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                            Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION;

PyType_Slot around_slots[] = {{Py_tp_dealloc, as_slot(dealloc_around)}, {Py_tp_traverse, as_slot(traverse_around)},
                              {Py_tp_getattro, as_slot(get_attribute)}, {Py_tp_setattro, as_slot(set_attribute)},
                              {Py_tp_repr, as_slot(represent)},         {Py_tp_descr_get, as_slot(bind)},
                              {Py_tp_call, as_slot(PyVectorcall_Call)}, {Py_tp_members, members},
                              {Py_tp_methods, reduce_method},           {0, nullptr}};
PyType_Spec around_spec = {"raddle._raddle.function", sizeof(Around), 0, kFlags | Py_TPFLAGS_METHOD_DESCRIPTOR,
                           around_slots};

PyType_Slot carrier_slots[] = {{Py_tp_dealloc, as_slot(dealloc_carrier)},
                               {Py_tp_traverse, as_slot(traverse_around)},
                               {Py_tp_getattro, as_slot(get_attribute)},
                               {Py_tp_setattro, as_slot(set_attribute)},
                               {Py_tp_repr, as_slot(represent)},
                               {Py_tp_call, as_slot(PyVectorcall_Call)},
                               {Py_tp_members, members},
                               {Py_tp_methods, reduce_method},
                               {0, nullptr}};
PyType_Spec carrier_spec = {"raddle._raddle.callback", sizeof(Carrier), 0, kFlags, carrier_slots};

// around(function, behaviour, *, key, own_lock=(), deaf=False, argument, carry=False)
PyObject* make_around(PyObject*, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"function", "behaviour", "key", "own_lock", "deaf", "argument", "carry", nullptr};
  PyObject *function, *key = nullptr, *own_lock = nullptr, *argument = nullptr;
  const char* behaviour_name = nullptr;
  int deaf = 0, carries = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "Oz|$UO!pUp:around", const_cast<char**>(names), &function,
                                   &behaviour_name, &key, &PyTuple_Type, &own_lock, &deaf, &argument, &carries))
    return nullptr;
  const Behaviour* behaviour = behaviour_name != nullptr ? find_behaviour(behaviour_name) : nullptr;
  if (!PyCallable_Check(function) || (behaviour_name != nullptr && behaviour == nullptr) ||
      (own_lock != nullptr && PyTuple_GET_SIZE(own_lock) > kMostPath))
    return PyErr_Format(PyExc_ValueError, "cannot watch %R as %s", function, behaviour_name);
  PyObject* self = around_type->tp_alloc(around_type, 0);
  if (self == nullptr) return nullptr;
  Around& around = around_at(self);
  around.vectorcall = call_around;
  around.function = Py_NewRef(function);
  around.behaviour = behaviour;
  around.key = Py_XNewRef(key);
  around.argument = Py_XNewRef(argument);
  for (Py_ssize_t i = 0; own_lock != nullptr && i < PyTuple_GET_SIZE(own_lock); ++i)
    around.own_lock[i] = Py_NewRef(PyTuple_GET_ITEM(own_lock, i));
  around.deaf = deaf != 0;
  around.carries = carries != 0;
  return self;
}

PyMethodDef around_method = {
    "around", as_method(make_around), METH_VARARGS | METH_KEYWORDS,
    "around($self, /, function, behaviour, *, key=..., own_lock=(), deaf=False, "
    "argument=..., carry=False)\n--\n\nReturn a watched function that looks like this one."};

}  // namespace

bool is_around(PyObject* object) noexcept { return Py_IS_TYPE(object, around_type); }

PyObject* carry(check::Engine& engine, check::Thread& maker, PyObject* function, Carried as) {
  PyObject* self = carrier_type->tp_alloc(carrier_type, 0);
  if (self == nullptr) return nullptr;
  Carrier& carrier = carrier_at(self);
  carrier.vectorcall = call_carrier;
  carrier.function = Py_NewRef(function);
  ::new (static_cast<void*>(&carrier.clocks)) check::ClocksRef(engine.release(maker));
  carrier.creator = maker.number();
  carrier.created_at = as == Carried::thread ? capture_stack() : 0;
  carrier.as = as;
  return self;
}

int add_around(PyObject* checker) {
  if (around_type == nullptr) around_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&around_spec));
  if (around_type == nullptr) return -1;
  if (carrier_type == nullptr) carrier_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&carrier_spec));
  if (carrier_type == nullptr) return -1;
  const Ref function(PyCFunction_New(&around_method, nullptr));
  return function ? PyObject_SetAttrString(checker, "around", function.get()) : -1;
}

}  // namespace raddle::python
