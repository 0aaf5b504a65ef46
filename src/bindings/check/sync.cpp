// What raddle.check._sync finds in the object `checker`: watching, and telling by hand.
//
//   sync_watch(function_or_class, name or None, behaviour)   a function or method written in C, in place
//   sync_watch_locks(lock, rlock)      their ends, and what tells their state
//   sync_watch_ends(class)             the ends of objects of a class written in C
//   sync_watch_operators(class)        of atomics, and the iteration of queues
//   sync_watch_threads(Thread)         threads that are started
//   sync_watch_local(local)            threading.local
//   sync_watch_import(function)        takes the place of builtins.__import__ when that matters
//   sync_silence(lock)                 nothing is told of this lock any more
//   sync_unwatch()                     all of the above, undone
//   around(function, behaviour, ...)   a function written in Python: see sync_around.hpp
//   Token()                            release(), acquire()
//   thread_begin(token, name), thread_end() -> Token, task_begin(token, name), task_end() -> Token
#include "sync.hpp"

#include <iterator>
#include <string_view>

#include "sync_around.hpp"
#include "sync_locks.hpp"
#include "sync_patch.hpp"
#include "sync_slots.hpp"
#include "sync_tasks.hpp"
#include "sync_threads.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

const Behaviour* find_behaviour(const char* name) noexcept {
  for (const Behaviour* list : {lock_behaviours, token_behaviours, element_behaviours, future_behaviours,
                                task_behaviours, raddle_behaviours, import_behaviours, permit_behaviours})
    for (const Behaviour* each = list; each->name != nullptr; ++each)
      if (std::string_view(each->name) == name) return each;
  return nullptr;
}

