// The extension module raddle._raddle: its classes, pin(), and what an interpreter needs per import.
#include <optional>

#include "check/checker.hpp"
#include "counts.hpp"
#include "locks/joins.hpp"
#include "locks/keyed_lock.hpp"
#include "locks/lock_object.hpp"
#include "locks/locks.hpp"
#include "locks/recorder.hpp"
#include "object.hpp"
#include "python.hpp"
#include "waiting.hpp"

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

namespace {

// What there is between processes in place of an object of this class. The most derived class of an object counts.
const char* between_processes(PyObject* self) {
  const ModuleState& state = state_of(self);
  struct Advice {
    Class of;
    const char* text;
  };
  constexpr Advice kAdvice[] = {
      {Class::atomic_int, "send its value instead, or use multiprocessing.Value"},
      {Class::atomic_bool, "send its value instead, or use multiprocessing.Value"},
      {Class::atomic_float, "send its value instead, or use multiprocessing.Value"},
      {Class::atomic_ref, "send its value instead, or use multiprocessing.Manager().Value"},
      {Class::sharded_counter, "send its value instead, or use multiprocessing.Value"},
      {Class::lock, "between processes use multiprocessing.Lock"},
      {Class::rlock, "between processes use multiprocessing.RLock"},
      {Class::event, "between processes use multiprocessing.Event"},
      {Class::bounded_semaphore, "between processes use multiprocessing.BoundedSemaphore"},
      {Class::semaphore, "between processes use multiprocessing.Semaphore"},
      {Class::condition, "between processes use multiprocessing.Condition"},
      {Class::barrier, "between processes use multiprocessing.Barrier"},
      {Class::latch, "between processes use a multiprocessing.Value under a multiprocessing.Condition"},
      {Class::rw_lock, "between processes use multiprocessing.RLock, for readers too"},
      {Class::rw_lock_view, "between processes use multiprocessing.RLock, for readers too"},
      {Class::rw_lock_upgradable, "between processes use multiprocessing.RLock, for readers too"},
      {Class::keyed_lock, "between processes use a multiprocessing.RLock for each key"},
      {Class::lock_all, "between processes use multiprocessing.Lock, and take several in one order everywhere"},
      {Class::once, "send the result instead"},
      {Class::lazy, "send its value instead"},
      {Class::once_map, "send its values instead, or use multiprocessing.Manager().dict"},
      {Class::thread_local_, "send its values instead"},
  };
  for (const Advice& advice : kAdvice)
    if (state.is_instance(self, advice.of)) return advice.text;
  return "between processes use a multiprocessing.RLock for each key";  // what a KeyedLock returns
}

}  // namespace

PyObject* refuse_reduce(PyObject* self, PyObject*) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (name)
    PyErr_Format(PyExc_TypeError,
                 "cannot pickle or copy '%U' object: it belongs to the threads of one process; %s", name.get(),
                 between_processes(self));
  return nullptr;
}

