// The class Latch.
#include "raddle/sync/latch.hpp"

#include "sync_object.hpp"

namespace raddle::python {

namespace {

struct LatchContent {
  LockHead head;
  Hot<Latch> latch;
};
using LatchObject = Object<LatchContent>;

constexpr char kNegative[] = "count must be >= 0";

Latch& latch_of(PyObject* self) noexcept { return *LatchObject::of(self).latch; }

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"count", "name", nullptr};
  PyObject *count = nullptr, *name = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:Latch", const_cast<char**>(names), &count, &name)) return -1;
  std::uint64_t number;
  if (!read_number(count, 0, kNegative, number)) return -1;
  if (!head_of(self).configure()) return 0;
  latch_of(self).reset(number);
  return set_name(self, name) ? 0 : -1;
}

PyObject* count_down(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  std::uint64_t n = 1;
  if ((nargs != 0 || kwnames != nullptr) && !read_n("count_down", args, nargs, kwnames, 0, "n must be >= 0", n))
    return nullptr;
  latch_of(self).count_down(n);
  Py_RETURN_NONE;
}

PyObject* wait(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Deadline deadline = Deadline::never();
  if ((nargs != 0 || kwnames != nullptr) && !read_wait(args, nargs, kwnames, read_timeout, deadline))
    return nullptr;
  DetachedWaiting waiting(self);
  switch (latch_of(self).wait(deadline, waiting)) {
    case Latch::Outcome::open:
      Py_RETURN_TRUE;
    case Latch::Outcome::timed_out:
      Py_RETURN_FALSE;
    case Latch::Outcome::interrupted:  // the exception is set
      return nullptr;
  }
  Py_UNREACHABLE();
}

PyObject* count(PyObject* self, void*) { return PyLong_FromUnsignedLongLong(latch_of(self).count()); }

PyObject* repr(PyObject* self) {
  const Latch& latch = latch_of(self);
  return sync_repr(self, latch.approx_waiting(),
                   PyUnicode_FromFormat("count=%llu", static_cast<unsigned long long>(latch.count())));
}

constexpr char kDoc[] =
    "Latch(count, name=None)\n"
    "--\n"
    "\n"
    "A count that goes down to 0 once; threads wait until it has.\n"
    "\n"
    "It never goes below 0 nor up again. What threads did before count_down()\n"
    "is seen by those who wait for 0.\n"
    "\n"
    "ValueError for a negative count, n or timeout. Waiting ends at once by\n"
    "Ctrl-C, and nothing has happened. After os.fork() the child has the\n"
    "count as it was, and nobody waits; threads that are gone will not count\n"
    "down. All methods are safe in any thread, a finaliser and a signal\n"
    "handler.\n"
    "\n"
    "name: for messages. Timeouts are seconds. After Java's CountDownLatch.\n"
    "\n"
    "    loaded = raddle.Latch(2)\n"
    "    loaded.count_down()\n"
    "    loaded.count_down()\n"
    "    assert loaded.wait()";

PyMethodDef methods[] = {
    {"count_down", as_method(count_down), kFastCall,
     "count_down($self, /, n=1)\n--\n\nTake n off the count, or what is left of it; at 0 all that wait go on."},
    {"wait", as_method(wait), kFastCall,
     "wait($self, /, timeout=None)\n--\n\n"
     "Wait until the count is 0; return whether it is.\n\n"
     "timeout: seconds after which False is returned; None: for ever."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef getters[] = {{"count", count, nullptr, "How much is left to count down.", nullptr},
                         RADDLE_NAME_GETTER,
                         {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {RADDLE_SLOTS(LatchObject, kDoc, methods, repr),
                       {Py_tp_new, as_slot(LatchObject::create)},
                       {Py_tp_init, as_slot(init)},
                       {Py_tp_traverse, as_slot(lock_traverse)},
                       {Py_tp_getset, getters},
                       {0, nullptr}};

}  // namespace

PyType_Spec latch_spec = {"raddle.Latch", sizeof(LatchObject), 0, kClassFlags, slots};

}  // namespace raddle::python
