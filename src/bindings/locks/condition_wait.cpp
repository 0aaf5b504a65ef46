// What waiting on a Condition is made of, with each kind of lock.
#include "../check/hooks.hpp"
#include "condition.hpp"

namespace raddle::python {

namespace {

int result_of(Condition::Outcome outcome) noexcept {
  return outcome == Condition::Outcome::interrupted ? -1 : outcome == Condition::Outcome::timed_out ? 0 : 1;
}

// The result of a wait whose thread has the lock again.
int taken_again(PyObject* lock, const LockWaiting& waiting, Condition::Outcome outcome, LockOutcome taken,
                std::uint64_t depth = 1) {
  if (checked::is_at_work()) [[unlikely]]
    checked::acquired(lock, depth);
  head_of(lock).taken_at(waiting.site());
  if (taken != LockOutcome::owner_died) return result_of(outcome);
  if (PyErr_Occurred() == nullptr) raise_owner_died(lock);
  return -1;
}

// True: the object has the method. False with or without an exception set.
bool find_method(PyObject* lock, const char* name, Ref& method) {
  method = Ref(PyObject_GetAttrString(lock, name));
  if (!method && PyErr_ExceptionMatches(PyExc_AttributeError) != 0) PyErr_Clear();
  return static_cast<bool>(method);
}

// A notified thread that waits for the lock in a deadlock is not told: it would wait for the lock again before it
// could raise. Another one in the cycle is.

int wait_with_lock(Condition& condition, PyObject* lock, Deadline deadline) {
  Mutex& mutex = *mutex_of_lock(lock);
  const LockStyle style = mutex.owner() != kNoThread ? LockStyle::owned : LockStyle::signal;
  Condition::Waiter* waiter = condition.enlist(&mutex, style);
  if (waiter == nullptr) return PyErr_NoMemory(), -1;
  head_of(lock).forget_site();
  if (checked::is_at_work()) [[unlikely]]
    checked::releasing(lock);
  mutex.unlock();
  LockWaiting waiting(lock, false);
  const Condition::Outcome outcome = condition.sleep(waiter, deadline, waiting);
  LockOutcome taken = LockOutcome::taken;
  if (outcome != Condition::Outcome::notified_with_lock) {
    UninterruptibleWaiting again(lock);
    taken = mutex.lock(style, Deadline::never(), again);
  }
  return taken_again(lock, waiting, outcome, taken);
}

int wait_with_rlock(Condition& condition, PyObject* lock, Deadline deadline) {
  ReentrantMutex& mutex = *mutex_of_rlock(lock);
  Condition::Waiter* waiter = condition.enlist(&mutex.mutex(), LockStyle::owned);
  if (waiter == nullptr) return PyErr_NoMemory(), -1;
  head_of(lock).forget_site();
  if (checked::is_at_work()) [[unlikely]]
    checked::releasing(lock, mutex.depth());
  const std::uint64_t depth = mutex.unlock_all();
  LockWaiting waiting(lock, false);
  const Condition::Outcome outcome = condition.sleep(waiter, deadline, waiting);
  LockOutcome taken = LockOutcome::taken;
  if (outcome != Condition::Outcome::notified_with_lock) {
    UninterruptibleWaiting again(lock);
    taken = mutex.lock(Deadline::never(), again);
  }
  mutex.set_depth(depth);
  return taken_again(lock, waiting, outcome, taken, depth);
}

int wait_with_foreign(PyObject* self, Condition& condition, PyObject* lock, Deadline deadline) {
  Condition::Waiter* waiter = condition.enlist(nullptr, LockStyle::owned);
  if (waiter == nullptr) return PyErr_NoMemory(), -1;
  Ref state(release_save_foreign(lock));
  if (!state) return condition.withdraw(waiter), -1;
  DetachedWaiting waiting(self);
  const Condition::Outcome outcome = condition.sleep(waiter, deadline, waiting);
  PyObject* raised[3];
  PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
  const Ref restored(acquire_restore_foreign(lock, state.get()));
  if (!restored) {  // its exception is the later one
    for (PyObject* part : raised) Py_XDECREF(part);
    return -1;
  }
  PyErr_Restore(raised[0], raised[1], raised[2]);
  return result_of(outcome);
}

}  // namespace

PyObject* release_save_foreign(PyObject* lock) {
  Ref method;
  if (find_method(lock, "_release_save", method)) return PyObject_CallNoArgs(method.get());
  return PyErr_Occurred() != nullptr ? nullptr : PyObject_CallMethod(lock, "release", nullptr);
}

PyObject* acquire_restore_foreign(PyObject* lock, PyObject* state) {
  Ref method;
  if (find_method(lock, "_acquire_restore", method)) return PyObject_CallOneArg(method.get(), state);
  return PyErr_Occurred() != nullptr ? nullptr : PyObject_CallMethod(lock, "acquire", nullptr);
}

int is_owned(LockKind kind, PyObject* lock) {
  if (kind == LockKind::lock) return mutex_of_lock(lock)->is_locked() ? 1 : 0;
  if (kind == LockKind::rlock) return mutex_of_rlock(lock)->is_mine() ? 1 : 0;
  Ref method;
  if (find_method(lock, "_is_owned", method)) {
    const Ref answer(PyObject_CallNoArgs(method.get()));
    return answer ? PyObject_IsTrue(answer.get()) : -1;
  }
  if (PyErr_Occurred() != nullptr) return -1;
  // A lock that can be taken was not taken.
  const Ref taken(PyObject_CallMethod(lock, "acquire", "O", Py_False));
  const int free = taken ? PyObject_IsTrue(taken.get()) : -1;
  if (free <= 0) return free < 0 ? -1 : 1;
  const Ref released(PyObject_CallMethod(lock, "release", nullptr));
  return released ? 0 : -1;
}

int wait_once(PyObject* self, Deadline deadline) {
  PyObject* lock = lock_of(self);
  if (lock == nullptr) return -1;
  const LockKind kind = kind_of(self, lock);
  const int owned = is_owned(kind, lock);
  if (owned <= 0) {
    if (owned == 0) PyErr_SetString(PyExc_RuntimeError, "cannot wait on un-acquired lock");
    return -1;
  }
  Condition& condition = *ConditionObject::of(self).condition;
  const int result = kind == LockKind::lock    ? wait_with_lock(condition, lock, deadline)
                     : kind == LockKind::rlock ? wait_with_rlock(condition, lock, deadline)
                                               : wait_with_foreign(self, condition, lock, deadline);
  if (result == 1 && checked::is_at_work()) [[unlikely]]
    checked::got(self);  // who notified comes before
  return result;
}

}  // namespace raddle::python
