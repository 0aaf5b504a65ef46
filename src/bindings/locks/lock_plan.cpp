#include "lock_plan.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "../check/hooks.hpp"

namespace raddle::python {

LockOrder order_of_itself(PyObject* lock) noexcept { return {lock}; }

namespace {

// The classes whose locks are taken without calling methods. What is new here is known to lock_all().
struct Row {
  Class of;
  const NativeLock* native;
};
constexpr Row kRows[] = {{Class::lock, &native_lock},
                         {Class::rlock, &native_rlock},
                         {Class::rw_lock, &native_rw_lock},
                         {Class::rw_lock_view, &native_rw_lock_view}};

// Null without an exception: there is none.
PyObject* find_attribute(PyObject* object, const char* name) {
  PyObject* found = PyObject_GetAttrString(object, name);
  if (found == nullptr && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
  return found;
}

// Does a class of a user's take and release as its base does? -1: an exception is set.
int inherits_methods(PyTypeObject* type, PyTypeObject* base) {
  if (type == base) return 1;
  for (const char* name : {"acquire", "release", "__enter__", "__exit__"}) {
    const Ref own(find_attribute(reinterpret_cast<PyObject*>(type), name));
    if (!own && PyErr_Occurred() != nullptr) return -1;
    const Ref inherited(find_attribute(reinterpret_cast<PyObject*>(base), name));
    if (!inherited && PyErr_Occurred() != nullptr) return -1;
    if (own.get() != inherited.get()) return 0;
  }
  return 1;
}

// False with an exception set. null: it is no such lock.
bool find_native(const ModuleState& state, PyObject* lock, const NativeLock*& native) {
  native = nullptr;
  if (Py_IS_TYPE(lock, state.key_guard)) native = &native_key_guard;
  for (const Row& row : kRows) {
    if (!state.is_instance(lock, row.of)) continue;
    const int inherits = inherits_methods(Py_TYPE(lock), state.classes[static_cast<std::size_t>(row.of)]);
    if (inherits > 0) native = row.native;
    return inherits >= 0;
  }
  return true;
}

int has_method(PyObject* object, const char* name) {
  const Ref method(find_attribute(object, name));
  if (method) return PyCallable_Check(method.get());
  return PyErr_Occurred() != nullptr ? -1 : 0;
}

// False with an exception set: TypeError for what is no lock.
bool check_is_lock(PyObject* lock) {
  int is_lock = PyType_Check(lock) ? 0 : has_method(lock, "acquire");  // a class of locks is none
  if (is_lock > 0) is_lock = has_method(lock, "release");
  if (is_lock == 0)
    PyErr_Format(PyExc_TypeError, "lock_all() takes locks, which have acquire() and release(), not '%.200s'",
                 Py_TYPE(lock)->tp_name);
  return is_lock > 0;
}

// False with TypeError set. A KeyedLock has acquire() and release(), for a key.
bool check_is_no_keyed_lock(const ModuleState& state, PyObject* lock) {
  if (!state.is_instance(lock, Class::keyed_lock)) return true;
  PyErr_SetString(PyExc_TypeError, "lock_all() takes keys of a KeyedLock, not the KeyedLock: give it locks(key)");
  return false;
}

bool fill_in(const ModuleState& state, PyObject* lock, LockPlan::Item& item) {
  if (!check_is_no_keyed_lock(state, lock)) return false;
  if (!find_native(state, lock, item.native) || (item.native == nullptr && !check_is_lock(lock))) return false;
  item.lock = Py_NewRef(lock);
  item.order = item.native != nullptr ? item.native->order(lock) : order_of_itself(lock);
  return true;
}

// A thread that has such a lock would wait for itself.
bool is_never_reentrant(const LockPlan::Item& item) {
  if (item.native != nullptr) return !item.native->is_reentrant;
  return std::strcmp(Py_TYPE(item.lock)->tp_name, "_thread.lock") == 0;  // that of `threading`
}

void sort(LockPlan& plan) {
  const auto comes_first = [](const LockPlan::Item& a, const LockPlan::Item& b) {
    const auto of_a = reinterpret_cast<std::uintptr_t>(a.order.belongs_to);
    const auto of_b = reinterpret_cast<std::uintptr_t>(b.order.belongs_to);
    return of_a != of_b ? of_a < of_b : a.order.part < b.order.part;
  };
  // By insertion: there are few, and it keeps the order of equals without memory.
  for (LockPlan::Item* item = plan.items; item != plan.items + plan.count; ++item)
    std::rotate(std::upper_bound(plan.items, item, *item, comes_first), item, item + 1);
}

bool check_is_given_once(const LockPlan& plan) {
  for (Py_ssize_t i = 1; i < plan.count; ++i) {
    const LockPlan::Item& item = plan.items[i];
    if (item.lock != plan.items[i - 1].lock || !is_never_reentrant(item)) continue;
    PyErr_Format(PyExc_ValueError, "lock_all() would wait for itself: %R is given twice and is not re-entrant",
                 item.lock);
    return false;
  }
  return true;
}

Acquired take_by_method(PyObject* lock, Deadline deadline) {
  Ref result;
  if (deadline.is_never()) {
    result = Ref(PyObject_CallMethod(lock, "acquire", nullptr));
  } else {
    constexpr double kNanoseconds = 1e9;
    const std::int64_t left = deadline.has_passed() ? 0 : deadline.nanoseconds() - Deadline::now();
    const Ref acquire(PyObject_GetAttrString(lock, "acquire")), none(acquire ? PyTuple_New(0) : nullptr);
    const double seconds = static_cast<double>(std::max<std::int64_t>(left, 0)) / kNanoseconds;
    const Ref limit(none ? Py_BuildValue("{s:d}", "timeout", seconds) : nullptr);
    if (limit) result = Ref(PyObject_Call(acquire.get(), none.get(), limit.get()));
  }
  if (!result) return Acquired::failed;
  if (PyCoro_CheckExact(result.get())) {
    PyErr_SetString(PyExc_TypeError,
                    "lock_all() is for locks of threads; a lock of asyncio is taken by `async with`");
    return Acquired::failed;
  }
  if (deadline.is_never()) return Acquired::yes;  // it waits until it has it, whatever it returns
  const int taken = PyObject_IsTrue(result.get());
  return taken < 0 ? Acquired::failed : taken != 0 ? Acquired::yes : Acquired::no;
}

bool give_back(const LockPlan::Item& item) {
  if (item.native != nullptr) {
    if (checked::is_at_work()) [[unlikely]]
      checked::releasing(item.lock);
    return item.native->give_back(item.lock);
  }
  const Ref result(PyObject_CallMethod(item.lock, "release", nullptr));
  return static_cast<bool>(result);
}

}  // namespace

LockPlan* make_lock_plan(const ModuleState& state, PyObject* locks, std::int64_t nanoseconds) {
  const auto count = static_cast<std::size_t>(PyTuple_GET_SIZE(locks));
  auto* plan = static_cast<LockPlan*>(std::malloc(sizeof(LockPlan) + count * sizeof(LockPlan::Item)));
  if (plan == nullptr) return PyErr_NoMemory(), nullptr;
  plan->nanoseconds = nanoseconds;
  plan->count = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!fill_in(state, PyTuple_GET_ITEM(locks, i), plan->items[i])) return free_lock_plan(plan), nullptr;
    ++plan->count;
  }
  sort(*plan);
  if (!check_is_given_once(*plan)) return free_lock_plan(plan), nullptr;
  return plan;
}

void free_lock_plan(LockPlan* plan) {
  if (plan == nullptr) return;
  PyObject* raised[3];
  PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
  for (Py_ssize_t i = 0; i < plan->count; ++i) Py_DECREF(plan->items[i].lock);
  PyErr_Restore(raised[0], raised[1], raised[2]);
  std::free(plan);
}

Acquired take_lock(const LockPlan::Item& item, Deadline deadline) {
  if (item.native == nullptr) return take_by_method(item.lock, deadline);
  const Acquired acquired = item.native->take(item.lock, deadline);
  if (acquired == Acquired::yes && checked::is_at_work()) [[unlikely]]
    checked::acquired(item.lock);
  return acquired;
}

void give_locks_back(const LockPlan& plan, Py_ssize_t count) {
  PyObject* raised[3];
  PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
  while (count-- > 0) {
    const LockPlan::Item& item = plan.items[count];
    if (give_back(item)) continue;
    if (raised[0] == nullptr)
      PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
    else
      PyErr_WriteUnraisable(item.lock);
  }
  PyErr_Restore(raised[0], raised[1], raised[2]);
}

}  // namespace raddle::python
