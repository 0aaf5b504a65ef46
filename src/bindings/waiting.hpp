// How threads of Python wait: detached, so that others run and the world can be stopped, and open to signals.
#pragma once

#include "python.hpp"
#include "raddle/base/deadline.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle::python {

// One wait of the calling thread. When the wait was interrupted, the handler's exception is set.
class DetachedWaiting final : public Waiting {
 public:
  DetachedWaiting() noexcept = default;

  // CPython 3.13 ends a daemon thread inside after_sleep() if the interpreter has shut down meanwhile, 3.14
  // stops it there for ever.
  void before_sleep() override { state_ = PyEval_SaveThread(); }
  void after_sleep() override { PyEval_RestoreThread(state_); }
  bool interrupted() override { return PyErr_CheckSignals() < 0; }
  std::int64_t patience() override;
  bool may_spin() override { return kFreeThreaded; }

 private:
  PyThreadState* state_ = nullptr;
};

// Finds out which thread is the main thread: the one that runs signal handlers. -1 with an exception set.
int find_main_thread();

// Reads a timeout in seconds, None for ever. False with an exception set: ValueError for a negative number and
// NaN, TypeError for what is no number.
bool read_timeout(PyObject* timeout, Deadline& deadline);

}  // namespace raddle::python
