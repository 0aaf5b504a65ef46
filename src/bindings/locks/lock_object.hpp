// What the objects of locks and coordination have in common: a name, their kind in messages, the methods that
// `with` calls, and the place where they were taken.
//
// Reference counts on the hot paths: every call writes the object's own; `with` writes it more often, for the two
// bound methods that the interpreter makes of `__enter__` and `__exit__`. pin() stops both: on 3.13t a pinned
// object has these two methods made once, immortal, and hands them out.
#pragma once

#include "../object.hpp"
#include "../waiting.hpp"
#include "lock_places.hpp"
#include "raddle/sync/mutex.hpp"
#include "site.hpp"

namespace raddle::python {

// The first part of the content of every class here, so that it is at the same place in all of them. Hence the
// alignment, which is that of the words of the core that may follow: the content of an object begins where its
// strictest part allows.
struct alignas(OwnLine<char>::kAssumedAlignment) LockHead {
  atomic<PyObject*> name{nullptr};   // str, or null; written by the first __init__
  PyObject* pinned_enter = nullptr;  // of a pinned object; written by pin(), before other threads come
  PyObject* pinned_exit = nullptr;
  // Where the one who has it took it, if that is known: on the slow path, or where the object tracks. Cleared
  // before it is given back.
  atomic<const Site*> site{nullptr};
  atomic<bool> configured{false};
  atomic<bool> listed{false};  // by note_immortal()
  ForeignTouches touches;      // for classes that hold nothing of the user's

  ~LockHead() {
    // relaxed: an event of this object that was recorded came before, and so did the store
    if (ends_are_noted.load(order::relaxed)) [[unlikely]]
      note_end(*this);
    Py_XDECREF(name.load(order::relaxed));  // relaxed: nobody else has it
    Py_XDECREF(pinned_enter);
    Py_XDECREF(pinned_exit);
  }
  // True the first time.
  bool configure() noexcept { return !configured.exchange(true, order::acq_rel); }
  // acquire, pairs with set_name(): the end of a recording comes across objects that another thread is making
  PyObject* shown_name() const noexcept { return name.load(order::acquire); }
  // relaxed: written by who has the lock; read by reports, which say no more than that
  void taken_at(const Site* where) noexcept {
    if (where != nullptr) site.store(where, order::relaxed);
  }
  void forget_site() noexcept {
    if (site.load(order::relaxed) != nullptr) [[unlikely]]
      site.store(nullptr, order::relaxed);
  }
};

// Head of an object of one of these classes.
inline LockHead& head_of(PyObject* self) noexcept { return Object<LockHead>::of(self); }

int lock_traverse(PyObject* self, visitproc visit, void* arg);

// `name`: str or None. False with TypeError set. Keeps the first name that is given.
bool set_name(PyObject* self, PyObject* name);

// "<STATE raddle.Lock object name='jobs' DETAILS at 0x...>"; `details` (null: an exception is set) is consumed.
PyObject* lock_repr(PyObject* self, const char* state, PyObject* details);
// " owner=IDENT" and " waiters=N" where there are any; null with an exception set.
PyObject* describe_owner(ThreadId owner, std::size_t waiters);
PyObject* describe_mutex(const Mutex& mutex);

// `name`, a getter, for a PyGetSetDef.
PyObject* lock_name(PyObject* self, void*);
// `_taken_at`: (file, function, line) or None; for reports.
PyObject* lock_taken_at(PyObject* self, void*);

#define RADDLE_NAME_GETTER \
  {"name", ::raddle::python::lock_name, nullptr, "The name that was given, for messages, or None.", nullptr}

#define RADDLE_LOCK_GETTERS                                                                                 \
  RADDLE_NAME_GETTER, {                                                                                     \
    "_taken_at", ::raddle::python::lock_taken_at, nullptr, "Where it was taken, if that is known.", nullptr \
  }

// The whole table of a class that has no others.
extern PyGetSetDef name_getter[], lock_getters[];

// `release` and `__exit__` of a class, by what gives the lock back. False: with an exception set.
template <bool (*give_back)(PyObject* self)>
PyObject* release_by(PyObject* self, PyObject*) {
  if (!give_back(self)) [[unlikely]]
    return nullptr;
  Py_RETURN_NONE;
}
template <bool (*give_back)(PyObject* self)>
PyObject* exit_by(PyObject* self, PyObject* const*, Py_ssize_t) {
  return release_by<give_back>(self, nullptr);
}

// `acquire()`'s arguments, for methods of several classes. False with an exception set.
bool read_acquire(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                  Deadline& deadline);

// True, False or an exception, by what became of an acquire; a lock whose owner has died is given back first.
PyObject* acquire_result(PyObject* self, Mutex& mutex, LockOutcome outcome);
// The same for `with`, where there is no time limit and the result is self.
PyObject* enter_result(PyObject* self, Mutex& mutex, LockOutcome outcome);

// What became of an acquire, for those who go on in C. failed: an exception is set.
enum class Acquired : std::uint8_t { yes, no, failed };
// By the result of an acquire, which is consumed.
Acquired acquired_of(PyObject* result);

// Lets `with` find methods that need no counting in pinned objects of this class. For the module's making.
int make_enter_and_exit_pinnable(PyTypeObject* type);
// After pin(): makes these methods. False with an exception set.
bool pin_enter_and_exit(PyObject* self);

// A wait for a lock: notes where the thread is before it sleeps.
class LockWaiting final : public Waiting {
 public:
  // `is_told`: of a deadlock, which ends the wait. Not where the lock must be taken all the same.
  explicit LockWaiting(PyObject* subject, bool is_told = true) noexcept : detached_(subject), is_told_(is_told) {}

  void before_queue() override {
    if (site_ == nullptr) site_ = current_site();
  }
  void before_sleep() override { detached_.before_sleep(); }
  void after_sleep() override { detached_.after_sleep(); }
  bool interrupted() override { return detached_.interrupted(); }
  std::int64_t patience() override { return detached_.patience(); }
  bool may_spin() override { return detached_.may_spin(); }
  bool deadlocked(Deadlock& deadlock) override { return is_told_ && detached_.deadlocked(deadlock); }
  void* retain_subject() override { return detached_.retain_subject(); }
  bool will_come_back() override { return detached_.will_come_back(); }

  const Site* site() const noexcept { return site_; }

 private:
  DetachedWaiting detached_;
  bool is_told_;
  const Site* site_ = nullptr;
};

}  // namespace raddle::python
