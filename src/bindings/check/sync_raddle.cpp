// raddle's own classes: their methods are watched in place as those of the standard library are, with the
// behaviours below, and their operators by their slots. What methods do not show is told by hooks.hpp.
//
// Locks are known to the engine by the address of their object, a key of a KeyedLock by the two mixed. A thread
// inside upgradable_lock() counts as writing: it keeps out all who could write.
#include <iterator>

#include "../locks/condition.hpp"
#include "../locks/keyed_lock.hpp"
#include "../locks/rw_lock_object.hpp"
#include "hooks.hpp"
#include "sync_behaviour.hpp"
#include "sync_elements.hpp"
#include "sync_tasks.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

std::uintptr_t mixed(const void* object, std::uint64_t part) noexcept {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  return (address_of(object) ^ (part + 1) * kGolden) | 1;  // odd: no address of an object
}
std::uintptr_t word_of(const void* object, const void* part) noexcept {
  return part == nullptr ? address_of(object) : mixed(object, address_of(part));
}

// A lock as the engine knows it.
struct Known {
  std::uintptr_t word = 0;  // 0: none of raddle's
  bool shared = false;
};

Known known(PyObject* lock) noexcept {
  RWMode mode = RWMode::write;
  if (PyObject* of_view = lock_of_view(lock, mode); of_view != nullptr)
    return {address_of(of_view), mode == RWMode::read};
  if (PyObject* of_upgradable = lock_of_upgradable(lock); of_upgradable != nullptr)
    return {address_of(of_upgradable)};
  const ModuleState& state = state_of(lock);
  if (PyObject_TypeCheck(lock, state.key_guard)) {
    const KeyGuardContent& guard = KeyGuardObject::of(lock);
    return {mixed(guard.lock, guard.hash)};
  }
  return {address_of(lock)};
}

void tell_acquired(check::Engine& engine, check::Thread& thread, PyObject* lock,
                   std::uint64_t depth = 1) noexcept {
  const Known told = known(lock);
  const check::StackId stack = capture_stack();
  for (; depth != 0; --depth) engine.lock_acquired(thread, told.word, told.shared, stack);
}
void tell_releasing(check::Engine& engine, check::Thread& thread, PyObject* lock,
                    std::uint64_t depth = 1) noexcept {
  const Known told = known(lock);
  for (; depth != 0; --depth) engine.lock_released(thread, told.word);
}

// --- Methods of locks. A release that fails is told all the same: it is a fault of the program. ---

void acquired(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr && result != Py_False) tell_acquired(engine, thread, call.self);
}
void releasing(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  tell_releasing(engine, thread, call.self);
}

// Lock and RLock, which need not be looked at.
void releasing_plain(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  engine.lock_released(thread, address_of(call.self));
}

void releasing_all(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  ReentrantMutex& mutex = *mutex_of_rlock(call.self);
  if (mutex.is_mine()) tell_releasing(engine, thread, call.self, mutex.depth());
}
void acquired_all(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) tell_acquired(engine, thread, call.self, mutex_of_rlock(call.self)->depth());
}

// A Condition's methods take a Lock or RLock of raddle's directly, and call those of others.
PyObject* own_lock_of(PyObject* condition) noexcept {
  PyObject* lock = ConditionObject::of(condition).lock.load(order::acquire);  // acquire, pairs with set_lock()
  return lock != nullptr && kind_of(condition, lock) != LockKind::foreign ? lock : nullptr;
}
void condition_acquired(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr || result == Py_False) return;
  if (PyObject* lock = own_lock_of(call.self); lock != nullptr) tell_acquired(engine, thread, lock);
}
void condition_releasing(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  if (PyObject* lock = own_lock_of(call.self); lock != nullptr) tell_releasing(engine, thread, lock);
}

// acquire(key) and release(key). The hash of a key that was hashed a moment ago, or will be.
bool key_word(const Call& call, std::uintptr_t& word) noexcept {
  if (call.first == nullptr) return false;
  const KeepException kept;
  const Py_hash_t hash = PyObject_Hash(call.first);
  if (hash == -1) return PyErr_Clear(), false;
  word = mixed(call.self, static_cast<std::uint64_t>(hash));
  return true;
}
void key_acquired(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  std::uintptr_t word;
  if (result == Py_True && key_word(call, word)) engine.lock_acquired(thread, word, false, capture_stack());
}
void key_releasing(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  std::uintptr_t word;
  if (key_word(call, word)) engine.lock_released(thread, word);
}

// --- Barrier: rounds take turns with two places; the barrier's own place counts who came. ---

std::uint64_t parties_of(PyObject* barrier) noexcept {
  const KeepException kept;
  const Ref parties(PyObject_GetAttrString(barrier, "parties"));
  const std::uint64_t count = parties ? PyLong_AsUnsignedLongLong(parties.get()) : 1;
  PyErr_Clear();
  return count != 0 ? count : 1;
}
void arriving(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  const std::uint64_t parties = parties_of(call.self);
  std::uint64_t arrival = 0;
  places::with(address_of(call.self), true, [&](Place& place) { arrival = place.count++; });
  call.word = 1 + arrival / parties % 2;
  places::with(address_of(call.self) + call.word, true, [&](Place& place) {
    if (arrival % parties == 0) place.clocks = check::ClocksRef();
    engine.release_into(thread, place.clocks);
  });
}
void left(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) return acquire_at(engine, thread, address_of(call.self) + call.word);
  // Broken: whoever comes after reset() begins a round.
  const std::uint64_t parties = parties_of(call.self);
  places::with(address_of(call.self), true,
               [&](Place& place) { place.count = (place.count + parties - 1) / parties * parties; });
}

