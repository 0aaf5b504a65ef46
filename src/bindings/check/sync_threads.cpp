// See sync_threads.hpp. Every thread of Python begins in a function of `_thread` that is given what the thread
// will call. That is replaced by a carrier, which begins a logical thread after what the starter did until now,
// calls, and ends it.
//
// The logical thread ends before the interpreter's own end of the thread: values of threading.local end unwatched.
// What it did is put down in the Thread object first, so that whoever finds the thread ended finds it.
#include "sync_threads.hpp"

#include <cstdio>
#include <string_view>

#include "sync_around.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

using WithKeywords = PyObject* (*)(PyObject*, PyObject*, PyObject*);

// One per function: they are the process's.
struct Start {
  const char* name;
  int flags;
  PyMethodDef* method;
  PyCFunction plain;
  PyCFunction watched;
};

constinit atomic<bool> were_started{false};

// The arguments with the function replaced; null without an exception: to be called as they are.
PyObject* with_carrier(PyObject* args) {
  check::Engine* engine = engine_in_use();
  if (engine == nullptr || PyTuple_GET_SIZE(args) == 0 || !PyCallable_Check(PyTuple_GET_ITEM(args, 0)))
    return nullptr;
  check::Thread* thread = current_thread(*engine);
  if (thread == nullptr) return nullptr;
  Ref carrier(carry(*engine, *thread, PyTuple_GET_ITEM(args, 0), Carried::thread));
  Ref changed(carrier ? PyTuple_GetSlice(args, 0, PyTuple_GET_SIZE(args)) : nullptr);
  if (changed && changed.get() == args) {  // the very same tuple comes back: take a copy
    changed = Ref(PyTuple_New(PyTuple_GET_SIZE(args)));
    for (Py_ssize_t i = 0; changed && i < PyTuple_GET_SIZE(args); ++i)
      PyTuple_SET_ITEM(changed.get(), i, Py_NewRef(PyTuple_GET_ITEM(args, i)));
  }
  were_started.store(true, order::relaxed);     // relaxed: told to this thread, and by its start to the new one
  if (!changed) return PyErr_Clear(), nullptr;  // no memory: a thread that comes after nothing
  PyObject* const function = PyTuple_GET_ITEM(changed.get(), 0);
  PyTuple_SET_ITEM(changed.get(), 0, carrier.release());
  Py_DECREF(function);
  return changed.release();
}

template <int I>
PyObject* start_watched(PyObject* module, PyObject* args);
template <int I>
PyObject* start_watched_with_keywords(PyObject* module, PyObject* args, PyObject* keywords);

constinit Start starts[] = {
    {"start_new_thread", METH_VARARGS, nullptr, nullptr, start_watched<0>},
    {"start_new", METH_VARARGS, nullptr, nullptr, start_watched<1>},
    {"start_joinable_thread", METH_VARARGS | METH_KEYWORDS, nullptr, nullptr, nullptr},
};

template <int I>
PyObject* start_watched(PyObject* module, PyObject* args) {
  const Ref changed(with_carrier(args));
  return starts[I].plain(module, changed ? changed.get() : args);
}

template <int I>
PyObject* start_watched_with_keywords(PyObject* module, PyObject* args, PyObject* keywords) {
  const Ref changed(with_carrier(args));
  const auto plain = reinterpret_cast<WithKeywords>(reinterpret_cast<void (*)()>(starts[I].plain));
  return plain(module, changed ? changed.get() : args, keywords);
}

constinit PyObject* thread_class = nullptr;

// The Thread object whose bound method this is; null: another function.
PyObject* thread_object_of(PyObject* function) noexcept {
  if (!PyMethod_Check(function) || thread_class == nullptr) return nullptr;
  PyObject* self = PyMethod_GET_SELF(function);
  return PyObject_TypeCheck(self, reinterpret_cast<PyTypeObject*>(thread_class)) ? self : nullptr;
}

// From the dict, so that no property of a subclass runs. Empty without an exception.
Ref attribute_of(PyObject* object, const char* name) noexcept {
  const Ref dict(PyObject_GenericGetDict(object, nullptr));
  Ref value(dict ? Py_XNewRef(PyDict_GetItemString(dict.get(), name)) : nullptr);
  PyErr_Clear();
  return value;
}

