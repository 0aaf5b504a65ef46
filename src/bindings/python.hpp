// The thin layer between raddle and the C API of CPython: owned references, argument reading, module state.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace raddle::python {

#ifdef Py_GIL_DISABLED
inline constexpr bool kFreeThreaded = true;
#else
inline constexpr bool kFreeThreaded = false;
#endif

// An owned reference. Its destruction may run any Python code.
class Ref {
 public:
  Ref() noexcept = default;
  explicit Ref(PyObject* owned) noexcept : object_(owned) {}
  Ref(Ref&& other) noexcept : object_(other.release()) {}
  Ref& operator=(Ref&& other) noexcept {
    PyObject* old = std::exchange(object_, other.release());
    Py_XDECREF(old);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  PyObject* get() const noexcept { return object_; }
  PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// The classes of the module, in the order in which they are made.
enum class Class : std::size_t {
  atomic_int,
  atomic_bool,
  atomic_float,
  atomic_ref,
  sharded_counter,
  queue,
  lifo_queue,
  priority_queue,
  simple_queue,
  lock,
  rlock,
  event,
  semaphore,
  bounded_semaphore,
  condition,
  barrier,
  latch,
  rw_lock,
  rw_lock_view,
  rw_lock_upgradable,
  keyed_lock,
  lock_all,
  once,
  lazy,
  once_map,
  thread_local_,
};
inline constexpr std::size_t kClassCount = static_cast<std::size_t>(Class::thread_local_) + 1;

extern PyType_Spec atomic_int_spec;
extern PyType_Spec atomic_bool_spec;
extern PyType_Spec atomic_float_spec;
extern PyType_Spec atomic_ref_spec;
extern PyType_Spec sharded_counter_spec;
extern PyType_Spec queue_spec;
extern PyType_Spec lifo_queue_spec;
extern PyType_Spec priority_queue_spec;
extern PyType_Spec simple_queue_spec;
extern PyType_Spec lock_spec;
extern PyType_Spec rlock_spec;
extern PyType_Spec event_spec;
extern PyType_Spec semaphore_spec;
extern PyType_Spec bounded_semaphore_spec;
extern PyType_Spec condition_spec;
extern PyType_Spec barrier_spec;
extern PyType_Spec latch_spec;
extern PyType_Spec rw_lock_spec;
extern PyType_Spec rw_lock_view_spec;
extern PyType_Spec rw_lock_upgradable_spec;
extern PyType_Spec keyed_lock_spec;
extern PyType_Spec lock_all_spec;
extern PyType_Spec once_spec;
extern PyType_Spec lazy_spec;
extern PyType_Spec once_map_spec;
extern PyType_Spec thread_local_spec;
// Not public: what objects of those are made of.
extern PyType_Spec key_guard_spec;
extern PyType_Spec attempt_spec;
extern PyType_Spec local_value_spec;

// One per interpreter that imports the module. Written only while the module is made.
struct ModuleState {
  PyTypeObject* classes[kClassCount];
  PyTypeObject* key_guard;  // not public: what a KeyedLock returns when it is called
  PyObject* empty;          // queue.Empty
  PyObject* full;           // queue.Full
  PyObject* shut_down;      // queue.ShutDown, or our own before Python 3.13
  PyObject* raddle_error;
  PyObject* deadlock_error;
  PyObject* owner_died_error;
  PyObject* broken_barrier_error;   // threading.BrokenBarrierError
  PyTypeObject* attempt_class;      // internal, of once, Lazy and OnceMap
  PyTypeObject* local_value_class;  // internal, of ThreadLocal

  bool is_instance(PyObject* object, Class which) const noexcept {
    return PyObject_TypeCheck(object, classes[static_cast<std::size_t>(which)]) != 0;
  }
};

// The state of the module that made this object's class. The object must be an instance of a raddle class.
ModuleState& state_of(PyObject* raddle_object);

// False with TypeError set.
bool is_callable(PyObject* object);

// What a method takes: names in order, of which the first `required` must be given.
template <Py_ssize_t N>
struct Parameters {
  const char* method;
  const char* names[static_cast<std::size_t>(N)];
  Py_ssize_t required;
};

// Fills `values` (borrowed; null where not given) from a vectorcall. False with TypeError set.
bool read_arguments(const char* method, const char* const* names, Py_ssize_t count, Py_ssize_t required,
                    PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, PyObject** values);

template <Py_ssize_t N>
bool read_arguments(const Parameters<N>& parameters, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                    PyObject** values) {
  return read_arguments(parameters.method, parameters.names, N, parameters.required, args, nargs, kwnames, values);
}

// The method table wants every kind of method as a PyCFunction.
template <class Function>
PyCFunction as_method(Function* function) noexcept {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

// The slot table wants every function as a void*.
template <class Function>
void* as_slot(Function* function) noexcept {
  return reinterpret_cast<void*>(function);
}

inline constexpr int kFastCall = METH_FASTCALL | METH_KEYWORDS;

}  // namespace raddle::python
