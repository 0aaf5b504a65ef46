// Probes of items, slices, membership, length and truth.
#include "containers.hpp"

namespace raddle::python {

namespace {

using check::Kind;

// What a probe of an item was called with.
struct Call {
  PyObject* container = nullptr;
  PyObject* key = nullptr;
  PyObject* value = nullptr;

  Call(const Probe& probe, PyObject* const* args, std::size_t nargsf) noexcept {
    const bool is_key_first = (probe.flags & kReturnsKey) != 0;
    container = argument(args, nargsf, is_key_first ? 1 : 0);
    key = argument(args, nargsf, is_key_first ? 0 : 1);
    value = argument(args, nargsf, 2);
  }
  explicit operator bool() const noexcept { return container != nullptr && key != nullptr; }
};

void tell_item(const Telling& telling, Op op, PyObject* object, PyObject* key, PyObject* value) noexcept {
  const Container container(object);
  if (container.shape == Shape::none) return;
  const check::Value stored = value == nullptr ? left_value(telling.probe()) : value_of(value);
  const bool atom = value == nullptr ? (telling.probe().flags & kAtom) != 0 : is_atom(value);
  switch (op) {
    case Op::item_read:
      return tell_item_read(telling, container, key);
    case Op::item_write:
      return tell_item_write(telling, container, key, stored, atom);
    case Op::item_delete:
      return tell_item_delete(telling, container, key);
    case Op::item_update:
      return tell_item_update(telling, container, key, stored);
    case Op::item_update_begin:
      tell_item_read_for_update(telling, container, key);
      return leave(telling.probe(), object, key);
    default:
      return;
  }
}

template <Op kOp>
PyObject* item(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (const Call call(probe_at(self), args, nargsf); telling && call) [[likely]]
    tell_item(telling, kOp, call.container, call.key, call.value);
  return first_of(args, nargsf);
}

// P(c)[Q(k)]: this is P.
PyObject* item_object(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) leave(telling.probe(), args[0]);
  return first_of(args, nargsf);
}

PyObject* item_key(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  Left left;
  if (telling && PyVectorcall_NARGS(nargsf) > 0 && take_left(*telling.probe().partner, left))
    tell_item(telling, telling.probe().acts_as, left.object, args[0], nullptr);
  return first_of(args, nargsf);
}

template <Kind kKind>
PyObject* slice(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0)
    if (const Container container(args[0]); is_sequence(container.shape)) tell_whole(telling, container, kKind);
  return first_of(args, nargsf);
}

void tell_contains(const Telling& telling, PyObject* object, PyObject* key) noexcept {
  const Container container(object);
  if (container.shape == Shape::none) return;
  const bool is_by_key = is_mapping(container.shape) || container.shape == Shape::set ||
                         (container.shape == Shape::view && Py_IS_TYPE(object, &PyDictKeys_Type));
  if (!is_by_key) return tell_whole(telling, container, Kind::read);
  check::Access access = telling.linked(container.item(key), Kind::read);
  if (telling.knows(access)) [[likely]]
    return;
  const Container table = container.shape == Shape::view ? Container(container.object) : container;
  if (table.has(key) == 0) access.kind = Kind::missed;
  telling.tell(access, container.object);
}

PyObject* contains(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (const Call call(probe_at(self), args, nargsf); telling && call) [[likely]]
    tell_contains(telling, call.container, call.key);
  return first_of(args, nargsf);
}

// Q(k) in P(c): this is Q.
PyObject* contains_key(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) leave(telling.probe(), nullptr, args[0]);
  return first_of(args, nargsf);
}

PyObject* contains_in(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  Left left;
  if (telling && PyVectorcall_NARGS(nargsf) > 0 && take_left(*telling.probe().partner, left))
    tell_contains(telling, args[0], left.key);
  return first_of(args, nargsf);
}

PyObject* whole(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) [[likely]]
    if (const Container container(args[0]); container.shape != Shape::none)
      tell_whole(telling, container, Kind::read);
  return first_of(args, nargsf);
}

}  // namespace

void end_item_update(const Telling& telling, const Left& left, PyObject* operand) noexcept {
  tell_item_write(telling, Container(left.object), left.key, value_after(operand));
}

vectorcallfunc item_handler(Op op) noexcept {
  switch (op) {
    case Op::item_read:
      return item<Op::item_read>;
    case Op::item_write:
      return item<Op::item_write>;
    case Op::item_delete:
      return item<Op::item_delete>;
    case Op::item_update:
      return item<Op::item_update>;
    case Op::item_update_begin:
      return item<Op::item_update_begin>;
    case Op::item_object:
      return item_object;
    case Op::item_key:
      return item_key;
    case Op::slice_read:
      return slice<Kind::read>;
    case Op::slice_write:
    case Op::slice_delete:
      return slice<Kind::remove>;
    case Op::contains:
      return contains;
    case Op::contains_key:
      return contains_key;
    case Op::contains_in:
      return contains_in;
    case Op::len:
    case Op::truth:
      return whole;
    default:
      return nullptr;
  }
}

}  // namespace raddle::python