check::Thread* begin(check::Engine& engine, PyObject* function, PyObject* object, const check::ClocksRef& from,
                     check::ThreadNumber creator, check::StackId created_at) noexcept {
  const KeepException kept;
  Ref name;
  if (object != nullptr) name = attribute_of(object, "_name");
  if (!name && PyFunction_Check(function))
    name = Ref(Py_NewRef(reinterpret_cast<PyFunctionObject*>(function)->func_qualname));
  const char* text = name && PyUnicode_CheckExact(name.get()) ? PyUnicode_AsUTF8(name.get()) : nullptr;
  PyErr_Clear();
  return engine.begin_thread(from.get(), text != nullptr ? text : "thread", creator, created_at);
}

constinit RawMutex ended_lock;
constinit check::Clocks* ended_threads = nullptr;  // a reference; under the lock
constinit const check::Engine* ended_engine = nullptr;

void note_ended(check::Engine& engine, check::Thread& thread, PyObject* object) noexcept {
  if (object == nullptr) return;
  const KeepException kept;
  const Ref token = token_of(object, nullptr, true);
  if (token) release_into(engine, thread, token_at(token.get()));
  const Ref daemon = attribute_of(object, "_daemonic");
  if (daemon.get() == Py_True) return;  // nobody waits for it
  ended_lock.lock();
  if (ended_engine != &engine) {
    check::ClocksRef::attach(ended_threads);
    ended_threads = nullptr;
    ended_engine = &engine;
  }
  check::ClocksRef all = check::ClocksRef::attach(ended_threads);
  engine.release_into(thread, all);
  ended_threads = all.detach();
  ended_lock.unlock();
}

}  // namespace

bool threads_were_started() noexcept { return were_started.load(order::relaxed); }  // relaxed: as above

void acquire_ended_threads(check::Engine& engine, check::Thread& thread) noexcept {
  ended_lock.lock();
  check::ClocksRef mine = check::ClocksRef::attach(ended_engine == &engine ? ended_threads : nullptr);
  check::ClocksRef all = mine;
  mine.detach();
  ended_lock.unlock();
  engine.acquire(thread, all);
}

PyObject* run_thread(PyObject* function, const check::ClocksRef& from, check::ThreadNumber creator,
                     check::StackId created_at, PyObject* const* args, std::size_t nargsf, PyObject* names) {
  check::Engine* engine = engine_in_use();
  PyObject* const object = thread_object_of(function);
  check::Thread* thread =
      engine != nullptr ? begin(*engine, function, object, from, creator, created_at) : nullptr;
  if (thread != nullptr) set_current_thread(*engine, thread);
  PyObject* const result = PyObject_Vectorcall(function, args, nargsf, names);
  if (thread == nullptr) return result;
  note_ended(*engine, *thread, object);
  set_current_thread(*engine, nullptr);  // what the interpreter still does in this thread is not told
  engine->end_thread(*thread);
  return result;
}

int watch_threads(PyObject* of_threading) {
  were_started.store(false, order::relaxed);  // relaxed: there is one thread
  starts[2].watched = as_method(start_watched_with_keywords<2>);
  const Ref module(PyImport_ImportModule("_thread"));
  if (!module) return -1;
  for (Start& start : starts) {
    const Ref function(PyObject_GetAttrString(module.get(), start.name));
    if (!function) {
      PyErr_Clear();  // came with 3.13
      continue;
    }
    PyMethodDef* method =
        PyCFunction_Check(function.get()) ? reinterpret_cast<PyCFunctionObject*>(function.get())->m_ml : nullptr;
    if (method == nullptr || (method->ml_flags & (METH_VARARGS | METH_KEYWORDS | METH_FASTCALL)) != start.flags) {
      PyErr_Format(PyExc_SystemError, "_thread.%s is not what it was in any known Python", start.name);
      return -1;
    }
    if (method->ml_meth == start.watched) continue;
    start.method = method;
    start.plain = method->ml_meth;
    __atomic_store_n(&method->ml_meth, start.watched, __ATOMIC_RELEASE);  // release: `plain` is there
  }
  Py_XSETREF(thread_class, Py_NewRef(of_threading));
  return 0;
}

void unwatch_threads() noexcept {
  for (const Start& start : starts)
    if (start.method != nullptr && start.method->ml_meth == start.watched)
      __atomic_store_n(&start.method->ml_meth, start.plain, __ATOMIC_RELEASE);  // release: as above
}

}  // namespace raddle::python
