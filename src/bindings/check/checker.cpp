// start() makes an engine and puts it to work; finish() takes it away. In between probes and patches tell it what
// happens. Only in the main interpreter: objects of others have addresses and ends of their own.
#include "checker.hpp"

#include <new>

#include "containers.hpp"
#include "findings.hpp"
#include "lifetimes.hpp"
#include "resolve.hpp"
#include "sync.hpp"
#include "telling.hpp"

namespace raddle::python {

namespace {

bool is_main_interpreter() { return PyInterpreterState_Get() == PyInterpreterState_Main(); }

bool require_main_interpreter() {
  if (is_main_interpreter()) return true;
  PyErr_SetString(PyExc_RuntimeError, "the checker works in the main interpreter only");
  return false;
}

// What has to be found out once. Kept for good: probes outlive a run.
int make_ready() {
  if (ready_probe_type() < 0 || ready_resolution() < 0 || ready_containers() < 0) return -1;
  return 0;
}

PyObject* start(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"memory", "strict", "on_finding", nullptr};
  Py_ssize_t memory = 0;
  int strict = 0;
  PyObject* on_finding = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$npO:start", const_cast<char**>(names), &memory, &strict,
                                   &on_finding))
    return nullptr;
  if (!require_main_interpreter()) return nullptr;
  if (memory < 0) return PyErr_SetString(PyExc_ValueError, "memory cannot be negative"), nullptr;
  if (on_finding != Py_None && !PyCallable_Check(on_finding))
    return PyErr_SetString(PyExc_TypeError, "on_finding cannot be called"), nullptr;
  if (engine_in_use() != nullptr)
    return PyErr_SetString(PyExc_RuntimeError, "a checker is at work already"), nullptr;
  if (make_ready() < 0 || ready_lifetimes() < 0) return nullptr;
  check::Options options;
  if (memory != 0) options.memory = static_cast<std::size_t>(memory);
  options.strict = strict != 0;
  if (set_on_finding(on_finding == Py_None ? nullptr : on_finding) < 0) return nullptr;
  auto* const engine = new (std::nothrow) check::Engine(options);
  if (engine == nullptr) return PyErr_NoMemory();
  watch_forks();
  detail::engine_in_use.store(engine, order::release);  // release, pairs with engine_in_use(): it is built
  Py_RETURN_NONE;
}

PyObject* describe_end(check::Engine& engine) {
  const std::vector<check::Finding> found = engine.finish();
  const Ref findings(PyList_New(0));
  for (const check::Finding& finding : found) {
    const Ref described(findings ? describe_finding(finding, nullptr) : nullptr);
    if (!described || PyList_Append(findings.get(), described.get()) < 0) return nullptr;
  }
  const Ref summary(describe_summary(engine.summary()));
  if (!findings || !summary) return nullptr;
  return Py_BuildValue("{sOsO}", "findings", findings.get(), "summary", summary.get());
}

// The engine stays where it is: another thread may be inside one of its calls.
PyObject* finish(PyObject*, PyObject*) {
  check::Engine* const engine = engine_in_use();
  if (engine == nullptr) return PyErr_SetString(PyExc_RuntimeError, "no checker is at work"), nullptr;
  detail::engine_in_use.store(nullptr, order::release);  // release: as in start()
  return describe_end(*engine);
}

PyObject* sites(PyObject* self, PyObject* args) {
  if (!require_main_interpreter() || make_ready() < 0) return nullptr;
  return make_sites(self, args);
}

PyObject* thread_off(PyObject*, PyObject*) {
  ++detail::this_checked_thread.off;
  Py_RETURN_NONE;
}

PyObject* thread_on(PyObject*, PyObject*) {
  if (detail::this_checked_thread.off == 0)
    return PyErr_SetString(PyExc_RuntimeError, "thread_on() without thread_off()"), nullptr;
  --detail::this_checked_thread.off;
  forget_left();
  Py_RETURN_NONE;
}

PyObject* is_running(PyObject*, PyObject*) { return PyBool_FromLong(engine_in_use() != nullptr); }

PyMethodDef functions[] = {
    {"start", as_method(start), METH_VARARGS | METH_KEYWORDS,
     "start($module, /, *, memory=0, strict=False, on_finding=None)\n--\n\n"
     "Begin to look. `memory`: bytes, 0 for the usual. `on_finding(dict)` is called by the thread that\n"
     "brought a finding up, or made it certain."},
    {"finish", finish, METH_NOARGS,
     "finish($module, /)\n--\n\nEnd it; return {\"findings\": [...], \"summary\": {...}} with the final counts."},
    {"sites", sites, METH_VARARGS,
     "sites($module, filename, module_globals, specs, /)\n--\n\n"
     "Make a probe for each specification; raddle.check._ops says what it consists of."},
    {"thread_off", thread_off, METH_NOARGS, "thread_off($module, /)\n--\n\nTell nothing of this thread."},
    {"thread_on", thread_on, METH_NOARGS, "thread_on($module, /)\n--\n\nUndo one thread_off()."},
    {"is_running", is_running, METH_NOARGS, "is_running($module, /)\n--\n\nIs a checker at work?"},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

int add_checker(PyObject* module) {
  const Ref checker(PyModule_New("raddle._raddle.checker"));
  if (!checker || PyModule_AddFunctions(checker.get(), functions) < 0) return -1;
#if defined(Py_GIL_DISABLED)
  if (PyUnstable_Module_SetGIL(checker.get(), Py_MOD_GIL_NOT_USED) < 0) return -1;
#endif
  if (is_main_interpreter() && add_sync(checker.get()) < 0) return -1;
  return PyModule_AddObjectRef(module, "checker", checker.get());
}

}  // namespace raddle::python
