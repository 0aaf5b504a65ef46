// Recording what the observer table tells (raddle/diag/observers.hpp), for tests and for profiling.
#pragma once

#include "../python.hpp"

namespace raddle::python {

PyObject* start_recording(PyObject*, PyObject*);
PyObject* stop_recording(PyObject*, PyObject*);

#define RADDLE_RECORDING_FUNCTIONS                                                                             \
  {"_start_recording", ::raddle::python::start_recording, METH_NOARGS,                                         \
   "_start_recording($module, /)\n--\n\nRecord events of locks and waits in the whole process."},              \
      {"_stop_recording", ::raddle::python::stop_recording, METH_NOARGS,                                       \
       "_stop_recording($module, /)\n--\n\nEnd it; return (events, number of lost ones, places of locks). An " \
       "event: (what, kind, address, ident, nanoseconds, site or None); a place: see lock_places.hpp."}

}  // namespace raddle::python
