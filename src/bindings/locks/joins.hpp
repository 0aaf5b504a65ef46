// Functions of the module for joins that deadlock detection sees.
#pragma once

#include "../python.hpp"

namespace raddle::python {

PyObject* thread_id(PyObject*, PyObject*);
PyObject* find_thread_id(PyObject*, PyObject* ident);
PyObject* wait_for_end(PyObject*, PyObject* const* args, Py_ssize_t nargs);

#define RADDLE_JOIN_FUNCTIONS                                                                                     \
  {"_thread_id", ::raddle::python::thread_id, METH_NOARGS,                                                        \
   "_thread_id($module, /)\n--\n\nReturn the number that raddle has for the calling thread, never used twice."},  \
      {"_find_thread_id", ::raddle::python::find_thread_id, METH_O,                                               \
       "_find_thread_id($module, ident, /)\n--\n\nReturn the number of the live thread of that ident; 0: none."}, \
      {"_wait_for_end", ::raddle::python::as_method(::raddle::python::wait_for_end), METH_FASTCALL,               \
       "_wait_for_end($module, thread_id, timeout, subject, /)\n--\n\nWait until that thread has ended; return "  \
       "whether it is known to have."}

}  // namespace raddle::python
