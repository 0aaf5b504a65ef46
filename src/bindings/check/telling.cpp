#include "telling.hpp"

#include <cstring>
#include <new>

#include "raddle/base/config.hpp"
#include "stacks.hpp"

namespace raddle::python {

namespace {

// What the probes of one thread remember from one to the next. Used by this thread alone.
struct Memory {
  static constexpr int kLeft = 64, kIterations = 64;
  static constexpr unsigned kCalls = 64;
  struct Iteration {
    std::uintptr_t frame = 0;
    const Probe* by = nullptr;
    check::Location where;
  };
  struct Call {
    std::uintptr_t frame = 0;
    std::uint64_t number = 0;
  };

  Left left[kLeft];
  Iteration iterations[kIterations];
  Call calls[kCalls];  // by frame: its latest ENTER
  int left_count = 0, iteration_count = 0;
  std::uint64_t next_call = 0;

  Call& call_of(std::uintptr_t frame) noexcept { return calls[((frame >> 4) ^ (frame >> 10)) % kCalls]; }
};

constinit RADDLE_TLS_WORD thread_local Memory* memory = nullptr;

struct FreesMemory {
  ~FreesMemory() {
    delete memory;
    memory = nullptr;
  }
  bool is_made = false;
};
thread_local FreesMemory frees_memory;

Memory* make_memory() noexcept {
  frees_memory.is_made = true;
  memory = new (std::nothrow) Memory;
  return memory;
}
Memory* memory_or_none() noexcept { return memory != nullptr ? memory : make_memory(); }

// Makes room at the end by giving up the older half: what exceptions left behind, most of it.
template <class Entry>
void make_room(Entry* entries, int& count, int most) noexcept {
  if (count < most) return;
  const int kept = most / 2;
  for (int i = 0; i < kept; ++i) entries[i] = entries[count - kept + i];
  count = kept;
}

template <class Entry>
int latest(const Entry* entries, int count, std::uintptr_t frame, const Probe& by) noexcept {
  int i = count - 1;
  while (i >= 0 && (entries[i].frame != frame || entries[i].by != &by)) --i;
  return i;
}

}  // namespace

std::uintptr_t Telling::frame() noexcept {
  const std::uintptr_t frame = raddle_current_frame();
  if (memory == nullptr) return frame;
  const Memory::Call& call = memory->call_of(frame);
  return call.frame == frame ? frame ^ static_cast<std::uintptr_t>(call.number << 48) ^ call.number : frame;
}

void Telling::tell_slow(check::Access& access, PyObject* object) const noexcept {
  if (access.frame == 0) access.frame = frame();
  Stacks stacks;
  engine_->access(*thread_, access, stacks);
  if (thread_->has_findings()) [[unlikely]]
    deliver_findings(*engine_, *thread_, object);
}

void Telling::tell_update(check::Access& read, check::Access& write, PyObject* object) const noexcept {
  Stacks stacks;
  engine_->update(*thread_, read, write, stacks);
  if (thread_->has_findings()) [[unlikely]]
    deliver_findings(*engine_, *thread_, object);
}

void Telling::tell_element(check::Access& access, PyObject* object) const noexcept {
  access.frame = raddle_current_frame();  // for its stack
  Stacks stacks;
  engine_->write_element(*thread_, access, stacks);
  if (thread_->has_findings()) [[unlikely]]
    deliver_findings(*engine_, *thread_, object);
}

void leave(const Probe& by, PyObject* object, PyObject* key, check::Location where) noexcept {
  Memory* const here = memory_or_none();
  if (here == nullptr) return;
  const std::uintptr_t frame = raddle_current_frame();
  if (const int before = latest(here->left, here->left_count, frame, by); before >= 0) here->left_count = before;
  make_room(here->left, here->left_count, Memory::kLeft);
  here->left[here->left_count++] = {frame, &by, object, key, where};
}

bool take_left(const Probe& by, Left& left) noexcept {
  Memory* const here = memory;
  if (here == nullptr) return false;
  const int found = latest(here->left, here->left_count, raddle_current_frame(), by);
  if (found < 0) return false;
  left = here->left[found];
  here->left_count = found;
  return true;
}

void leave_iteration(const Probe& by, check::Location where) noexcept {
  Memory* const here = memory_or_none();
  if (here == nullptr) return;
  const std::uintptr_t frame = raddle_current_frame();
  const int before = latest(here->iterations, here->iteration_count, frame, by);
  if (before >= 0) here->iteration_count = before;
  make_room(here->iterations, here->iteration_count, Memory::kIterations);
  here->iterations[here->iteration_count++] = {frame, &by, where};
}

bool take_iteration(const Probe& by, check::Location& where) noexcept {
  Memory* const here = memory;
  if (here == nullptr) return false;
  const int found = latest(here->iterations, here->iteration_count, raddle_current_frame(), by);
  if (found < 0) return false;
  where = here->iterations[found].where;
  here->iteration_count = found;
  return true;
}

void forget_left() noexcept {
  if (memory != nullptr) memory->left_count = memory->iteration_count = 0;
}

check::Value left_value(const Probe& probe) noexcept {
  Left left;
  if (!probe.takes_value || !take_left(probe, left)) return probe.access.value;
  return value_of(left.object);
}

namespace {

// Types of C whose objects never change, and that have no name in the API.
bool is_immutable_type(const PyTypeObject* type) noexcept {
  if ((type->tp_flags & (Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_BYTES_SUBCLASS |
                         Py_TPFLAGS_TUPLE_SUBCLASS)) != 0)
    return true;
  constexpr const char* names[] = {"re.Pattern",
                                   "datetime.date",
                                   "datetime.datetime",
                                   "datetime.time",
                                   "datetime.timedelta",
                                   "datetime.timezone",
                                   "decimal.Decimal",
                                   "method",
                                   "ellipsis"};
  if ((type->tp_flags & (Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_IMMUTABLETYPE)) == Py_TPFLAGS_HEAPTYPE) return false;
  for (const char* const name : names)
    if (std::strcmp(type->tp_name, name) == 0) return true;
  return false;
}

}  // namespace

check::Value value_of(PyObject* value) noexcept {
  PyTypeObject* const type = Py_TYPE(value);
  if (value == Py_None) return check::Value::none;
  if (value == Py_False) return check::Value::falsy;
  if (type == &PyLong_Type) {
    int overflow = 0;
    const long number = PyLong_AsLongAndOverflow(value, &overflow);
    return number == 0 && overflow == 0 ? check::Value::falsy : check::Value::immutable;
  }
  if (type == &PyFloat_Type) return PyFloat_AS_DOUBLE(value) == 0 ? check::Value::falsy : check::Value::immutable;
  if (type == &PyUnicode_Type)
    return PyUnicode_GET_LENGTH(value) == 0 ? check::Value::falsy : check::Value::immutable;
  if (type == &PyBytes_Type || type == &PyTuple_Type)
    return Py_SIZE(value) == 0 ? check::Value::falsy : check::Value::immutable;
  if (value == Py_True || type == &PyFrozenSet_Type || type == &PyComplex_Type || type == &PyFunction_Type ||
      type == &PyCFunction_Type || type == &PyModule_Type || type == &PyRange_Type || PyType_Check(value))
    return check::Value::immutable;
  if (type == &PyList_Type || type == &PyDict_Type || type == &PySet_Type) return check::Value::mutable_;
  return is_immutable_type(type) ? check::Value::immutable : check::Value::mutable_;
}

bool is_atom(PyObject* value) noexcept {
  PyTypeObject* const type = Py_TYPE(value);
  return type == &PyLong_Type || type == &PyFloat_Type || type == &PyUnicode_Type || type == &PyBool_Type ||
         type == &PyBytes_Type || type == &PyComplex_Type || value == Py_None;
}

check::Value value_after(PyObject* operand) noexcept {
  const check::Value value = value_of(operand);
  return value == check::Value::none || value == check::Value::falsy ? check::Value::unknown : value;
}

namespace {

PyObject* enter(PyObject*, PyObject* const* args, std::size_t nargsf, PyObject*) {
  if (engine_in_use() == nullptr) return first_of(args, nargsf);
  if (Memory* const here = memory_or_none(); here != nullptr) {
    const std::uintptr_t frame = raddle_current_frame();
    here->call_of(frame) = {frame, ++here->next_call};
  }
  return first_of(args, nargsf);
}

// What is stored is alive until the store is done: the interpreter holds it.
PyObject* show_value(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  if (engine_in_use() != nullptr && PyVectorcall_NARGS(nargsf) > 0) leave(*probe_at(self).partner, args[0]);
  return first_of(args, nargsf);
}

}  // namespace

vectorcallfunc handler_of(Op op) noexcept {
  if (op == Op::enter) return enter;
  if (op == Op::value) return show_value;
  if (op == Op::update_end) return update_end_handler();
  for (const auto find : {attribute_handler, item_handler, method_handler, iteration_handler, variable_handler})
    if (const vectorcallfunc found = find(op); found != nullptr) return found;
  return nullptr;
}

}  // namespace raddle::python
