// What all probes do: find out who is running, tell the engine, and hand on what it found.
#pragma once

#include "interpreter.h"
#include "probe.hpp"

namespace raddle::python {

// A call of a probe while a checker is at work in this thread.
class Telling {
 public:
  explicit Telling(Probe& probe) noexcept : engine_(engine_in_use()), probe_(probe) {
    if (engine_ != nullptr) [[likely]]
      thread_ = current_thread(*engine_);
  }
  // False: there is nothing to do but to return the argument.
  explicit operator bool() const noexcept { return thread_ != nullptr; }

  check::Engine& engine() const noexcept { return *engine_; }
  check::Thread& thread() const noexcept { return *thread_; }
  Probe& probe() const noexcept { return probe_; }

  // The site's access, without links and pairs.
  check::Access plain(check::Location where, check::Kind kind) const noexcept {
    check::Access access;
    access.where = where;
    access.site = probe_.access.site;
    access.kind = kind;
    access.value = check::is_write(kind) ? probe_.access.value : check::Value::unknown;
    return access;
  }
  // All that the site says.
  check::Access linked(check::Location where, check::Kind kind) const noexcept {
    check::Access access = probe_.access;
    access.where = where;
    access.kind = kind;
    if (check::is_write(kind)) {
      access.starts_pair = false;
    } else {
      access.value = check::Value::unknown;
    }
    if (access.starts_pair || access.link_count != 0) access.frame = frame();
    return access;
  }

  bool knows(const check::Access& access) const noexcept { return engine_->knows(*thread_, access); }
  // `object`: what the location belongs to, alive; for a report. Null: nothing that could be shown.
  void tell(check::Access& access, PyObject* object) const noexcept {
    if (!knows(access)) [[unlikely]]
      tell_slow(access, object);
  }
  // Both parts of an update; `site` of both is the probe's.
  void tell_update(check::Access& read, check::Access& write, PyObject* object) const noexcept;
  // Does nothing depend on what happens here, nor this on anything before?
  bool is_linked() const noexcept { return probe_.access.starts_pair || probe_.access.link_count != 0; }
  bool together() const noexcept { return engine_->remembers_together(*thread_); }
  // A write that Engine::write_element() is for.
  void tell_element(check::Access& access, PyObject* object) const noexcept;
  // The same for one that is known to be new.
  void tell_slow(check::Access& access, PyObject* object) const noexcept;

  // The running call of a function. Not the same for two calls, where the rewriter put an ENTER.
  static std::uintptr_t frame() noexcept;

 private:
  check::Engine* engine_;
  check::Thread* thread_ = nullptr;
  Probe& probe_;
};

// Borrowed references and words that one probe leaves for another in the same expression or function, by thread.
struct Left {
  std::uintptr_t frame = 0;
  const Probe* by = nullptr;
  PyObject* object = nullptr;  // alive as long as the expression is evaluated
  PyObject* key = nullptr;     // likewise
  check::Location where;
};

// For whoever takes from this probe; replaces what it left before in this frame.
void leave(const Probe& by, PyObject* object, PyObject* key = nullptr, check::Location where = {}) noexcept;
// False: it left nothing in the running frame.
bool take_left(const Probe& by, Left& left) noexcept;
// Of a running iteration the same, in a place of its own: it lasts longer.
void leave_iteration(const Probe& by, check::Location where) noexcept;
bool take_iteration(const Probe& by, check::Location& where) noexcept;
// Everything left is of no use any more: probes were off in between.
void forget_left() noexcept;

// Hands new findings to `on_finding`. `object`: see Telling::tell().
void deliver_findings(check::Engine& engine, check::Thread& thread, PyObject* object) noexcept;

inline std::uintptr_t address(const void* object) noexcept { return reinterpret_cast<std::uintptr_t>(object); }

// Of a store: what its VALUE has left, or else what the site says.
check::Value left_value(const Probe& probe) noexcept;
// What a store puts there, by its exact type.
check::Value value_of(PyObject* value) noexcept;
// Does it refer to nothing? A number, a text.
bool is_atom(PyObject* value) noexcept;
// What `x += operand` puts there, as far as the operand tells.
check::Value value_after(PyObject* operand) noexcept;

// The writes of updates that another probe began, told by the UPDATE_END.
void end_attribute_update(const Telling& telling, Probe& begin, PyObject* object, PyObject* operand) noexcept;
void end_item_update(const Telling& telling, const Left& left, PyObject* operand) noexcept;

inline PyObject* first_of(PyObject* const* args, std::size_t nargsf) noexcept {
  return Py_NewRef(PyVectorcall_NARGS(nargsf) > 0 ? args[0] : Py_None);
}
inline PyObject* argument(PyObject* const* args, std::size_t nargsf, Py_ssize_t index) noexcept {
  return PyVectorcall_NARGS(nargsf) > index ? args[index] : nullptr;
}

}  // namespace raddle::python
