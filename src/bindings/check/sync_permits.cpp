// See sync_permits.hpp; and the behaviours of semaphores, those in Python and raddle's.
#include "sync_permits.hpp"

#include <new>
#include <utility>

#include "sync_tokens.hpp"

namespace raddle::python {

Permits::~Permits() {
  while (first_ != nullptr) drop_first();
}

void Permits::drop_first() noexcept {
  Given* const gone = std::exchange(first_, first_->next);
  if (first_ == nullptr) end_ = &first_;
  sure_ = std::move(gone->clocks);
  delete gone;
  --count_;
}

void Permits::release(check::Engine& engine, check::Thread& thread, std::uint64_t n) noexcept {
  engine.release_into(thread, all_);
  auto* given = new (std::nothrow) Given{given_, given_ + n, all_, nullptr};
  given_ += n;
  if (given == nullptr) return;
  *end_ = given;
  end_ = &given->next;
  if (++count_ > kMost) drop_first();
}

check::ClocksRef Permits::end_acquire(bool succeeded) noexcept {
  --under_way_;
  if (!succeeded) return {};
  ++taken_;
  const std::uint64_t needed = taken_ > at_first_ ? taken_ - at_first_ : 0;
  while (first_ != nullptr && first_->until <= needed) drop_first();
  const std::uint64_t latest = taken_ + under_way_ > at_first_ ? taken_ + under_way_ - at_first_ : 0;
  check::ClocksRef clocks = sure_;
  for (const Given* given = first_; given != nullptr && given->from < latest; given = given->next)
    clocks = given->clocks;
  return clocks;
}

namespace {

// How many permits there are. An attribute of stdlib's instances, a getter of raddle's class.
std::uint64_t value_of(PyObject* semaphore) noexcept {
  const KeepException kept;
  const Ref value(PyObject_GetAttrString(semaphore, "_value"));
  const std::uint64_t count = value && PyLong_CheckExact(value.get()) ? PyLong_AsUnsignedLongLong(value.get()) : 0;
  if (PyErr_Occurred() != nullptr) return PyErr_Clear(), 0;
  return count;
}

// With the semaphore's permits, which are counted from its first use.
template <class Work>
void with_permits(PyObject* semaphore, Work work) noexcept {
  const auto work_in = [&](Place& place, std::uint64_t at_first) {
    if (place.permits == nullptr) place.permits = new (std::nothrow) Permits(at_first);
    if (place.permits != nullptr) work(*place.permits);
  };
  bool is_known = false;
  const auto look = [&](Place& place) {
    is_known = place.permits != nullptr;
    if (is_known) work(*place.permits);
  };
  with_place(semaphore, true, look);
  if (is_known) return;
  const std::uint64_t at_first = value_of(semaphore);
  with_place(semaphore, true, [&](Place& place) { work_in(place, at_first); });
}

void releasing(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  std::uint64_t n = 1;
  if (call.first != nullptr && PyLong_CheckExact(call.first)) {
    const KeepException kept;
    const long given = PyLong_AsLong(call.first);
    PyErr_Clear();
    if (given > 0) n = static_cast<std::uint64_t>(given);
  }
  with_permits(call.self, [&](Permits& permits) { permits.release(engine, thread, n); });
}

// By `with`, which passes the exception as arguments.
void leaving(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  with_permits(call.self, [&](Permits& permits) { permits.release(engine, thread, 1); });
}

void acquiring(check::Engine&, check::Thread&, Call& call) noexcept {
  call.word = 0;
  with_permits(call.self, [&](Permits& permits) {
    permits.begin_acquire();
    call.word = 1;
  });
}

void acquired(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (call.word == 0) return;
  const KeepException kept;
  check::ClocksRef clocks;
  with_permits(call.self, [&](Permits& permits) { clocks = permits.end_acquire(result == Py_True); });
  engine.acquire(thread, clocks);
}

}  // namespace

const Behaviour permit_behaviours[] = {
    {"release_permits", releasing, nullptr},
    {"leave_permit", leaving, nullptr},
    {"acquire_permit", acquiring, acquired},
    {nullptr, nullptr, nullptr},
};

}  // namespace raddle::python
