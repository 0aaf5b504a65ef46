#include "attempt.hpp"

#include <new>

#include "../locks/lock_object.hpp"

namespace raddle::python {

namespace {

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(attempt_in(self).outcome);
  return traverse_class_only(self, visit, arg);
}

// Cycles through an attempt are broken at the object that keeps it.
void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(attempt_in(self).outcome);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot slots[] = {{Py_tp_dealloc, as_slot(dealloc)}, {Py_tp_traverse, as_slot(traverse)}, {0, nullptr}};

PyObject* call_failures(const char* function, PyObject* argument) {
  const Ref module(PyImport_ImportModule("raddle._failures"));
  return module ? PyObject_CallMethod(module.get(), function, "(O)", argument) : nullptr;
}

}  // namespace

PyType_Spec attempt_spec = {"raddle._raddle.Attempt", sizeof(AttemptObject), 0, kClassFlagsOfParts, slots};

PyObject* new_attempt(PyTypeObject* attempt_class) {
  PyObject* self = attempt_class->tp_alloc(attempt_class, 0);
  if (self != nullptr) ::new (static_cast<void*>(&attempt_in(self).attempt)) Attempt;
  return self;
}

#if PY_VERSION_HEX >= 0x030C0000

PyObject* take_exception() { return PyErr_GetRaisedException(); }
void put_back(PyObject* exception) { PyErr_SetRaisedException(exception); }

#else

PyObject* take_exception() {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback != nullptr) PyException_SetTraceback(value, traceback);
  Py_XDECREF(type);
  Py_XDECREF(traceback);
  return value;
}
void put_back(PyObject* exception) {
  PyErr_Restore(Py_NewRef(reinterpret_cast<PyObject*>(Py_TYPE(exception))), exception,
                PyException_GetTraceback(exception));
}

#endif

void end_in_failure(PyObject* object) {
  AttemptObject& self = attempt_in(object);
  PyObject* exception = take_exception();
  if (PyErr_GivenExceptionMatches(exception, PyExc_Exception) == 0) {
    self.attempt.end(Attempt::State::given_up);  // it is this thread's alone: a waiter takes over
  } else if (!self.attempt.end_in_failure()) {
    self.outcome = call_failures("record", exception);
    self.attempt.end(self.outcome != nullptr ? Attempt::State::failed : Attempt::State::given_up);
    if (self.outcome == nullptr) {
      PyObject* another = take_exception();
      if (PyErr_GivenExceptionMatches(another, PyExc_Exception) != 0) {
        Py_DECREF(another);  // it could not be recorded: who waited runs the factory itself
      } else {
        PyException_SetContext(another, exception);
        exception = another;
      }
    }
  }
  put_back(exception);
}

void raise_failure(PyObject* attempt) {
  PyObject* exception = call_failures("copy_for_this_thread", attempt_in(attempt).outcome);
  if (exception != nullptr) put_back(exception);
}

void raise_recursion(PyObject* self, PyObject* subject) {
  PyErr_Format(state_of(self).deadlock_error,
               "the factory needs its own result: it has asked for it in the thread that runs it: %R", subject);
}

void raise_unconfigured(PyObject* self) {
  const Ref name(PyType_GetName(Py_TYPE(self)));
  if (name) PyErr_Format(PyExc_RuntimeError, "%U.__init__() was not called: there is no factory", name.get());
}

bool is_alone() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

bool is_under_way(const Attempt& attempt) noexcept {
  const ThreadId runner = attempt.runner();
  return runner != kNoThread && !has_vanished(runner) && !has_ended(runner);
}

PyObject* describe_attempt(const Attempt& attempt) {
  return describe_owner(attempt.runner(), attempt.approx_waiting());
}

}  // namespace raddle::python
