// The class Barrier.
#include "raddle/sync/barrier.hpp"

#include "sync_object.hpp"

namespace raddle::python {

namespace {

struct BarrierContent {
  LockHead head;
  PyObject* action = nullptr;   // or null; written by the first __init__, like the next
  PyObject* timeout = nullptr;  // the default
  Hot<Barrier> barrier;

  ~BarrierContent() {
    Py_XDECREF(action);
    Py_XDECREF(timeout);
  }
};
using BarrierObject = Object<BarrierContent>;

BarrierContent& content_of(PyObject* self) noexcept { return BarrierObject::of(self); }
Barrier& barrier_of(PyObject* self) noexcept { return *content_of(self).barrier; }

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"parties", "action", "timeout", "name", nullptr};
  PyObject *parties = nullptr, *action = nullptr, *timeout = nullptr, *name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OOO:Barrier", const_cast<char**>(names), &parties, &action,
                                   &timeout, &name))
    return -1;
  std::uint64_t number;
  if (!read_number(parties, 1, "parties must be >= 1", number)) return -1;
  BarrierContent& content = content_of(self);
  if (!content.head.configure()) return 0;
  content.barrier->set_parties(number);
  if (action != nullptr && action != Py_None) content.action = Py_NewRef(action);
  if (timeout != nullptr && timeout != Py_None) content.timeout = Py_NewRef(timeout);
  return set_name(self, name) ? 0 : -1;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(content_of(self).action);
  Py_VISIT(content_of(self).timeout);
  return lock_traverse(self, visit, arg);
}

int clear(PyObject* self) {
  Py_CLEAR(content_of(self).action);
  Py_CLEAR(content_of(self).timeout);
  return 0;
}

PyObject* raise_broken(PyObject* self) {
  PyErr_SetNone(state_of(self).broken_barrier_error);
  return nullptr;
}

// All have arrived: does the action in this thread, the last one.
PyObject* act(PyObject* self, Barrier::Arrival& arrival) {
  Barrier& barrier = barrier_of(self);
  PyObject* action = content_of(self).action;
  bool succeeded = true;
  if (action != nullptr) {
    PyObject* result = PyObject_CallNoArgs(action);
    succeeded = result != nullptr;
    Py_XDECREF(result);
  }
  const bool released = barrier.finish(arrival, succeeded) == Barrier::Outcome::released;
  if (!succeeded) return nullptr;  // the exception is set
  return released ? PyLong_FromUnsignedLongLong(arrival.index()) : raise_broken(self);
}

PyObject* wait(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* timeout = nullptr;
  if (nargs != 0 || kwnames != nullptr) {
    const Parameters<1> parameters{"wait", {"timeout"}, 0};
    if (!read_arguments(parameters, args, nargs, kwnames, &timeout)) return nullptr;
  }
  Deadline deadline = Deadline::never();
  if (timeout == nullptr || timeout == Py_None) timeout = content_of(self).timeout;
  if (!read_lenient_timeout(timeout, deadline)) return nullptr;
  DetachedWaiting waiting(self);
  Barrier::Arrival arrival;
  switch (barrier_of(self).wait(arrival, deadline, waiting)) {
    case Barrier::Outcome::released:
      return PyLong_FromUnsignedLongLong(arrival.index());
    case Barrier::Outcome::last:
      return act(self, arrival);
    case Barrier::Outcome::broken:
      return raise_broken(self);
    case Barrier::Outcome::interrupted:  // the exception is set
      return nullptr;
    case Barrier::Outcome::no_memory:
      return PyErr_NoMemory();
  }
  Py_UNREACHABLE();
}

PyObject* reset(PyObject* self, PyObject*) {
  barrier_of(self).reset();
  Py_RETURN_NONE;
}

PyObject* abort(PyObject* self, PyObject*) {
  barrier_of(self).abort();
  Py_RETURN_NONE;
}

PyObject* parties(PyObject* self, void*) { return PyLong_FromUnsignedLongLong(barrier_of(self).parties()); }
PyObject* waiting(PyObject* self, void*) { return PyLong_FromUnsignedLongLong(barrier_of(self).waiting()); }
PyObject* broken(PyObject* self, void*) { return PyBool_FromLong(barrier_of(self).is_broken()); }

PyObject* repr(PyObject* self) {
  Barrier& barrier = barrier_of(self);
  if (barrier.is_broken()) return sync_repr(self, 0, PyUnicode_FromString("broken"));
  return sync_repr(self, 0,
                   PyUnicode_FromFormat("waiters=%llu/%llu", static_cast<unsigned long long>(barrier.waiting()),
                                        static_cast<unsigned long long>(barrier.parties())));
}

constexpr char kDoc[] =
    "Barrier(parties, action=None, timeout=None, name=None)\n"
    "--\n"
    "\n"
    "A place where `parties` threads wait for each other, again and again.\n"
    "\n"
    "In place of threading.Barrier. The last of them to arrive calls\n"
    "action(), then all go on. What each did before wait() is seen by all\n"
    "after it. Threads that come while action() runs wait until it is done.\n"
    "\n"
    "If a thread gives up waiting by its timeout or Ctrl-C, or action()\n"
    "raises, the barrier breaks: whoever waits or comes gets\n"
    "threading.BrokenBarrierError, until reset(). ValueError for less than\n"
    "one party.\n"
    "\n"
    "After os.fork() the child has a barrier at which nobody waits, but for\n"
    "the thread that forked, if it did so in a signal handler inside wait()\n"
    "or in action(). All methods are safe in any thread and, as far as\n"
    "waiting makes sense there, in a finaliser and a signal handler.\n"
    "\n"
    "timeout: for those wait() calls that give none, in seconds. name: for\n"
    "messages.\n"
    "\n"
    "    barrier = raddle.Barrier(1, action=print)\n"
    "    assert barrier.wait(timeout=5) == 0";

PyMethodDef methods[] = {
    {"wait", as_method(wait), kFastCall,
     "wait($self, /, timeout=None)\n--\n\n"
     "Wait for the others; return how many had arrived before, from 0 to parties - 1.\n\n"
     "timeout: seconds after which the barrier breaks; None: the barrier's; negative: like 0.\n"
     "threading.BrokenBarrierError if it is broken or breaks; what action() raises in the thread that calls it."},
    {"reset", reset, METH_NOARGS,
     "reset($self, /)\n--\n\nMake it as new; threads that wait get BrokenBarrierError."},
    {"abort", abort, METH_NOARGS,
     "abort($self, /)\n--\n\nBreak it; threads that wait or come get BrokenBarrierError, until reset()."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef getters[] = {{"parties", parties, nullptr, "How many threads wait for each other.", nullptr},
                         {"n_waiting", waiting, nullptr, "How many have arrived, at this moment.", nullptr},
                         {"broken", broken, nullptr, "Whether it is broken.", nullptr},
                         RADDLE_NAME_GETTER,
                         {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(BarrierObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(BarrierObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(traverse)},
                       {Py_tp_clear, as_slot(clear)},
                       {Py_tp_getset, getters},
                       {0, nullptr}};

}  // namespace

PyType_Spec barrier_spec = {"raddle.Barrier", sizeof(BarrierObject), 0, kClassFlags, slots};

}  // namespace raddle::python
