// What queue objects do besides being called: creation, end, collection, subclasses.
#include <cmath>

#include "queues.hpp"

namespace raddle::python {

extern PyModuleDef module_definition;

bool read_maxsize(PyObject* object, std::int64_t& maxsize) {
  if (!PyFloat_Check(object)) {
    maxsize = PyNumber_AsSsize_t(object, nullptr);  // beyond what memory can hold is that
    return maxsize != -1 || PyErr_Occurred() == nullptr;
  }
  const double value = PyFloat_AS_DOUBLE(object);
  if (std::isnan(value)) {
    PyErr_SetString(PyExc_ValueError, "'maxsize' must be a number");
    return false;
  }
  constexpr double kUnreachable = 9e18;
  maxsize = value >= kUnreachable || value <= 0 ? 0 : static_cast<std::int64_t>(std::ceil(value));
  return true;
}

// The first __init__ configures the queue; a later one changes nothing.
int queue_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"maxsize", nullptr};
  PyObject* given = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:__init__", const_cast<char**>(names), &given)) return -1;
  std::int64_t maxsize = 0;
  if (given != nullptr && !read_maxsize(given, maxsize)) return -1;
  if (QueueObject::of(self).configure()) queue_of(self).set_maxsize(maxsize);
  return 0;
}

int simple_queue_init(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {nullptr};
  return PyArg_ParseTupleAndKeywords(args, kwargs, ":__init__", const_cast<char**>(names)) ? 0 : -1;
}

// Nobody else can call the queue any more, or only finalisers of its items can.
int queue_clear(PyObject* self) {
  queue_of(self).take_all([](void*, PyObject* item) { Py_DECREF(item); }, nullptr);
  return 0;
}

// A chain of queues in queues may be as long as memory: its end must not recurse once per link.
void queue_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  Py_TRASHCAN_BEGIN(self, queue_dealloc);
  queue_clear(self);
  QueueObject::dealloc(self);
  Py_TRASHCAN_END
}

int queue_traverse(PyObject* self, visitproc visit, void* arg) {
  struct Walk {
    visitproc visit;
    void* arg;
    int result = 0;
  } walk{visit, arg};
  const auto step = [](void* context, PyObject* item) {
    Walk& here = *static_cast<Walk*>(context);
    here.result = here.visit(item, here.arg);
    return here.result == 0;
  };
  queue_of(self).for_each_at_rest(step, &walk);
  return walk.result != 0 ? walk.result : traverse_class_only(self, visit, arg);
}

PyObject* queue_repr(PyObject* self) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (!name) return nullptr;
  PyQueue& queue = queue_of(self);
  return PyUnicode_FromFormat("<%U at %p: %zu items, maxsize %lld, %zu waiting to put, %zu to get%s>", name.get(),
                              static_cast<void*>(self), queue.size(), static_cast<long long>(queue.maxsize()),
                              queue.approx_waiting_producers(), queue.approx_waiting_consumers(),
                              queue.is_closed() ? ", shut down" : "");
}

PyObject* queue_init_subclass(PyObject* type, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  for (const char* hook : {"_init", "_put", "_get", "_qsize"}) {
    const Ref name(PyUnicode_InternFromString(hook));  // looking it up keeps it in a cache
    if (!name) return nullptr;
    const Ref found(PyObject_GetAttr(type, name.get()));
    if (found) {
      PyErr_Format(PyExc_TypeError,
                   "raddle's queues never call %U(): wrap a queue instead of overriding it, or use LifoQueue or "
                   "PriorityQueue",
                   name.get());
      return nullptr;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return nullptr;
    PyErr_Clear();
  }
  // The nearest class of raddle's among the bases defines this method: go on behind it.
  PyObject* module = PyType_GetModuleByDef(reinterpret_cast<PyTypeObject*>(type), &module_definition);
  const ModuleState& state = *static_cast<ModuleState*>(PyModule_GetState(module));
  auto* queue = reinterpret_cast<PyObject*>(state.classes[static_cast<std::size_t>(Class::queue)]);
  const Ref super(PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(&PySuper_Type), queue, type, nullptr));
  const Ref next(super ? PyObject_GetAttrString(super.get(), "__init_subclass__") : nullptr);
  return next ? PyObject_Vectorcall(next.get(), args, static_cast<std::size_t>(nargs), kwnames) : nullptr;
}

PyObject* queue_reduce(PyObject* self, PyObject*) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (name)
    PyErr_Format(
        PyExc_TypeError,
        "cannot pickle or copy '%U' object: it belongs to the threads of one process; between processes use "
        "multiprocessing.Queue",
        name.get());
  return nullptr;
}

PyObject* queue_refuse_attribute(PyObject*, void* advice) {
  PyErr_SetString(PyExc_AttributeError, static_cast<const char*>(advice));
  return nullptr;
}

}  // namespace raddle::python