// --- Queues. ---

check::ClocksRef take_element(PyObject* queue, PyObject* element, bool last) noexcept {
  check::ClocksRef clocks;
  places::with(address_of(queue), false, [&](Place& place) {
    if (place.elements == nullptr) return;
    clocks =
        last ? place.elements->take_last(address_of(element)) : place.elements->take_first(address_of(element));
  });
  return clocks;
}
bool is_last_first(PyObject* queue) noexcept { return state_of(queue).is_instance(queue, Class::lifo_queue); }

void put_element(check::Engine& engine, check::Thread& thread, PyObject* queue, PyObject* element) noexcept {
  check::ClocksRef clocks = engine.release(thread);
  places::with(address_of(queue), true, [&](Place& place) {
    if (place.elements == nullptr) place.elements = new (std::nothrow) Elements;
    if (place.elements != nullptr) place.elements->put(address_of(element), std::move(clocks));
  });
}
void putting_element(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  if (call.first != nullptr) put_element(engine, thread, call.self, call.first);
}
// A shutdown is before whoever is told of it.
void put_element_or_not(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) return;
  if (call.first != nullptr) take_element(call.self, call.first, true);
  acquire_at(engine, thread, address_of(call.self) + 1);
}
void got_element(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr) return acquire_at(engine, thread, address_of(call.self) + 1);
  engine.acquire(thread, take_element(call.self, result, is_last_first(call.self)));
}
void got_elements(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr) return acquire_at(engine, thread, address_of(call.self) + 1);
  const bool last = is_last_first(call.self);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(result); ++i)
    engine.acquire(thread, take_element(call.self, PyList_GET_ITEM(result, i), last));
}
void shutting_down(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  release_at(engine, thread, address_of(call.self) + 1);
}

// --- Values per thread. ---

void confined(check::Engine&, check::Thread&, Call&) noexcept { confine_task(); }
void set_value(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  confine_task();
  release_at(engine, thread, address_of(call.self));
}
void acquire_before(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  acquire_at(engine, thread, address_of(call.self));
}

// A OnceMap's value, by the map and the value.
void got_part(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) acquire_at(engine, thread, word_of(call.self, result));
}

}  // namespace

const Behaviour raddle_behaviours[] = {
    {"own_lock_acquired", nullptr, acquired},
    {"own_lock_releasing", releasing, nullptr},
    {"own_plain_releasing", releasing_plain, nullptr},
    {"own_rlock_releasing_all", releasing_all, nullptr},
    {"own_rlock_acquired_all", nullptr, acquired_all},
    {"condition_acquired", nullptr, condition_acquired},
    {"condition_releasing", condition_releasing, nullptr},
    {"key_acquired", nullptr, key_acquired},
    {"key_releasing", key_releasing, nullptr},
    {"own_barrier", arriving, left},
    {"own_put", putting_element, put_element_or_not},
    {"own_get", nullptr, got_element},
    {"own_get_many", nullptr, got_elements},
    {"own_shutdown", shutting_down, nullptr},
    {"confined", confined, nullptr},
    {"set_value", set_value, nullptr},
    {"fold_values", acquire_before, nullptr},
    {"get_part", nullptr, got_part},
    {nullptr, nullptr, nullptr},
};

namespace checked {

namespace {

template <class Tell>
void tell(Tell what) noexcept {
  check::Engine* engine = engine_in_use();
  check::Thread* thread = engine != nullptr ? current_thread(*engine) : nullptr;
  if (thread != nullptr) what(*engine, *thread);
}

}  // namespace

void made(const void* object, const void* part) noexcept {
  tell([&](check::Engine& engine, check::Thread& thread) { release_at(engine, thread, word_of(object, part)); });
}
void got(const void* object, const void* part) noexcept {
  tell([&](check::Engine& engine, check::Thread& thread) { acquire_at(engine, thread, word_of(object, part)); });
}
void releasing(PyObject* lock, std::uint64_t depth) noexcept {
  tell([&](check::Engine& engine, check::Thread& thread) { tell_releasing(engine, thread, lock, depth); });
}
void acquired(PyObject* lock, std::uint64_t depth) noexcept {
  tell([&](check::Engine& engine, check::Thread& thread) { tell_acquired(engine, thread, lock, depth); });
}
void putting(PyObject* queue, PyObject* element) noexcept {
  tell([&](check::Engine& engine, check::Thread& thread) { put_element(engine, thread, queue, element); });
}
void not_put(PyObject* queue, PyObject* element) noexcept {
  tell([&](check::Engine&, check::Thread&) { take_element(queue, element, true); });
}

}  // namespace checked

}  // namespace raddle::python
