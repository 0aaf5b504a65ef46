// The classes Semaphore and BoundedSemaphore.
#include "raddle/sync/semaphore.hpp"

#include "sync_object.hpp"

namespace raddle::python {

namespace {

struct SemaphoreContent {
  explicit SemaphoreContent(const char* what) : semaphore(what) {}
  LockHead head;
  Hot<Semaphore> semaphore;
};
using SemaphoreObject = Object<SemaphoreContent>;

Semaphore& semaphore_of(PyObject* self) noexcept { return *SemaphoreObject::of(self).semaphore; }

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) { return SemaphoreObject::make(type, "Semaphore"); }
PyObject* create_bounded(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = SemaphoreObject::make(type, "BoundedSemaphore");
  if (self != nullptr) semaphore_of(self).reset(1, 1);
  return self;
}

int configure(PyObject* self, PyObject* args, PyObject* kwargs, const char* format, bool is_bounded) {
  static const char* names[] = {"value", "name", nullptr};
  PyObject *value = nullptr, *name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, const_cast<char**>(names), &value, &name)) return -1;
  std::uint64_t permits = 1;
  if (value != nullptr && !read_number(value, 0, "semaphore initial value must be >= 0", permits)) return -1;
  if (!head_of(self).configure()) return 0;
  semaphore_of(self).reset(permits, is_bounded ? permits : Semaphore::kMost);
  return set_name(self, name) ? 0 : -1;
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return configure(self, args, kwargs, "|OO:Semaphore", false);
}
int init_bounded(PyObject* self, PyObject* args, PyObject* kwargs) {
  return configure(self, args, kwargs, "|OO:BoundedSemaphore", true);
}

PyObject* take(PyObject* self, Deadline deadline) {
  Semaphore& semaphore = semaphore_of(self);
  if (semaphore.try_acquire()) [[likely]]
    Py_RETURN_TRUE;
  DetachedWaiting waiting(self);
  switch (semaphore.acquire(deadline, waiting)) {
    case Semaphore::Outcome::taken:
      Py_RETURN_TRUE;
    case Semaphore::Outcome::timed_out:
      Py_RETURN_FALSE;
    case Semaphore::Outcome::interrupted:  // the exception is set
      return nullptr;
  }
  Py_UNREACHABLE();
}

PyObject* acquire(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Deadline deadline = Deadline::never();
  if (nargs != 0 || kwnames != nullptr) {
    PyObject* values[2];
    const Parameters<2> parameters{"acquire", {"blocking", "timeout"}, 0};
    if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
    const int blocking = values[0] == nullptr ? 1 : PyObject_IsTrue(values[0]);
    if (blocking < 0) return nullptr;
    if (blocking == 0 && values[1] != nullptr && values[1] != Py_None) {
      PyErr_SetString(PyExc_ValueError, "can't specify timeout for non-blocking acquire");
      return nullptr;
    }
    if (!read_lenient_timeout(values[1], deadline)) return nullptr;
    if (blocking == 0) deadline = Deadline::passed();
  }
  return take(self, deadline);
}

PyObject* enter(PyObject* self, PyObject*) { return take(self, Deadline::never()); }

PyObject* give(PyObject* self, std::uint64_t n) {
  Semaphore& semaphore = semaphore_of(self);
  if (semaphore.release(n)) [[likely]]
    Py_RETURN_NONE;
  if (semaphore.bound() == Semaphore::kMost)
    PyErr_SetString(PyExc_OverflowError, "more than 2**63 - 1 permits");
  else
    PyErr_SetString(PyExc_ValueError, "Semaphore released too many times");
  return nullptr;
}

PyObject* release(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  std::uint64_t n = 1;
  if ((nargs != 0 || kwnames != nullptr) &&
      !read_n("release", args, nargs, kwnames, 1, "n must be one or more", n))
    return nullptr;
  return give(self, n);
}

PyObject* exit(PyObject* self, PyObject* const*, Py_ssize_t) { return give(self, 1); }

PyObject* value(PyObject* self, void*) { return PyLong_FromUnsignedLongLong(semaphore_of(self).permits()); }