namespace {

PyObject* watch(PyObject*, PyObject* args) {
  PyObject* object;
  const char *name, *behaviour_name;
  if (!PyArg_ParseTuple(args, "Ozs:sync_watch", &object, &name, &behaviour_name)) return nullptr;
  const Behaviour* behaviour = find_behaviour(behaviour_name);
  if (behaviour == nullptr || (name != nullptr && !PyType_Check(object)))
    return PyErr_Format(PyExc_ValueError, "cannot watch %R as %s", object, behaviour_name);
  const bool done = name != nullptr ? watch_method(reinterpret_cast<PyTypeObject*>(object), name, *behaviour)
                                    : watch_function(object, *behaviour);
  if (!done) return nullptr;
  Py_RETURN_NONE;
}

PyObject* watch_locks(PyObject*, PyObject* args) {
  PyTypeObject *lock, *rlock;
  if (!PyArg_ParseTuple(args, "O!O!:sync_watch_locks", &PyType_Type, &lock, &PyType_Type, &rlock)) return nullptr;
  if (!watch_stdlib_locks(lock, rlock)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* watch_class_ends(PyObject*, PyObject* type) {
  if (!PyType_Check(type)) return PyErr_Format(PyExc_TypeError, "%R is not a class", type);
  if (!watch_lock_ends(reinterpret_cast<PyTypeObject*>(type))) return nullptr;
  Py_RETURN_NONE;
}

PyObject* watch_operators(PyObject*, PyObject* type) {
  if (!PyType_Check(type)) return PyErr_Format(PyExc_TypeError, "%R is not a class", type);
  if (!watch_slots(reinterpret_cast<PyTypeObject*>(type))) return nullptr;
  Py_RETURN_NONE;
}

PyObject* watch_thread_class(PyObject*, PyObject* type) {
  if (!PyType_Check(type)) return PyErr_Format(PyExc_TypeError, "%R is not a class", type);
  if (watch_threads(type) < 0) return nullptr;
  Py_RETURN_NONE;
}

PyObject* watch_local_class(PyObject*, PyObject* type) {
  if (!PyType_Check(type)) return PyErr_Format(PyExc_TypeError, "%R is not a class", type);
  if (watch_local(reinterpret_cast<PyTypeObject*>(type)) < 0) return nullptr;
  Py_RETURN_NONE;
}

PyObject* watch_import(PyObject*, PyObject* function) {
  watch_import_later(function);
  Py_RETURN_NONE;
}

PyObject* silence(PyObject*, PyObject* lock) { return PyBool_FromLong(silence_lock(lock)); }

PyObject* unwatch(PyObject*, PyObject*) {
  unwatch_all();
  unwatch_lock_ends();
  unwatch_threads();
  unwatch_local();
  unwatch_slots();
  watch_import_later(nullptr);
  Py_RETURN_NONE;
}

// --- By hand. ---

struct Told {
  PyObject* token = nullptr;  // a Token, or null for None
  std::string_view name;
};

bool read_told(PyObject* args, Told& told) {
  PyObject* token;
  const char* name;
  Py_ssize_t length;
  if (!PyArg_ParseTuple(args, "Os#", &token, &name, &length)) return false;
  if (token != Py_None && !is_token(token))
    return PyErr_SetString(PyExc_TypeError, "the first argument is a Token, or None for after nothing"), false;
  told = {token != Py_None ? token : nullptr, {name, static_cast<std::size_t>(length)}};
  return true;
}

// Nested ones are not for this: the logical thread that a begun one stands in for.
constinit thread_local Call told_task{};

PyObject* give(check::ClocksRef clocks) {
  PyObject* token = make_token();
  if (token != nullptr) token_at(token).place.clocks = std::move(clocks);
  return token;
}

PyObject* thread_begin(PyObject*, PyObject* args) {
  Told told;
  if (!read_told(args, told)) return nullptr;
  check::Engine* engine = engine_in_use();
  if (engine == nullptr) Py_RETURN_NONE;
  const check::ClocksRef from = told.token != nullptr ? clocks_in(token_at(told.token)) : check::ClocksRef();
  check::Thread* thread = engine->begin_thread(from.get(), told.name);
  if (thread != nullptr) set_current_thread(*engine, thread);
  Py_RETURN_NONE;
}

PyObject* thread_end(PyObject*, PyObject*) {
  check::Engine* engine = engine_in_use();
  check::Thread* thread = engine != nullptr ? current_thread(*engine) : nullptr;
  if (thread == nullptr) return give({});
  set_current_thread(*engine, nullptr);
  return give(engine->end_thread(*thread));
}

PyObject* task_begin(PyObject*, PyObject* args) {
  Told told;
  if (!read_told(args, told)) return nullptr;
  check::Engine* engine = engine_in_use();
  check::Thread* thread = engine != nullptr ? current_thread(*engine) : nullptr;
  if (thread == nullptr || told_task.word != 0) Py_RETURN_NONE;
  const check::ClocksRef from = told.token != nullptr ? clocks_in(token_at(told.token)) : check::ClocksRef();
  begin_task(*engine, from.get(), told.name, thread->number(), capture_stack(), told_task);
  Py_RETURN_NONE;
}

PyObject* task_end(PyObject*, PyObject*) {
  check::Engine* engine = engine_in_use();
  if (engine == nullptr || told_task.word == 0) return give({});
  check::ClocksRef done = end_task(*engine, told_task);
  told_task = {};
  return give(std::move(done));
}

PyMethodDef functions[] = {
    {"sync_watch", watch, METH_VARARGS, nullptr},
    {"sync_watch_locks", watch_locks, METH_VARARGS, nullptr},
    {"sync_watch_ends", watch_class_ends, METH_O, nullptr},
    {"sync_watch_operators", watch_operators, METH_O, nullptr},
    {"sync_watch_import", watch_import, METH_O, nullptr},
    {"sync_watch_threads", watch_thread_class, METH_O, nullptr},
    {"sync_watch_local", watch_local_class, METH_O, nullptr},
    {"sync_silence", silence, METH_O, nullptr},
    {"sync_unwatch", unwatch, METH_NOARGS, nullptr},
    {"thread_begin", thread_begin, METH_VARARGS,
     "thread_begin($self, token, name, /)\n--\n\nThe calling thread is a new logical thread, after the token."},
    {"thread_end", thread_end, METH_NOARGS,
     "thread_end($self, /)\n--\n\nThe logical thread is over; return a token of what it did."},
    {"task_begin", task_begin, METH_VARARGS,
     "task_begin($self, token, name, /)\n--\n\nA logical thread of its own takes the calling one's place."},
    {"task_end", task_end, METH_NOARGS,
     "task_end($self, /)\n--\n\nEnd what task_begin() began; return a token of what it did."},
};

}  // namespace

int add_sync(PyObject* checker) {
  // What is watched, and the classes of ours, belong to the process: one interpreter may have them.
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) return 0;
  if (add_tokens(checker) < 0 || add_around(checker) < 0) return -1;
  for (PyMethodDef& each : functions) {
    const Ref function(PyCFunction_New(&each, nullptr));
    if (!function || PyObject_SetAttrString(checker, each.ml_name, function.get()) < 0) return -1;
  }
  return 0;
}

}  // namespace raddle::python