namespace {

ModuleState& state_in(PyObject* module) { return *static_cast<ModuleState*>(PyModule_GetState(module)); }

PyObject* pin_object(PyObject* module, PyObject* object) {
  const ModuleState& state = state_in(module);
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (!PyObject_TypeCheck(object, state.classes[i])) continue;
    if (!pin(object)) return nullptr;
    if (kPinsForever && i >= static_cast<std::size_t>(Class::lock)) note_immortal(object);
    if (i >= static_cast<std::size_t>(Class::lock) && !pin_enter_and_exit(object)) return nullptr;
    if (i == static_cast<std::size_t>(Class::rw_lock) && !pin_views(object)) return nullptr;
    return Py_NewRef(object);
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
                           RADDLE_JOIN_FUNCTIONS,
                           RADDLE_RECORDING_FUNCTIONS,
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

constexpr char kShutDownDoc[] = "Raised by put() and get() of a queue that has been shut down.";
constexpr char kErrorDoc[] = "What all of raddle's own exceptions are.";
constexpr char kDeadlockDoc[] =
    "Raised instead of a wait that could never end, because threads wait for each other.\n"
    "\n"
    "`cycle`: the threads, each with what it waits for, where it does, and what it\n"
    "holds; the first is the one that got the error. Empty where a thread would wait\n"
    "for itself alone. Nothing has been taken by the call that raises.";
constexpr char kOwnerDiedDoc[] =
    "Raised by the first acquire of a lock whose owner, a thread, has ended without\n"
    "releasing it. The lock is free then: the next acquire takes it.";

PyObject* make_exception(const char* name, const char* doc, PyObject* bases) {
  return PyErr_NewExceptionWithDoc(name, doc, bases, nullptr);
}

// The exceptions of the stdlib's queues, and our own.
int find_exceptions(PyObject* module) {
  ModuleState& state = state_in(module);
  const Ref queue(PyImport_ImportModule("queue"));
  if (!queue) return -1;
  state.empty = PyObject_GetAttrString(queue.get(), "Empty");
  state.full = PyObject_GetAttrString(queue.get(), "Full");
#if PY_VERSION_HEX >= 0x030D0000
  state.shut_down = PyObject_GetAttrString(queue.get(), "ShutDown");
#else
  state.shut_down = make_exception("raddle.queue.ShutDown", kShutDownDoc, nullptr);
#endif
  state.raddle_error = make_exception("raddle.RaddleError", kErrorDoc, nullptr);
  if (state.raddle_error == nullptr) return -1;
  const Ref bases(PyTuple_Pack(2, state.raddle_error, PyExc_RuntimeError));
  if (!bases) return -1;
  state.deadlock_error = make_exception("raddle.DeadlockError", kDeadlockDoc, bases.get());
  const Ref no_cycle(PyTuple_New(0));
  if (state.deadlock_error == nullptr || !no_cycle ||
      PyObject_SetAttrString(state.deadlock_error, "cycle", no_cycle.get()) < 0)
    return -1;
  state.owner_died_error = make_exception("raddle.OwnerDiedError", kOwnerDiedDoc, bases.get());
  // Import asks for more memory than a look at what is imported already.
  const Ref threading_name(PyUnicode_FromString("threading"));
  Ref threading(threading_name ? PyImport_GetModule(threading_name.get()) : nullptr);
  if (!threading && PyErr_Occurred() == nullptr) threading = Ref(PyImport_ImportModule("threading"));
  if (!threading) return -1;
  state.broken_barrier_error = PyObject_GetAttrString(threading.get(), "BrokenBarrierError");
  if (state.broken_barrier_error == nullptr) return -1;
  if (state.empty == nullptr || state.full == nullptr || state.shut_down == nullptr ||
      state.owner_died_error == nullptr)
    return -1;
  if (PyModule_AddObjectRef(module, "OwnerDiedError", state.owner_died_error) < 0) return -1;
  if (PyModule_AddObjectRef(module, "ShutDown", state.shut_down) < 0) return -1;
  if (PyModule_AddObjectRef(module, "RaddleError", state.raddle_error) < 0) return -1;
  return PyModule_AddObjectRef(module, "DeadlockError", state.deadlock_error);
}

// Null with an exception set.
PyTypeObject* make_class(PyObject* module, PyType_Spec* spec, PyObject* base = nullptr) {
  auto* type = reinterpret_cast<PyTypeObject*>(PyType_FromModuleAndSpec(module, spec, base));
  if (type != nullptr)
    pin_class(type);
  else if (PyErr_Occurred() == nullptr)
    PyErr_NoMemory();  // 3.14 forgets to say so at some allocations
  return type;
}

int execute(PyObject* module) {
  if (warn_of_old_interpreter() < 0) return -1;
  if (find_main_thread() < 0 || find_exceptions(module) < 0) return -1;
  ModuleState& state = state_in(module);
  state.attempt_class = make_class(module, &attempt_spec);
  if (state.attempt_class == nullptr) return -1;
  state.local_value_class = make_class(module, &local_value_spec);
  if (state.local_value_class == nullptr) return -1;
  state.key_guard = make_class(module, &key_guard_spec);
  if (state.key_guard == nullptr || bind_in_key_guards(state.key_guard) < 0) return -1;
  struct Entry {
    PyType_Spec* spec;
    std::optional<Class> base;
    bool is_entered = false;  // by `with`
  };
  const Entry entries[kClassCount] = {{&atomic_int_spec, {}},
                                      {&atomic_bool_spec, {}},
                                      {&atomic_float_spec, {}},
                                      {&atomic_ref_spec, {}},
                                      {&sharded_counter_spec, {}},
                                      {&queue_spec, {}},
                                      {&lifo_queue_spec, Class::queue},
                                      {&priority_queue_spec, Class::queue},
                                      {&simple_queue_spec, {}},
                                      {&lock_spec, {}, true},
                                      {&rlock_spec, {}, true},
                                      {&event_spec, {}},
                                      {&semaphore_spec, {}, true},
                                      {&bounded_semaphore_spec, Class::semaphore},
                                      {&condition_spec, {}, true},
                                      {&barrier_spec, {}},
                                      {&latch_spec, {}},
                                      {&rw_lock_spec, {}, true},
                                      {&rw_lock_view_spec, {}, true},
                                      {&rw_lock_upgradable_spec, {}},
                                      {&keyed_lock_spec, {}},
                                      {&lock_all_spec, {}, true},
                                      {&once_spec, {}},
                                      {&lazy_spec, {}},
                                      {&once_map_spec, {}},
                                      {&thread_local_spec, {}}};
  for (std::size_t i = 0; i < kClassCount; ++i) {
    const auto [spec, base, is_entered] = entries[i];
    auto* base_type = base ? reinterpret_cast<PyObject*>(state.classes[static_cast<std::size_t>(*base)]) : nullptr;
    PyTypeObject* type = make_class(module, spec, base_type);
    if (type == nullptr) return -1;
    state.classes[i] = type;
    if (is_entered && make_enter_and_exit_pinnable(type) < 0) return -1;
    if (PyModule_AddType(module, type) < 0) return -1;
  }
  if (add_checker(module) < 0) return -1;
  return PyModule_AddStringConstant(module, "counting_of_pinned", counting_of_pinned());
}

int traverse(PyObject* module, visitproc visit, void* arg) {
  ModuleState& state = state_in(module);
  for (PyTypeObject* type : state.classes) Py_VISIT(type);
  Py_VISIT(state.key_guard);
  Py_VISIT(state.attempt_class);
  Py_VISIT(state.local_value_class);
  for (PyObject* exception : {state.empty, state.full, state.shut_down, state.raddle_error, state.deadlock_error,
                              state.owner_died_error, state.broken_barrier_error})
    Py_VISIT(exception);
  return 0;
}

int clear(PyObject* module) {
  ModuleState& state = state_in(module);
  for (PyTypeObject*& type : state.classes) Py_CLEAR(type);
  Py_CLEAR(state.key_guard);
  Py_CLEAR(state.attempt_class);
  Py_CLEAR(state.local_value_class);
  for (PyObject** exception : {&state.empty, &state.full, &state.shut_down, &state.raddle_error,
                               &state.deadlock_error, &state.owner_died_error, &state.broken_barrier_error})
    Py_CLEAR(*exception);
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
