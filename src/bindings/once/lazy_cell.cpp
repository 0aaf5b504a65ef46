#include "lazy_cell.hpp"

#include "../check/hooks.hpp"
#include "../waiting.hpp"

namespace raddle::python {

class LazyPlace {
 public:
  LazyPlace(LazyCell& cell, PyTypeObject* attempt_class) noexcept : cell_(cell), class_(attempt_class) {}

  // One step installs the attempt: the exchange. Whoever succeeds in it has seen the cell without a result after
  // the attempt before it had ended, and so no result comes from elsewhere.
  Look look() {
    for (;;) {
      if (cell_.value_.load(order::acquire) != nullptr) return Look::ready;  // acquire: as in get()
      attempt_ = Ref(cell_.attempt_.get());
      if (attempt_.get() == Py_True) return Look::ready;  // the value was stored before
      if (attempt_.get() != Py_None) {
        const Attempt::State state = attempt().state();
        if (state == Attempt::State::running) return Look::other;
        if (state == Attempt::State::succeeded) return Look::ready;
      }
      Ref mine(new_attempt(class_));
      if (!mine) return Look::failed;
      if (!cell_.attempt_.compare_and_set(attempt_.get(), mine.get())) continue;
      attempt_ = std::move(mine);
      return Look::mine;
    }
  }
  Attempt& attempt() const noexcept { return attempt_in(attempt_.get()).attempt; }
  PyObject* object() const noexcept { return attempt_.get(); }

 private:
  LazyCell& cell_;
  PyTypeObject* class_;
  Ref attempt_;
};

PyObject* LazyCell::get_slow(PyObject* self, const char* what) {
  LazyPlace place(*this, state_of(self).attempt_class);
  DetachedWaiting waiting(self);
  switch (enter_once(place, what, is_alone(), waiting)) {
    case Entry::ready:
      return Py_NewRef(value_.load(order::acquire));  // acquire: as in get()
    case Entry::run:
      return run(self, place.object());
    case Entry::failure:
      raise_failure(place.object());
      return nullptr;
    case Entry::own:
      raise_recursion(self, self);
      return nullptr;
    case Entry::interrupted:  // the exception is set, as in the following
    case Entry::failed:
      return nullptr;
  }
  Py_UNREACHABLE();
}

PyObject* LazyCell::run(PyObject* self, PyObject* attempt) {
  PyObject* value = factory_ != nullptr ? PyObject_CallNoArgs(factory_) : (raise_unconfigured(self), nullptr);
  if (value == nullptr) {
    end_in_failure(attempt);
    PyObject* exception = take_exception();
    attempt_.compare_and_set(attempt, Py_None);  // lets go of what it holds, unless another one began already
    put_back(exception);
    return nullptr;
  }
  if (checked::is_at_work()) [[unlikely]]
    checked::made(self);
  value_.store(Py_NewRef(value), order::release);  // release, pairs with the acquire in get()
  attempt_in(attempt).attempt.end(Attempt::State::succeeded);
  attempt_.set(Py_NewRef(Py_True));
  Py_CLEAR(factory_);
  return value;
}

const char* LazyCell::describe(PyObject*& details) {
  details = nullptr;
  if (value_.load(order::acquire) == nullptr) {
    const Ref attempt(attempt_.get());
    const bool is_attempt = attempt.get() != Py_None && attempt.get() != Py_True;
    if (is_attempt && is_under_way(attempt_in(attempt.get()).attempt)) {
      details = describe_attempt(attempt_in(attempt.get()).attempt);
      return "running";
    }
  }
  details = PyUnicode_FromString("");
  return value_.load(order::acquire) != nullptr ? "done" : "unrun";
}

int LazyCell::traverse(visitproc visit, void* arg) {
  Py_VISIT(factory_);
  Py_VISIT(value_.load(order::relaxed));  // relaxed: nobody else runs
  Py_VISIT(attempt_.peek());
  return 0;
}

void LazyCell::clear() {
  Py_CLEAR(factory_);
  attempt_.set(Py_NewRef(Py_None));
  PyObject* value = value_.exchange(nullptr, order::acq_rel);
  Py_XDECREF(value);
}

}  // namespace raddle::python
