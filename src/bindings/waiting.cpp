#include "waiting.hpp"

#include <pthread.h>

#include <cmath>

#include "raddle/base/atomic.hpp"

namespace raddle::python {

namespace {

constexpr std::int64_t kSlice = 50'000'000;  // nanoseconds
constexpr double kNanoseconds = 1e9;
constexpr double kLongest = 9e9;                  // seconds, about 285 years: waiting longer is waiting for ever
constexpr double kLongestOfLocks = 9223372036.0;  // seconds; threading.TIMEOUT_MAX

// As threading.get_ident() numbers threads. relaxed: a word on its own, written at the first import.
constinit atomic<unsigned long> main_thread{0};

void forking_thread_is_main() noexcept {
  if (main_thread.load(order::relaxed) != 0) main_thread.store(PyThread_get_thread_ident(), order::relaxed);
}

[[maybe_unused]] const int fork_hook_registered = pthread_atfork(nullptr, nullptr, forking_thread_is_main);

}  // namespace

bool is_finalizing() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

int find_main_thread() {
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) return 0;  // no signal handlers run elsewhere
  const Ref threading(PyImport_ImportModule("threading"));
  const Ref thread(threading ? PyObject_CallMethod(threading.get(), "main_thread", nullptr) : nullptr);
  const Ref ident(thread ? PyObject_GetAttrString(thread.get(), "ident") : nullptr);
  if (!ident) return -1;
  const unsigned long number = PyLong_AsUnsignedLong(ident.get());
  if (number == static_cast<unsigned long>(-1) && PyErr_Occurred() != nullptr) return -1;
  main_thread.store(number, order::relaxed);
  return 0;
}

// A signal does not always end a sleep: it can arrive just before, at another thread, or be made up by
// _thread.interrupt_main(). So the one thread that runs handlers looks from time to time; no other ever does.
std::int64_t DetachedWaiting::patience() {
  const bool runs_handlers = PyThread_get_thread_ident() == main_thread.load(order::relaxed) &&
                             PyInterpreterState_Get() == PyInterpreterState_Main();
  return runs_handlers ? kSlice : INT64_MAX;
}

// This wait has ended, but what it waits for is as it was: whoever is in the cycle waits for this thread.
bool DetachedWaiting::deadlocked(Deadlock& deadlock) {
  Deadlock::Link mine = deadlock.links().front();
  mine.ident = PyThread_get_thread_ident();
  mine.subject = retain_subject();
  const bool confirmed = deadlock.confirm(mine);
  if (confirmed) raise_deadlock(deadlock);
  for (Deadlock::Link& link : deadlock.links()) Py_CLEAR(reinterpret_cast<PyObject*&>(link.subject));
  return confirmed;
}

void raise_deadlock(Deadlock& deadlock) {
  const Ref links(PyList_New(0));
  if (!links) return;
  for (const Deadlock::Link& link : deadlock.links()) {
    auto* subject = static_cast<PyObject*>(link.subject);
    const Ref entry(Py_BuildValue("(KsO)", static_cast<unsigned long long>(link.ident), link.what,
                                  subject != nullptr ? subject : Py_None));
    if (!entry || PyList_Append(links.get(), entry.get()) < 0) return;
  }
  const Ref module(PyImport_ImportModule("raddle._deadlocks"));
  const Ref error(module ? PyObject_CallMethod(module.get(), "describe", "O", links.get()) : nullptr);
  if (error) PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.get())), error.get());
}

void raise_owner_died(PyObject* subject) {
  PyErr_Format(state_of(subject).owner_died_error,
               "a thread ended while it held %R: what it guards may be half-changed; the lock is free now",
               subject);
}

Deadline deadline_in(std::int64_t nanoseconds) {
  return nanoseconds <= 0 ? Deadline::passed() : Deadline::in(nanoseconds);
}

namespace {

enum class Negative : std::uint8_t { is_an_error, is_zero };

constexpr std::int64_t kForEver = INT64_MAX;

bool read_span(PyObject* timeout, Negative negative, std::int64_t& nanoseconds) {
  const double seconds = PyFloat_AsDouble(timeout);
  if (seconds == -1.0 && PyErr_Occurred() != nullptr) return false;
  if (std::isnan(seconds) || (seconds < 0.0 && negative == Negative::is_an_error)) {
    PyErr_SetString(PyExc_ValueError, "'timeout' must be a non-negative number");
    return false;
  }
  if (seconds > kLongest)
    nanoseconds = kForEver;
  else
    nanoseconds = seconds <= 0.0 ? 0 : static_cast<std::int64_t>(std::ceil(seconds * kNanoseconds));
  return true;
}

bool read_seconds(PyObject* timeout, Negative negative, Deadline& deadline) {
  std::int64_t span;
  if (!read_span(timeout, negative, span)) return false;
  deadline = deadline_in(span);
  return true;
}

bool read(PyObject* timeout, Negative negative, Deadline& deadline) {
  deadline = Deadline::never();
  return timeout == nullptr || timeout == Py_None || read_seconds(timeout, negative, deadline);
}

}  // namespace

bool read_timeout(PyObject* timeout, Deadline& deadline) { return read(timeout, Negative::is_an_error, deadline); }

bool read_time_limit(PyObject* timeout, std::int64_t& nanoseconds) {
  nanoseconds = kForEver;
  return timeout == nullptr || timeout == Py_None || read_span(timeout, Negative::is_an_error, nanoseconds);
}

bool read_lenient_timeout(PyObject* timeout, Deadline& deadline) {
  return read(timeout, Negative::is_zero, deadline);
}

bool read_lock_patience(PyObject* blocking, PyObject* timeout, Deadline& deadline) {
  const int may_wait = blocking == nullptr ? 1 : PyObject_IsTrue(blocking);
  if (may_wait < 0) return false;
  deadline = may_wait != 0 ? Deadline::never() : Deadline::passed();
  if (timeout == nullptr) return true;
  const double seconds = PyFloat_AsDouble(timeout);
  if (seconds == -1.0) return PyErr_Occurred() == nullptr;
  if (may_wait == 0) {
    PyErr_SetString(PyExc_ValueError, "can't specify a timeout for a non-blocking call");
    return false;
  }
  if (seconds < 0.0) {
    PyErr_SetString(PyExc_ValueError, "timeout value must be a non-negative number");
    return false;
  }
  if (seconds > kLongestOfLocks) {
    PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
    return false;
  }
  return read_seconds(timeout, Negative::is_an_error, deadline);
}

}  // namespace raddle::python
