// OnceMap.get() of a key that has no value yet.
#include "../check/hooks.hpp"
#include "../waiting.hpp"
#include "once_map.hpp"

namespace raddle::python {

namespace {

// How long a call that has ended its attempt waits for the lock to tidy up. If that is too short, a later call
// does it.
constexpr std::int64_t kPatience = 1'000'000;  // nanoseconds

class KeyPlace {
 public:
  KeyPlace(PyObject* self, PyObject* key, PyObject* entry) noexcept
      : self_(self), map_(once_map_of(self)), key_(key), entry_(entry), is_fresh_(true) {}

  // One step installs the attempt: the insertion where nothing is, under the lock.
  Look look() {
    for (;;) {
      if (!is_fresh_ && !find()) return Look::failed;
      is_fresh_ = false;
      if (entry_) {
        switch (state_of_entry(map_, entry_.get())) {
          case Attempt::State::running:
            return Look::other;
          case Attempt::State::succeeded:
            return Look::ready;
          case Attempt::State::failed:
          case Attempt::State::given_up:
            break;
        }
      }
      Ref mine(new_attempt(map_.attempt_class));
      if (!mine || !lock_once_map(self_, Deadline::never())) return Look::failed;
      const int added = put(mine.get());
      unlock_once_map(self_);
      if (added < 0) return Look::failed;
      if (added == 0) continue;
      entry_ = std::move(mine);
      return Look::mine;
    }
  }
  Attempt& attempt() const noexcept { return attempt_in(entry_.get()).attempt; }
  PyObject* entry() const noexcept { return entry_.get(); }

 private:
  bool find() {
    PyObject* entry;
    const int found = find_entry(map_, key_, entry);
    entry_ = Ref(entry);
    return found >= 0;
  }

  // Under the lock. Takes out an attempt that is over, first. Code that compares keys may come between the steps:
  // then this takes out something else, and puts it back.
  int put(PyObject* mine) {
    if (entry_) {
      PyObject* taken;
      const int found = take_entry(map_, key_, taken);
      if (found < 0) return -1;
      const Ref there(taken);
      if (found == 1 && there.get() != entry_.get()) return add_entry(map_, key_, taken) < 0 ? -1 : 0;
    }
    return add_entry(map_, key_, mine);
  }

  PyObject* self_;
  OnceMapContent& map_;
  PyObject* key_;
  Ref entry_;
  bool is_fresh_;
};

// Puts the value in the place of its attempt, if that is still there and the lock can be had soon. False with an
// exception set.
bool settle(PyObject* self, PyObject* key, PyObject* attempt) {
  OnceMapContent& map = once_map_of(self);
  if (!lock_once_map(self, Deadline::in(kPatience))) return PyErr_Occurred() == nullptr;
  PyObject* entry;
  int result = find_entry(map, key, entry);
  if (result == 1) {
    const Ref there(entry);
    if (entry == attempt && !replace_attempt(map, key, attempt_in(attempt).outcome)) result = -1;
  }
  unlock_once_map(self);
  return result >= 0;
}

// Takes out an attempt that has ended without success, likewise.
bool forget(PyObject* self, PyObject* key, PyObject* attempt) {
  OnceMapContent& map = once_map_of(self);
  if (!lock_once_map(self, Deadline::in(kPatience))) return PyErr_Occurred() == nullptr;
  PyObject* entry;
  int result = find_entry(map, key, entry);
  const Ref there(result == 1 ? entry : nullptr);
  Ref taken;
  if (entry == attempt) {
    PyObject* out;
    result = take_entry(map, key, out);
    taken = Ref(out);
    if (result == 1 && out != attempt) result = add_entry(map, key, out);  // see KeyPlace::put()
  }
  unlock_once_map(self);
  return result >= 0;
}

PyObject* run(PyObject* self, PyObject* key, PyObject* attempt) {
  PyObject* factory = once_map_of(self).factory;
  PyObject* value = factory != nullptr ? PyObject_CallOneArg(factory, key) : (raise_unconfigured(self), nullptr);
  if (value != nullptr) {
    if (checked::is_at_work()) [[unlikely]]
      checked::made(self, value);
    attempt_in(attempt).outcome = Py_NewRef(value);
    attempt_in(attempt).attempt.end(Attempt::State::succeeded);
    if (!settle(self, key, attempt)) Py_CLEAR(value);
    return value;
  }
  end_in_failure(attempt);
  PyObject* exception = take_exception();
  if (!forget(self, key, attempt)) {
    PyObject* another = take_exception();
    PyException_SetContext(another, exception);
    exception = another;
  }
  put_back(exception);
  return nullptr;
}

}  // namespace

PyObject* once_map_get_slow(PyObject* self, PyObject* key, PyObject* entry) {
  KeyPlace place(self, key, entry);
  const Ref subject(PyTuple_Pack(2, self, key));  // what a DeadlockError shows
  if (!subject) return nullptr;
  DetachedWaiting waiting(subject.get());
  switch (enter_once(place, "OnceMap.get", is_alone(), waiting)) {
    case Entry::ready: {
      if (is_attempt(once_map_of(self), place.entry()) && !settle(self, key, place.entry())) return nullptr;
      return result_of_entry(once_map_of(self), place.entry());
    }
    case Entry::run:
      return run(self, key, place.entry());
    case Entry::failure:
      raise_failure(place.entry());
      return nullptr;
    case Entry::own:
      raise_recursion(self, subject.get());
      return nullptr;
    case Entry::interrupted:  // the exception is set, as in the following
    case Entry::failed:
      return nullptr;
  }
  Py_UNREACHABLE();
}

}  // namespace raddle::python
