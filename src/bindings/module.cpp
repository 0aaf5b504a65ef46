// The extension module raddle._raddle: its classes, pin(), and what an interpreter needs per import.
#include "counts.hpp"
#include "object.hpp"
#include "python.hpp"

namespace raddle::python {

extern PyModuleDef module_definition;

ModuleState& state_of(PyObject* raddle_object) {
  PyObject* module = PyType_GetModuleByDef(Py_TYPE(raddle_object), &module_definition);
  return *static_cast<ModuleState*>(PyModule_GetState(module));
}

int traverse_class_only(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  return 0;
}

PyObject* refuse_reduce(PyObject* self, PyObject*) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (name)
    PyErr_Format(PyExc_TypeError,
                 "cannot pickle or copy '%U' object: it belongs to the threads of one process; send its value "
                 "instead, or share one between processes by multiprocessing (Value, or Manager().Value)",
                 name.get());
  return nullptr;
}

namespace {

ModuleState& state_in(PyObject* module) { return *static_cast<ModuleState*>(PyModule_GetState(module)); }

PyObject* pin_object(PyObject* module, PyObject* object) {
  const ModuleState& state = state_in(module);
  for (PyTypeObject* type : state.classes) {
    if (PyObject_TypeCheck(object, type)) return pin(object) ? Py_NewRef(object) : nullptr;
  }
  PyErr_Format(PyExc_TypeError, "pin() takes an object of a raddle class, not '%.200s'", Py_TYPE(object)->tp_name);
  return nullptr;
}

PyMethodDef functions[] = {{"pin", pin_object, METH_O,
                            "pin($module, obj, /)\n"
                            "--\n"
                            "\n"
                            "Free a raddle object from reference-count contention; return it.\n"
                            "\n"
                            "Threads that share an object fight over its reference count at every\n"
                            "call. CPython 3.13t: the object becomes immortal: it, and what it holds\n"
                            "at the end, live until the process exits; so it is for objects that live\n"
                            "as long as the program. Must be called in the thread that created the\n"
                            "object, before others use it (RuntimeError). 3.14t and later: its\n"
                            "references are counted lazily, so that only the garbage collector frees\n"
                            "it; any thread may call. With a GIL: does nothing.\n"
                            "\n"
                            "TypeError: obj is not a raddle object. Pinning twice is allowed.\n"
                            "\n"
                            "    hits = raddle.pin(raddle.AtomicInt())"},
                           {nullptr, nullptr, 0, nullptr}};

// 3.13.0t and 3.13.1t revive objects during their finalisers in a way that lets AtomicRef hand out a dying one
// (CPython issue 127582).
int warn_of_old_interpreter() {
#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000
  constexpr unsigned long kFixed = 0x030D0200;
  if (Py_Version < kFixed)
    return PyErr_WarnEx(PyExc_RuntimeWarning,
                        "free-threaded CPython before 3.13.2 may free objects that AtomicRef hands out; "
                        "use a later version",
                        1);
#endif
  return 0;
}

int execute(PyObject* module) {
  if (warn_of_old_interpreter() < 0) return -1;
  ModuleState& state = state_in(module);
  PyType_Spec* const specs[kClassCount] = {&atomic_int_spec, &atomic_bool_spec, &atomic_float_spec,
                                           &atomic_ref_spec, &sharded_counter_spec};
  for (std::size_t i = 0; i < kClassCount; ++i) {
    auto* type = reinterpret_cast<PyTypeObject*>(PyType_FromModuleAndSpec(module, specs[i], nullptr));
    if (type == nullptr) {
      if (PyErr_Occurred() == nullptr) PyErr_NoMemory();  // 3.14 forgets to say so at some allocations
      return -1;
    }
    state.classes[i] = type;
    pin_class(type);
    if (PyModule_AddType(module, type) < 0) return -1;
  }
  return PyModule_AddStringConstant(module, "counting_of_pinned", counting_of_pinned());
}

int traverse(PyObject* module, visitproc visit, void* arg) {
  for (PyTypeObject* type : state_in(module).classes) Py_VISIT(type);
  return 0;
}

int clear(PyObject* module) {
  for (PyTypeObject*& type : state_in(module).classes) Py_CLEAR(type);
  return 0;
}

void free_module(void* module) { clear(static_cast<PyObject*>(module)); }

PyModuleDef_Slot module_slots[] = {{Py_mod_exec, as_slot(execute)},
#if PY_VERSION_HEX >= 0x030C0000
                                   {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
                                   {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
                                   {0, nullptr}};

}  // namespace

PyModuleDef module_definition = {PyModuleDef_HEAD_INIT,
                                 "raddle._raddle",
                                 "The compiled part of raddle; import raddle instead.",
                                 sizeof(ModuleState),
                                 functions,
                                 module_slots,
                                 traverse,
                                 clear,
                                 free_module};

}  // namespace raddle::python

PyMODINIT_FUNC PyInit__raddle() { return PyModuleDef_Init(&raddle::python::module_definition); }