PyObject* repr(PyObject* self) {
  const Semaphore& semaphore = semaphore_of(self);
  return sync_repr(self, semaphore.approx_waiting(),
                   PyUnicode_FromFormat("value=%llu", static_cast<unsigned long long>(semaphore.permits())));
}
PyObject* repr_bounded(PyObject* self) {
  const Semaphore& semaphore = semaphore_of(self);
  return sync_repr(self, semaphore.approx_waiting(),
                   PyUnicode_FromFormat("value=%llu/%llu", static_cast<unsigned long long>(semaphore.permits()),
                                        static_cast<unsigned long long>(semaphore.bound())));
}

constexpr char kDoc[] =
    "Semaphore(value=1, name=None)\n"
    "--\n"
    "\n"
    "Permits that threads take and give; in place of threading.Semaphore.\n"
    "\n"
    "`with semaphore:` waits for a permit. A thread that comes may overtake\n"
    "those that wait, but who has waited for a millisecond gets the next\n"
    "one. What a thread did before release() is seen by who then takes a\n"
    "permit.\n"
    "\n"
    "ValueError for a negative value, OverflowError beyond 2**63 - 1 permits.\n"
    "Waiting ends at once by Ctrl-C, and no permit has been taken. After\n"
    "os.fork() the child has the permits as they were, and nobody waits;\n"
    "what threads that are gone have taken is not given back. release() is\n"
    "safe in a finaliser and a signal handler; acquire() is too, but the\n"
    "permit that it waits for must not be that of the thread below it.\n"
    "\n"
    "name: for messages. Timeouts are seconds.\n"
    "\n"
    "    connections = raddle.Semaphore(5)\n"
    "    with connections:\n"
    "        pass              # five threads at once, no more";

constexpr char kBoundedDoc[] =
    "BoundedSemaphore(value=1, name=None)\n"
    "--\n"
    "\n"
    "A Semaphore that refuses more permits than it began with.\n"
    "\n"
    "In place of threading.BoundedSemaphore: release() beyond `value` is a\n"
    "ValueError and changes nothing. In all else as Semaphore.\n"
    "\n"
    "    slots = raddle.BoundedSemaphore(5)\n"
    "    with slots:\n"
    "        pass";

constexpr char kReleaseDoc[] =
    "release($self, /, n=1)\n--\n\n"
    "Give back n permits; as many threads that wait go on.\n\n"
    "ValueError if n is less than 1.";

PyMethodDef methods[] = {
    {"acquire", as_method(acquire), kFastCall,
     "acquire($self, /, blocking=True, timeout=None)\n--\n\n"
     "Take a permit; return whether that was possible.\n\n"
     "blocking=False: do not wait. timeout: wait so many seconds at most; None: for ever; negative: like 0.\n"
     "ValueError for a timeout without blocking."},
    {"release", as_method(release), kFastCall, kReleaseDoc},
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nTake a permit; return True."},
    {"__exit__", as_method(exit), METH_FASTCALL, "__exit__($self, /, *args)\n--\n\nGive back a permit."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef getters[] = {{"_value", value, nullptr, "How many permits there are, at this moment.", nullptr},
                         RADDLE_NAME_GETTER,
                         {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {
    RADDLE_SLOTS(SemaphoreObject, kDoc, methods, repr), {Py_tp_new, as_slot(create)}, {Py_tp_init, as_slot(init)},
    {Py_tp_traverse, as_slot(lock_traverse)},           {Py_tp_getset, getters},      {0, nullptr}};
PyType_Slot bounded_slots[] = {{Py_tp_doc, const_cast<char*>(kBoundedDoc)},
                               {Py_tp_new, as_slot(create_bounded)},
                               {Py_tp_init, as_slot(init_bounded)},
                               {Py_tp_dealloc, as_slot(SemaphoreObject::dealloc)},
                               {Py_tp_traverse, as_slot(lock_traverse)},
                               {Py_tp_repr, as_slot(repr_bounded)},
                               {0, nullptr}};

}  // namespace

PyType_Spec semaphore_spec = {"raddle.Semaphore", sizeof(SemaphoreObject), 0, kClassFlags, slots};
PyType_Spec bounded_semaphore_spec = {"raddle.BoundedSemaphore", sizeof(SemaphoreObject), 0, kClassFlags,
                                      bounded_slots};

}  // namespace raddle::python
