// Locks of `_thread`: what is told of their methods, and their ends.
//
// An acquire that gives up tells nothing. A release is told before it happens, so only where it will happen: of a
// lock that is free, or somebody else's RLock, nothing is told. (Whether it will can change in between only where
// two threads release one lock, which is a fault of its own.)
#include "sync_locks.hpp"

#include "sync_patch.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

// Written once each, never taken out: there are few, and they live as long as the process.
constexpr std::size_t kMostSilent = 64;
constexpr std::size_t kFilterBits = 1024;
constinit atomic<std::uintptr_t> silent[kMostSilent];
constinit atomic<std::uint64_t> silent_filter[kFilterBits / 64];

std::size_t filter_bit(std::uintptr_t lock) noexcept { return (lock >> 4) % kFilterBits; }

bool is_told(std::uintptr_t lock) noexcept { return lock != hearing().own_lock && !is_silent(lock); }

void acquired(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != Py_True || !is_told(address_of(call.self))) return;
  engine.lock_acquired(thread, address_of(call.self), false, capture_stack());
}

// The lock type's `__enter__` returns what acquire() does, RLock's too; a later Python may return something else.
void entered(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr || result == Py_False || !is_told(address_of(call.self))) return;
  engine.lock_acquired(thread, address_of(call.self), false, capture_stack());
}

bool answers_true(PyObject* self, PyCFunction question) noexcept {
  const Ref answer(question(self, nullptr));
  return answer.get() == Py_True;
}

// Methods that tell the state; found by install, null until then.
constinit PyCFunction locked = nullptr, is_owned = nullptr, recursion_count = nullptr;

void releasing_lock(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  if (is_told(address_of(call.self)) && answers_true(call.self, locked))
    engine.lock_released(thread, address_of(call.self));
}

void releasing_rlock(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  if (is_told(address_of(call.self)) && answers_true(call.self, is_owned))
    engine.lock_released(thread, address_of(call.self));
}

// How often this thread has the RLock; it has it.
unsigned long depth_of(PyObject* rlock) noexcept {
  if (recursion_count == nullptr) return 1;  // 3.11.0 to 3.11.4 do not tell
  const Ref count(recursion_count(rlock, nullptr));
  return count ? PyLong_AsUnsignedLong(count.get()) : 1;
}

void releasing_all(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  if (!is_told(address_of(call.self)) || !answers_true(call.self, is_owned)) return;
  for (unsigned long depth = depth_of(call.self); depth > 0; --depth)
    engine.lock_released(thread, address_of(call.self));
}

void acquired_all(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr || !is_told(address_of(call.self))) return;
  const check::StackId stack = capture_stack();
  for (unsigned long depth = depth_of(call.self); depth > 0; --depth)
    engine.lock_acquired(thread, address_of(call.self), false, stack);
}

// As new; nobody has it.
void reinitialised(check::Engine& engine, check::Thread&, Call& call, PyObject* result) noexcept {
  if (result != nullptr) engine.lock_ended(address_of(call.self));
}

// The classes whose ends are watched: `_thread.lock` and `_thread.RLock` of each interpreter.
constexpr std::size_t kMostTypes = 48;
struct WatchedEnd {
  atomic<PyTypeObject*> type{nullptr};
  destructor plain = nullptr;
  bool has_places = false;  // in the table by address; locks of `_thread` have none
};
constinit WatchedEnd watched_ends[kMostTypes];

void lock_ends(PyObject* self) {
  check::Engine* engine = engine_in_use();
  if (engine != nullptr) engine->lock_ended(address_of(self));
  // A subclass written in Python has called this as its base's.
  for (PyTypeObject* type = Py_TYPE(self); type != nullptr; type = type->tp_base)
    for (const WatchedEnd& watched : watched_ends) {
      if (watched.type.load(order::acquire) != type) continue;  // acquire: `plain` is there
      if (watched.has_places) {
        for (const std::uintptr_t part : {0U, 1U, 2U}) places::forget(address_of(self) + part);
      }
      return watched.plain(self);
    }
  Py_FatalError("raddle: a lock of an unknown class");
}

}  // namespace

bool silence_lock(const void* lock) noexcept {
  for (auto& place : silent) {
    std::uintptr_t seen = place.load(order::relaxed);  // relaxed: the exchange checks it
    if (seen == address_of(lock)) return true;
    if (seen != 0 || !place.compare_exchange_strong(seen, address_of(lock), order::release, order::relaxed))
      continue;
    const std::size_t bit = filter_bit(address_of(lock));
    // release, pairs with the acquire in is_silent()
    silent_filter[bit / 64].fetch_or(std::uint64_t{1} << (bit % 64), order::release);
    return true;
  }
  return false;
}

bool is_silent(std::uintptr_t lock) noexcept {
  const std::size_t bit = filter_bit(lock);
  // acquire, pairs with silence_lock(): the place is filled
  if ((silent_filter[bit / 64].load(order::acquire) >> (bit % 64) & 1) == 0) [[likely]]
    return false;
  for (const auto& place : silent)
    if (place.load(order::relaxed) == lock) return true;
  return false;
}

bool watch_lock_ends(PyTypeObject* type, bool has_places) {
  for (WatchedEnd& watched : watched_ends) {
    PyTypeObject* seen = watched.type.load(order::relaxed);
    if (seen == nullptr) {
      watched.plain = type->tp_dealloc;
      watched.has_places = has_places;
      watched.type.store(type, order::release);  // release, pairs with lock_ends()
    } else if (seen != type) {
      continue;
    }
    type->tp_dealloc = lock_ends;
    return true;
  }
  PyErr_SetString(PyExc_SystemError, "too many classes of locks");
  return false;
}

void unwatch_lock_ends() noexcept {
  for (WatchedEnd& watched : watched_ends) {
    PyTypeObject* type = watched.type.load(order::acquire);
    if (type != nullptr && type->tp_dealloc == lock_ends) type->tp_dealloc = watched.plain;
  }
}

const Behaviour lock_behaviours[] = {
    {"lock_acquired", nullptr, acquired},
    {"lock_entered", nullptr, entered},
    {"lock_releasing", releasing_lock, nullptr},
    {"rlock_releasing", releasing_rlock, nullptr},
    {"rlock_releasing_all", releasing_all, nullptr},
    {"rlock_acquired_all", nullptr, acquired_all},
    {"lock_reinitialised", nullptr, reinitialised},
    {nullptr, nullptr, nullptr},
};

bool watch_stdlib_locks(PyTypeObject* lock, PyTypeObject* rlock) {
  locked = plain_method(lock, "locked");
  is_owned = plain_method(rlock, "_is_owned");
  recursion_count = plain_method(rlock, "_recursion_count");
  if (locked == nullptr || is_owned == nullptr) {
    PyErr_SetString(PyExc_SystemError, "the locks of this Python are not known");
    return false;
  }
  return watch_lock_ends(lock, false) && watch_lock_ends(rlock, false);
}

}  // namespace raddle::python
