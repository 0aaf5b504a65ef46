// The values that threads have in one ThreadLocal: those of threads that live, in a list of theirs, and what is
// left of those that ended.
//
// A thread's value lives in an object of its own (LocalValue), which only that thread refers to, through a
// threading.local: so it ends with the thread, in the ending thread (or, in the child of a fork, in the thread
// that forked, for all that are gone), or with the ThreadLocal. Its end moves the value, in one step, from the
// list of the living to that of the ended. There values are combined two at a time, and the two are replaced by
// what came out in one step again: whoever looks sees each value once, whole or combined, never none and never
// twice.
//
// The lock is held for a few steps that run no code of Python and in which no thread can be stopped. combine(),
// fn() and finalisers run outside it. Nothing waits.
#pragma once

#include "../object.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace raddle::python {

struct LocalValueObject;

// Counted: by the ThreadLocal and by each LocalValue.
class LocalValues {
 public:
  struct Pair {
    PyObject* thread;  // null: of a thread that ended
    PyObject* value;
  };

  // Null with MemoryError set.
  static LocalValues* make();
  LocalValues* share() noexcept;
  void release() noexcept;

  // By the first __init__: what combines values of ended threads. Without it they are dropped.
  void set_combine(PyObject* combine) noexcept;

  // The values of threads that end from now on are dropped, and those of ended ones: the ThreadLocal ends.
  void close();
  void stop() noexcept { set_open(false); }
  void go_on() noexcept { set_open(true); }

  // Links a new value; unlink_ended() undoes it, moves the value to the ended, and combines what can be combined.
  void link(LocalValueObject& object) noexcept;
  void unlink_ended(LocalValueObject& object);
  // Puts another one in its place; returns the old one.
  PyObject* exchange(LocalValueObject& object, PyObject* value) noexcept;

  // New references on all values as of one instant, those of ended threads first, where wanted. Returns their
  // number, and null or memory to be freed by PyMem_RawFree(). -1 with MemoryError set.
  Py_ssize_t snapshot(bool with_ended, Pair*& pairs);

  int traverse(visitproc visit, void* arg);

 private:
  struct Ended {
    Ended* next;
    PyObject* value;
    bool is_busy;  // one thread is combining it
  };
  friend struct LocalValueObject;
  friend PyObject* make_local_value(PyTypeObject* type, PyObject* value);

  void set_open(bool open) noexcept;
  void combine_ended();
  // Under the lock: the two oldest that nobody combines, marked as busy.
  bool take_two(Ended*& older, Ended*& newer) noexcept;
  // Under the lock.
  void remove(Ended* node) noexcept;
  Py_ssize_t count(bool with_ended) const noexcept;
  void fill(bool with_ended, Pair* pairs) const noexcept;

  RawMutex mutex_;
  atomic<std::size_t> references_{1};
  // Guarded by the mutex:
  bool is_open_ = true;
  PyObject* combine_ = nullptr;
  LocalValueObject* first_ = nullptr;
  LocalValueObject* last_ = nullptr;
  Ended* ended_ = nullptr;  // the newest first
};

// One thread's value in one ThreadLocal.
struct LocalValueObject {
  PyObject_HEAD PyObject* value;
  PyObject* thread;  // its threading.Thread
  LocalValues* values;
  LocalValues::Ended* node;  // for its end, which must not want for memory
  LocalValueObject* previous;
  LocalValueObject* next;
};

// The calling thread's, not linked yet; counts `value`. Null with an exception set.
PyObject* make_local_value(PyTypeObject* type, PyObject* value);
inline LocalValueObject& local_value_in(PyObject* object) noexcept {
  return *reinterpret_cast<LocalValueObject*>(object);
}

}  // namespace raddle::python
