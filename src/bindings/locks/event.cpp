// The class Event.
#include "raddle/sync/event.hpp"

#include "sync_object.hpp"

namespace raddle::python {

namespace {

struct EventContent {
  LockHead head;
  Hot<Event> event;
};
using EventObject = Object<EventContent>;

Event& event_of(PyObject* self) noexcept { return *EventObject::of(self).event; }

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"name", nullptr};
  PyObject* name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Event", const_cast<char**>(names), &name)) return -1;
  if (!head_of(self).configure()) return 0;
  return set_name(self, name) ? 0 : -1;
}

PyObject* is_set(PyObject* self, PyObject*) { return PyBool_FromLong(event_of(self).is_set()); }

PyObject* is_set_by_old_name(PyObject* self, PyObject* unused) {
  return warn_deprecated("isSet() is deprecated, use is_set() instead") ? is_set(self, unused) : nullptr;
}

PyObject* set(PyObject* self, PyObject*) {
  event_of(self).set();
  Py_RETURN_NONE;
}

PyObject* clear(PyObject* self, PyObject*) {
  event_of(self).clear();
  Py_RETURN_NONE;
}

PyObject* wait(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Event& event = event_of(self);
  Deadline deadline = Deadline::never();
  if ((nargs != 0 || kwnames != nullptr) && !read_wait(args, nargs, kwnames, read_lenient_timeout, deadline))
    return nullptr;
  if (event.is_set()) [[likely]]
    Py_RETURN_TRUE;
  DetachedWaiting waiting(self);
  switch (event.wait(deadline, waiting)) {
    case Event::Outcome::set:
      Py_RETURN_TRUE;
    case Event::Outcome::timed_out:
      Py_RETURN_FALSE;
    case Event::Outcome::interrupted:  // the exception is set
      return nullptr;
  }
  Py_UNREACHABLE();
}

PyObject* at_fork_reinit(PyObject*, PyObject*) { Py_RETURN_NONE; }

PyObject* repr(PyObject* self) {
  const Event& event = event_of(self);
  return sync_repr(self, event.approx_waiting(), PyUnicode_FromString(event.is_set() ? "set" : "unset"));
}

constexpr char kDoc[] =
    "Event(name=None)\n"
    "--\n"
    "\n"
    "A flag that threads wait for; in place of threading.Event.\n"
    "\n"
    "set() lets all go on that wait, also if clear() follows at once. What a\n"
    "thread did before set() is seen by those whom it lets go on. set() on a\n"
    "flag that is set writes nothing.\n"
    "\n"
    "Waiting ends at once by Ctrl-C, and nothing has happened. After\n"
    "os.fork() the child has the flag as it was, and nobody waits. All\n"
    "methods are safe in any thread, a finaliser and a signal handler.\n"
    "\n"
    "name: for messages. Timeouts are seconds.\n"
    "\n"
    "    ready = raddle.Event()\n"
    "    ready.set()\n"
    "    assert ready.wait(timeout=1.5)";

PyMethodDef methods[] = {
    {"is_set", is_set, METH_NOARGS, "is_set($self, /)\n--\n\nReturn whether the flag is set."},
    {"isSet", is_set_by_old_name, METH_NOARGS, "isSet($self, /)\n--\n\nDeprecated: is_set()."},
    {"set", set, METH_NOARGS, "set($self, /)\n--\n\nSet the flag; all that wait go on."},
    {"clear", clear, METH_NOARGS, "clear($self, /)\n--\n\nMake the flag unset: wait() waits again."},
    {"wait", as_method(wait), kFastCall,
     "wait($self, /, timeout=None)\n--\n\n"
     "Wait until the flag is set; return whether it was.\n\n"
     "timeout: seconds after which False is returned; None: for ever; negative: like 0."},
    {"_at_fork_reinit", at_fork_reinit, METH_NOARGS,
     "_at_fork_reinit($self, /)\n--\n\nDo nothing: it needs no mending after a fork."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(EventObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(EventObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(lock_traverse)},
                       {Py_tp_getset, name_getter},
                       {0, nullptr}};

}  // namespace

PyType_Spec event_spec = {"raddle.Event", sizeof(EventObject), 0, kClassFlags, slots};

}  // namespace raddle::python
