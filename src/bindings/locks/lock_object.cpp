#include "lock_object.hpp"

#include <cstring>

#include "raddle/sync/postponed.hpp"

namespace raddle::python {

int lock_traverse(PyObject* self, visitproc visit, void* arg) {
  const LockHead& head = head_of(self);
  Py_VISIT(head.shown_name());
  Py_VISIT(head.pinned_enter);
  Py_VISIT(head.pinned_exit);
  return traverse_class_only(self, visit, arg);
}

bool set_name(PyObject* self, PyObject* name) {
  if (name == nullptr || name == Py_None) return true;
  if (!PyUnicode_Check(name)) {
    PyErr_Format(PyExc_TypeError, "name must be a str or None, not '%.200s'", Py_TYPE(name)->tp_name);
    return false;
  }
  LockHead& head = head_of(self);
  // relaxed: nobody else writes it. release, pairs with shown_name()
  if (head.name.load(order::relaxed) == nullptr) head.name.store(Py_NewRef(name), order::release);
  return true;
}

PyObject* lock_repr(PyObject* self, const char* state, PyObject* details) {
  const Ref more(details);
  const Ref type(more ? PyType_GetName(Py_TYPE(self)) : nullptr);
  if (!type) return nullptr;
  PyObject* name = head_of(self).shown_name();
  const Ref named(name != nullptr ? PyUnicode_FromFormat(" name=%R", name) : PyUnicode_FromString(""));
  if (!named) return nullptr;
  return PyUnicode_FromFormat("<%s raddle.%U object%U%U at %p>", state, type.get(), named.get(), more.get(),
                              static_cast<void*>(self));
}

PyObject* describe_owner(ThreadId id, std::size_t waiters) {
  const ThreadRecord* record = id != kNoThread ? record_of(id) : nullptr;
  const std::uint64_t ident = record != nullptr ? record->ident.load(order::relaxed) : 0;  // relaxed: for display
  const Ref owner(ident != 0 ? PyUnicode_FromFormat(" owner=%llu", static_cast<unsigned long long>(ident))
                             : PyUnicode_FromString(""));
  if (!owner) return nullptr;
  return waiters != 0 ? PyUnicode_FromFormat("%U waiters=%zu", owner.get(), waiters) : Py_NewRef(owner.get());
}

PyObject* describe_mutex(const Mutex& mutex) {
  Postponed::carry_out();  // those whom this thread has notified wait here
  return describe_owner(mutex.taker(), mutex.approx_waiting());
}

PyObject* lock_name(PyObject* self, void*) {
  PyObject* name = head_of(self).shown_name();
  return Py_NewRef(name != nullptr ? name : Py_None);
}

PyObject* lock_taken_at(PyObject* self, void*) {
  const Site* site = head_of(self).site.load(order::relaxed);  // relaxed: a Site never changes
  if (site == nullptr) Py_RETURN_NONE;
  return Py_BuildValue("(ssi)", site->file, site->function, site->line);
}

PyGetSetDef name_getter[] = {RADDLE_NAME_GETTER, {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyGetSetDef lock_getters[] = {RADDLE_LOCK_GETTERS, {nullptr, nullptr, nullptr, nullptr, nullptr}};

bool read_acquire(const char* method, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                  Deadline& deadline) {
  PyObject* values[2];
  const Parameters<2> parameters{method, {"blocking", "timeout"}, 0};
  return read_arguments(parameters, args, nargs, kwnames, values) &&
         read_lock_patience(values[0], values[1], deadline);
}

PyObject* acquire_result(PyObject* self, Mutex& mutex, LockOutcome outcome) {
  switch (outcome) {
    case LockOutcome::taken:
      Py_RETURN_TRUE;
    case LockOutcome::timed_out:
      Py_RETURN_FALSE;
    case LockOutcome::owner_died:
      head_of(self).forget_site();  // of who has ended
      mutex.unlock();
      raise_owner_died(self);
      return nullptr;
    case LockOutcome::interrupted:  // the exception is set
      return nullptr;
  }
  Py_UNREACHABLE();
}

PyObject* enter_result(PyObject* self, Mutex& mutex, LockOutcome outcome) {
  if (outcome == LockOutcome::taken) [[likely]]
    Py_RETURN_TRUE;
  return acquire_result(self, mutex, outcome);
}

Acquired acquired_of(PyObject* result) {
  if (result == nullptr) return Acquired::failed;
  const bool is_true = result == Py_True;
  Py_DECREF(result);
  return is_true ? Acquired::yes : Acquired::no;
}

#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000

// A descriptor in the place of a method: of a pinned object it gives the method that was made by pin().
namespace {

struct PinnableMethod {
  PyObject_HEAD PyObject* method;  // the method descriptor itself
  bool is_enter;
};

PyObject* get_method(PyObject* self, PyObject* object, PyObject* type) {
  const auto* pinnable = reinterpret_cast<PinnableMethod*>(self);
  if (object == nullptr) return Py_NewRef(pinnable->method);
  const LockHead& head = head_of(object);
  PyObject* pinned = pinnable->is_enter ? head.pinned_enter : head.pinned_exit;
  if (pinned != nullptr) return Py_NewRef(pinned);
  return Py_TYPE(pinnable->method)->tp_descr_get(pinnable->method, object, type);
}

int traverse_pinnable(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(reinterpret_cast<PinnableMethod*>(self)->method);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

void dealloc_pinnable(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(reinterpret_cast<PinnableMethod*>(self)->method);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot pinnable_slots[] = {{Py_tp_descr_get, as_slot(get_method)},
                                {Py_tp_traverse, as_slot(traverse_pinnable)},
                                {Py_tp_dealloc, as_slot(dealloc_pinnable)},
                                {0, nullptr}};
PyType_Spec pinnable_spec = {"raddle._raddle.PinnableMethod", sizeof(PinnableMethod), 0, kClassFlagsOfParts,
                             pinnable_slots};

bool put_in_place(PyTypeObject* type, PyObject* dict, PyTypeObject* pinnable_type, const char* name,
                  bool is_enter) {
  PyObject* found;
  if (PyDict_GetItemStringRef(dict, name, &found) <= 0) return false;
  Ref method(found);
  auto* object = PyObject_GC_New(PinnableMethod, pinnable_type);
  if (object == nullptr) return false;
  object->method = method.release();
  object->is_enter = is_enter;
  auto* self = reinterpret_cast<PyObject*>(object);
  PyObject_GC_Track(self);
  if (!pin(self)) return false;
  if (PyDict_SetItemString(dict, name, self) < 0) return false;
  PyType_Modified(type);
  return true;
}

}  // namespace

int make_enter_and_exit_pinnable(PyTypeObject* type) {
  const Ref pinnable(PyType_FromSpec(&pinnable_spec));
  const Ref dict(pinnable ? PyType_GetDict(type) : nullptr);
  if (!dict) return -1;
  auto* pinnable_type = reinterpret_cast<PyTypeObject*>(pinnable.get());
  pin_class(pinnable_type);
  return put_in_place(type, dict.get(), pinnable_type, "__enter__", true) &&
                 put_in_place(type, dict.get(), pinnable_type, "__exit__", false)
             ? 0
             : -1;
}

// Not all classes here are entered by `with`.
bool pin_enter_and_exit(PyObject* self) {
  LockHead& head = head_of(self);
  if (head.pinned_enter != nullptr) return true;
  PyObject* found;
  if (const int has = PyObject_GetOptionalAttrString(self, "__enter__", &found); has <= 0) return has == 0;
  Ref enter(found), exit(PyObject_GetAttrString(self, "__exit__"));
  if (!enter || !exit || !pin(enter.get()) || !pin(exit.get())) return false;
  head.pinned_enter = enter.release();
  head.pinned_exit = exit.release();
  return true;
}

#else

int make_enter_and_exit_pinnable(PyTypeObject*) { return 0; }
bool pin_enter_and_exit(PyObject*) { return true; }

#endif

}  // namespace raddle::python
