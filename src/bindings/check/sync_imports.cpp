// Behaviours of importlib: a module's body is before whoever imports the module and finds it there.
//
// What was imported before the first thread was started needs no telling: the start orders it. Only for modules
// that are loaded later clocks are kept, by their spec, and `__import__`, which finds most modules without a lock,
// is watched.
#include "sync_threads.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

constinit PyObject* watched_import = nullptr;  // what takes the place of builtins.__import__

// The spec of a module, from its own dict; empty without an exception.
Ref spec_of(PyObject* module) noexcept {
  if (!PyModule_Check(module)) return Ref();
  const Ref spec(Py_XNewRef(PyDict_GetItemString(PyModule_GetDict(module), "__spec__")));
  if (!spec) PyErr_Clear();
  return spec && spec.get() != Py_None ? Ref(Py_NewRef(spec.get())) : Ref();
}

void acquire_module(check::Engine& engine, check::Thread& thread, PyObject* module) noexcept {
  const Ref spec = module != nullptr ? spec_of(module) : Ref();
  const Ref token = spec ? token_of(spec.get(), nullptr, false) : Ref();
  if (token) acquire_from(engine, thread, token_at(token.get()));
}

// From sys.modules; null if it is not there. PyImport_GetModule would wait for a module that is being loaded,
// which calls _lock_unlock_module, and so this file again, without end where this thread loads it.
Ref module_named(PyObject* name) noexcept {
  PyObject* const modules = PyImport_GetModuleDict();
  Ref module(PyDict_CheckExact(modules) ? Py_XNewRef(PyDict_GetItemWithError(modules, name)) : nullptr);
  PyErr_Clear();
  return module;
}

// _load_unlocked(spec)
void loaded(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr || !threads_were_started()) return;
  const Ref token = token_of(call.self, nullptr, true);
  if (!token) return;
  release_into(engine, thread, token_at(token.get()));
  if (watched_import == nullptr) return;
  const Ref builtins(PyImport_ImportModule("builtins"));
  if (!builtins || PyObject_SetAttrString(builtins.get(), "__import__", watched_import) < 0) PyErr_Clear();
  Py_CLEAR(watched_import);
}

// _find_and_load(name, import_): the module itself.
void found(check::Engine& engine, check::Thread& thread, Call&, PyObject* result) noexcept {
  if (result != nullptr && threads_were_started()) acquire_module(engine, thread, result);
}

// _lock_unlock_module(name): another thread has loaded it meanwhile.
void waited_for(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr || !PyUnicode_CheckExact(call.self)) return;
  const Ref module = module_named(call.self);
  if (module) acquire_module(engine, thread, module.get());
}

// __import__(name, globals, locals, fromlist, level): the module, and those below it that are asked for; without
// a fromlist the topmost one, and all on the way to the last.
void imported(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr) return;
  acquire_module(engine, thread, result);
  PyObject* names = call.arg_count > 3 ? call.args[3] : Py_None;
  if (PyTuple_CheckExact(names) && PyTuple_GET_SIZE(names) != 0) {
    if (!PyModule_Check(result)) return;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) {
      const Ref below(Py_XNewRef(PyDict_GetItemWithError(PyModule_GetDict(result), PyTuple_GET_ITEM(names, i))));
      if (below) acquire_module(engine, thread, below.get());
      PyErr_Clear();
    }
    return;
  }
  if (!PyUnicode_CheckExact(call.self) || PyUnicode_FindChar(call.self, '.', 0, PY_SSIZE_T_MAX, 1) < 0) return;
  const Ref last = module_named(call.self);
  if (last) acquire_module(engine, thread, last.get());
}

}  // namespace

void watch_import_later(PyObject* import_function) noexcept {
  Py_XSETREF(watched_import, Py_XNewRef(import_function));
}

const Behaviour import_behaviours[] = {
    {"module_loaded", nullptr, loaded},
    {"module_found", nullptr, found},
    {"module_waited_for", nullptr, waited_for},
    {"imported", nullptr, imported},
    {nullptr, nullptr, nullptr},
};

}  // namespace raddle::python
