#include "fork_guard.hpp"

#ifdef Py_GIL_DISABLED

#include <pthread.h>

#include "raddle/sync/raw_mutex.hpp"

namespace raddle::python {

namespace {

// Held for a few steps without a safe point, so that no thread that CPython has stopped has it.
constinit RawMutex mutex;
constinit ForkGuard* first = nullptr;  // guarded by the mutex

// Tags in the links of a thread's critical sections (Include/internal/pycore_critical_section.h).
constexpr std::uintptr_t kInactive = 1, kTwoMutexes = 2, kTags = 3;

// Is the mutex locked by a critical section of this thread? One that is inactive has given it back.
bool is_held_by(PyThreadState* thread, const PyMutex* wanted) noexcept {
  if (thread == nullptr) return false;
  for (std::uintptr_t link = thread->critical_section; (link & ~kTags) != 0;) {
    const auto* section = reinterpret_cast<PyCriticalSection*>(link & ~kTags);
    const bool holds =
        section->_cs_mutex == wanted ||
        ((link & kTwoMutexes) != 0 && reinterpret_cast<const PyCriticalSection2*>(section)->_cs_mutex2 == wanted);
    if (holds && (link & kInactive) == 0) return true;
    link = section->_cs_prev;
  }
  return false;
}

void before_fork() noexcept { mutex.lock(); }
void in_parent() noexcept { mutex.unlock(); }
void in_child() noexcept {
  ForkGuard::free_abandoned_locks();
  mutex.reset();
}

[[maybe_unused]] const int fork_hook_registered = pthread_atfork(before_fork, in_parent, in_child);

}  // namespace

void ForkGuard::free_abandoned_locks() noexcept {
  PyThreadState* survivor = PyThreadState_GetUnchecked();
  for (ForkGuard* guard = first; guard != nullptr; guard = guard->next_)
    if (!is_held_by(survivor, &guard->object_->ob_mutex))
      _Py_atomic_store_uint8_relaxed(&guard->object_->ob_mutex._bits, 0);
}

void ForkGuard::watch(PyObject* object) noexcept {
  object_ = object;
  const RawLock lock(mutex);
  next_ = first;
  if (first != nullptr) first->previous_ = this;
  first = this;
}

void ForkGuard::unwatch() noexcept {
  if (object_ == nullptr) return;
  const RawLock lock(mutex);
  (previous_ != nullptr ? previous_->next_ : first) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

}  // namespace raddle::python

#endif
