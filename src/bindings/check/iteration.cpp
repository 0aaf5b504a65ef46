// Probes of loops and iterators.
#include "containers.hpp"
#include "lifetimes.hpp"

namespace raddle::python {

namespace {

using check::Kind;

// Iterators that two threads must not advance together. Those of itertools are documented otherwise, or rare.
bool is_fragile_iterator(PyTypeObject* type) noexcept {
  return type == &PyGen_Type || type == &PyMap_Type || type == &PyFilter_Type || type == &PyZip_Type ||
         type == &PyEnum_Type || type == &PyReversed_Type || type == &PyListIter_Type ||
         type == &PyTupleIter_Type || type == &PyRangeIter_Type || type == &PySeqIter_Type ||
         type == &PyDictIterKey_Type || type == &PyDictIterValue_Type || type == &PyDictIterItem_Type;
}

void tell_advance(const Telling& telling, PyObject* iterator) noexcept {
  check::Access access = telling.plain({address(iterator), check::kIterator}, Kind::advance);
  if (telling.knows(access)) [[likely]]
    return;
  if (watch_ends(Py_TYPE(iterator))) telling.tell(access, iterator);
}

void begin(const Telling& telling, PyObject* iterable) noexcept {
  const Container container(iterable);
  if (container.shape == Shape::none) {
    if (is_fragile_iterator(Py_TYPE(iterable))) tell_advance(telling, iterable);
    return;
  }
  const std::uint32_t flags = telling.probe().flags;
  const bool is_copy = (flags & kCCopy) != 0 && container.shape != Shape::view;
  if (is_copy) return tell_whole(telling, container, Kind::read);  // one step for all others
  tell_whole(telling, container, Kind::iterate_begin);
  if ((flags & (kCLoop | kCCopy)) == 0) return leave_iteration(telling.probe(), container.whole());
  check::Access end = telling.plain(container.whole(), Kind::iterate_end);
  telling.tell(end, container.object);
}

PyObject* iter(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) begin(telling, args[0]);
  return first_of(args, nargsf);
}

PyObject* iter_end(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  check::Location where;
  if (telling && take_iteration(*telling.probe().partner, where)) {
    check::Access access = telling.plain(where, Kind::iterate_end);
    telling.tell(access, nullptr);
  }
  return first_of(args, nargsf);
}

PyObject* next(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0 && is_fragile_iterator(Py_TYPE(args[0])))
    tell_advance(telling, args[0]);
  return first_of(args, nargsf);
}

}  // namespace

vectorcallfunc iteration_handler(Op op) noexcept {
  switch (op) {
    case Op::iter:
      return iter;
    case Op::iter_end:
      return iter_end;
    case Op::next:
      return next;
    default:
      return nullptr;
  }
}

}  // namespace raddle::python
