// What Thread.join() and the watching of joins need from the core: see python/raddle/_threads.py.
#include "joins.hpp"

#include "../waiting.hpp"
#include "raddle/sync/thread_end.hpp"

namespace raddle::python {

PyObject* thread_id(PyObject*, PyObject*) { return PyLong_FromUnsignedLongLong(this_thread_id()); }

PyObject* find_thread_id(PyObject*, PyObject* ident) {
  const unsigned long long number = PyLong_AsUnsignedLongLong(ident);
  if (number == static_cast<unsigned long long>(-1) && PyErr_Occurred() != nullptr) return nullptr;
  return PyLong_FromUnsignedLongLong(find_thread(number));
}

// The time limit passed is no more than False: the caller looks by itself whether the thread has ended.
PyObject* wait_for_end(PyObject*, PyObject* const* args, Py_ssize_t nargs) {
  if (nargs != 3) {
    PyErr_SetString(PyExc_TypeError, "_wait_for_end() takes 3 arguments");
    return nullptr;
  }
  const ThreadId id = PyLong_AsUnsignedLongLong(args[0]);
  if (id == static_cast<ThreadId>(-1) && PyErr_Occurred() != nullptr) return nullptr;
  Deadline deadline = Deadline::never();
  if (!read_lenient_timeout(args[1], deadline)) return nullptr;
  DetachedWaiting waiting(args[2]);
  const ThreadEnd end(id);
  switch (end.wait(deadline, waiting)) {
    case ThreadEndOutcome::ended:
      Py_RETURN_TRUE;
    case ThreadEndOutcome::timed_out:
    case ThreadEndOutcome::unknown:
      Py_RETURN_FALSE;
    case ThreadEndOutcome::interrupted:  // the exception is set
      return nullptr;
  }
  Py_UNREACHABLE();
}

}  // namespace raddle::python
