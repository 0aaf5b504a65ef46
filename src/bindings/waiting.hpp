// How threads of Python wait: detached, so that others run and the world can be stopped, and open to signals.
#pragma once

#include "python.hpp"
#include "raddle/base/deadline.hpp"
#include "raddle/sync/deadlock.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle::python {

// Is the interpreter ending? Then threads that re-attach are ended, or stopped for ever.
bool is_finalizing() noexcept;

// One wait of the calling thread. When the wait was interrupted, the handler's exception is set, or DeadlockError.
class DetachedWaiting final : public Waiting {
 public:
  DetachedWaiting() noexcept = default;
  // `subject`: the object that is waited for, as a DeadlockError shows it. The caller keeps it alive.
  explicit DetachedWaiting(PyObject* subject) noexcept : subject_(subject) {}

  // CPython 3.13 ends a daemon thread inside after_sleep() if the interpreter has shut down meanwhile, 3.14
  // stops it there for ever.
  void before_sleep() override { state_ = PyEval_SaveThread(); }
  void after_sleep() override { PyEval_RestoreThread(state_); }
  bool interrupted() override { return PyErr_CheckSignals() < 0; }
  std::int64_t patience() override;
  bool may_spin() override { return kFreeThreaded; }
  bool deadlocked(Deadlock& deadlock) override;
  void* retain_subject() override { return Py_XNewRef(subject_); }
  bool will_come_back() override { return !is_finalizing(); }

 private:
  PyObject* subject_ = nullptr;
  PyThreadState* state_ = nullptr;
};

// A wait that nothing interrupts, for what must be done before the caller may go on: signals are looked for later.
class UninterruptibleWaiting final : public Waiting {
 public:
  explicit UninterruptibleWaiting(PyObject* subject) noexcept : subject_(subject) {}

  void before_sleep() override { state_ = PyEval_SaveThread(); }
  void after_sleep() override { PyEval_RestoreThread(state_); }
  bool interrupted() override { return false; }
  std::int64_t patience() override { return INT64_MAX; }
  bool may_spin() override { return kFreeThreaded; }
  void* retain_subject() override { return Py_XNewRef(subject_); }
  bool will_come_back() override { return !is_finalizing(); }

 private:
  PyObject* subject_;
  PyThreadState* state_ = nullptr;
};

// Finds out which thread is the main thread: the one that runs signal handlers. -1 with an exception set.
int find_main_thread();

// Raises DeadlockError with what the standard tools see of these threads: see raddle._deadlocks.
void raise_deadlock(Deadlock& deadlock);

// Raises OwnerDiedError about this object.
void raise_owner_died(PyObject* subject);

// Reads a timeout in seconds, None for ever. False with an exception set: ValueError for a negative number and
// NaN, TypeError for what is no number.
bool read_timeout(PyObject* timeout, Deadline& deadline);

// The same for one that is read once and used later, with deadline_in(): in nanoseconds; INT64_MAX: for ever.
bool read_time_limit(PyObject* timeout, std::int64_t& nanoseconds);
Deadline deadline_in(std::int64_t nanoseconds);

// The same as read_timeout(), but a negative number is like 0, as the standard library has it for Event,
// Condition, Semaphore, Barrier and join. null: not given, for ever.
bool read_lenient_timeout(PyObject* timeout, Deadline& deadline);

// `blocking` and `timeout` of a lock's acquire() (null: not given), with the standard library's errors.
bool read_lock_patience(PyObject* blocking, PyObject* timeout, Deadline& deadline);

}  // namespace raddle::python
