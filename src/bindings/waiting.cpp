#include "waiting.hpp"

#include <pthread.h>

#include <cmath>

#include "raddle/base/atomic.hpp"

namespace raddle::python {

namespace {

constexpr std::int64_t kSlice = 50'000'000;  // nanoseconds
constexpr double kNanoseconds = 1e9;
constexpr double kLongest = 9e9;  // seconds, about 285 years: waiting longer is waiting for ever

// As threading.get_ident() numbers threads. relaxed: a word on its own, written at the first import.
constinit atomic<unsigned long> main_thread{0};

void forking_thread_is_main() noexcept {
  if (main_thread.load(order::relaxed) != 0) main_thread.store(PyThread_get_thread_ident(), order::relaxed);
}

[[maybe_unused]] const int fork_hook_registered = pthread_atfork(nullptr, nullptr, forking_thread_is_main);

}  // namespace

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

bool read_timeout(PyObject* timeout, Deadline& deadline) {
  if (timeout == Py_None) {
    deadline = Deadline::never();
    return true;
  }
  const double seconds = PyFloat_AsDouble(timeout);
  if (seconds == -1.0 && PyErr_Occurred() != nullptr) return false;
  if (!(seconds >= 0.0)) {
    PyErr_SetString(PyExc_ValueError, "'timeout' must be a non-negative number");
    return false;
  }
  if (seconds > kLongest)
    deadline = Deadline::never();
  else if (seconds == 0.0)
    deadline = Deadline::passed();
  else
    deadline = Deadline::in(static_cast<std::int64_t>(std::ceil(seconds * kNanoseconds)));
  return true;
}

}  // namespace raddle::python
