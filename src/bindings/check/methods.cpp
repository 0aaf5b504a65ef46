// Probes of method calls of containers.
#include <array>
#include <cstring>

#include "containers.hpp"
#include "handoffs.hpp"
#include "keys.hpp"

namespace raddle::python {

namespace {

using check::Kind;

enum class Act : std::uint8_t {
  none,
  read_whole,
  read_key,
  grow,         // elements are added that are not known
  add_element,  // the argument is added to a sequence
  add_key,      // the argument is added to a set
  take,         // an element is taken out
  take_key,     // the argument's entry is taken out
  drop,         // an element is removed without coming back
  drop_key,
  set_default,
  clear,
  reorder,
  merge,
};

struct Method {
  const char* name;
  Act sequence, mapping, set;
};

// keys(), values() and items() do nothing by themselves; iterating over what they return does.
constexpr Method methods[] = {
    {"", Act::none, Act::none, Act::none},
    {"append", Act::add_element, Act::none, Act::none},
    {"appendleft", Act::add_element, Act::none, Act::none},
    {"extend", Act::grow, Act::none, Act::none},
    {"extendleft", Act::grow, Act::none, Act::none},
    {"insert", Act::grow, Act::none, Act::none},
    {"frombytes", Act::grow, Act::none, Act::none},
    {"fromlist", Act::grow, Act::none, Act::none},
    {"pop", Act::take, Act::take_key, Act::take},
    {"popleft", Act::take, Act::none, Act::none},
    {"popitem", Act::none, Act::drop, Act::none},
    {"remove", Act::drop, Act::none, Act::drop_key},
    {"discard", Act::none, Act::none, Act::drop_key},
    {"add", Act::none, Act::none, Act::add_key},
    {"clear", Act::clear, Act::clear, Act::clear},
    {"get", Act::none, Act::read_key, Act::none},
    {"setdefault", Act::none, Act::set_default, Act::none},
    {"update", Act::none, Act::merge, Act::grow},
    {"subtract", Act::none, Act::merge, Act::none},
    {"move_to_end", Act::none, Act::reorder, Act::none},
    {"sort", Act::reorder, Act::none, Act::none},
    {"reverse", Act::reorder, Act::none, Act::none},
    {"rotate", Act::reorder, Act::none, Act::none},
    {"byteswap", Act::reorder, Act::none, Act::none},
    {"index", Act::read_whole, Act::none, Act::none},
    {"count", Act::read_whole, Act::none, Act::none},
    {"copy", Act::read_whole, Act::read_whole, Act::read_whole},
    {"difference_update", Act::none, Act::none, Act::drop},
    {"intersection_update", Act::none, Act::none, Act::drop},
    {"symmetric_difference_update", Act::none, Act::none, Act::drop},
};

Act act_of(const Container& container, std::uint8_t method) noexcept {
  const Method& found = methods[method];
  if (is_sequence(container.shape)) return found.sequence;
  if (is_mapping(container.shape)) return found.mapping;
  return container.shape == Shape::set ? found.set : Act::none;
}

void tell_key(const Telling& telling, const Container& container, PyObject* key, Kind kind) noexcept {
  check::Access access = telling.linked(container.item(key), kind);
  telling.tell(access, container.object);
}

void read_key(const Telling& telling, const Container& container, PyObject* key) noexcept {
  tell_key(telling, container, key, container.has(key) == 0 ? Kind::missed : Kind::read);
}

// An entry that may be there or not goes away, or comes.
void remove_key(const Telling& telling, const Container& container, PyObject* key) noexcept {
  if (container.has(key) == 0) return tell_key(telling, container, key, Kind::missed);
  tell_key(telling, container, key, Kind::remove);
  tell_whole(telling, container, Kind::remove);
}

void add_key(const Telling& telling, const Container& container, PyObject* key) noexcept {
  if (container.has(key) != 0) return tell_key(telling, container, key, Kind::read);
  tell_key(telling, container, key, Kind::create);
  tell_whole(telling, container, Kind::append_like);
}

// The one step that a set default is: it creates, or reads.
void set_default(const Telling& telling, const Container& container, PyObject* key) noexcept {
  const bool creates = container.has(key) == 0;
  check::Access access = telling.plain(container.item(key), creates ? Kind::create : Kind::read);
  telling.tell(access, container.object);
  if (creates) {
    check::Access grown = telling.plain(container.whole(), Kind::append_like);
    telling.tell(grown, container.object);
  }
  meet_at_key(telling, container.object, key_of_item(key));
}

// An exact dict is looked through: keys that are there already change no structure. Its size is bounded by
// patience.
void merge(const Telling& telling, const Container& container, PyObject* from) noexcept {
  constexpr Py_ssize_t kMost = 64;
  if (from == nullptr || !PyDict_CheckExact(from) || PyDict_GET_SIZE(from) > kMost)
    return tell_whole(telling, container, Kind::append_like);
  Ref keys(PyDict_Keys(from));
  if (!keys) return PyErr_Clear();
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keys.get()); ++i) {
    PyObject* const key = PyList_GET_ITEM(keys.get(), i);
    tell_item_write(telling, container, key, check::Value::unknown);
  }
}

void tell_act(const Telling& telling, const Container& container, Act act, PyObject* key) noexcept {
  switch (act) {
    case Act::none:
      return;
    case Act::read_whole:
      return tell_whole(telling, container, Kind::read);
    case Act::read_key:
      return key != nullptr ? read_key(telling, container, key) : void();
    case Act::add_element:
      if (key != nullptr) put_element(telling, container.object, address(key));
      return tell_whole(telling, container, Kind::append_like, key != nullptr && is_atom(key));
    case Act::grow:
      return tell_whole(telling, container, Kind::append_like);
    case Act::add_key:
      if (key == nullptr) return tell_whole(telling, container, Kind::append_like);
      put_element(telling, container.object, address(key));
      return add_key(telling, container, key);
    case Act::take:
    case Act::drop:
      return tell_whole(telling, container, Kind::remove);
    case Act::take_key:
    case Act::drop_key:
      return key != nullptr ? remove_key(telling, container, key) : tell_whole(telling, container, Kind::remove);
    case Act::set_default:
      return key != nullptr ? set_default(telling, container, key) : void();
    case Act::clear:
      return tell_whole(telling, container, Kind::clear);
    case Act::reorder:
      return tell_whole(telling, container, Kind::write);
    case Act::merge:
      return merge(telling, container, key);
  }
}

// `probe`: the METHOD or METHOD_KEY.
void call_method(const Telling& telling, std::uint8_t method, PyObject* object, PyObject* key) noexcept {
  const Container container(object);
  const Act act = act_of(container, method);
  if (act == Act::none) return;
  tell_act(telling, container, act, key);
  if (!telling.probe().has_result) return;
  // Words only: neither has to be alive when the call has returned.
  if (act == Act::take) leave(telling.probe(), object);
  if (act == Act::set_default && key != nullptr)
    leave(telling.probe(), object, nullptr, {address(object), key_of_item(key)});
}

PyObject* method(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) [[likely]] {
    const bool is_key_first = (telling.probe().flags & kReturnsKey) != 0;
    PyObject* const object = argument(args, nargsf, is_key_first ? 1 : 0);
    if (object != nullptr)
      call_method(telling, telling.probe().method, object, argument(args, nargsf, is_key_first ? 0 : 1));
  }
  return first_of(args, nargsf);
}

// P(c).name(Q(k)): this is P.
PyObject* method_object(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) leave(telling.probe(), args[0]);
  return first_of(args, nargsf);
}

PyObject* method_key(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (!telling || PyVectorcall_NARGS(nargsf) == 0) return first_of(args, nargsf);
  PyObject* object = argument(args, nargsf, 1);
  Left left;
  if (object == nullptr && telling.probe().partner != nullptr && take_left(*telling.probe().partner, left))
    object = left.object;
  if (object != nullptr) call_method(telling, telling.probe().method, object, args[0]);
  return first_of(args, nargsf);
}

// A container that has ended meanwhile has no place any more.
PyObject* result(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  Left left;
  if (!telling || PyVectorcall_NARGS(nargsf) == 0 || !take_left(*telling.probe().partner, left))
    return first_of(args, nargsf);
  if (left.where.object != 0) {
    meet_at_key(telling, left.object, left.where.key);
  } else {
    take_element(telling, left.object, address(args[0]));
  }
  return first_of(args, nargsf);
}

}  // namespace

std::uint8_t method_number(const char* name) noexcept {
  for (std::size_t i = 1; i < std::size(methods); ++i)
    if (std::strcmp(methods[i].name, name) == 0) return static_cast<std::uint8_t>(i);
  return 0;
}

vectorcallfunc method_handler(Op op) noexcept {
  switch (op) {
    case Op::method:
      return method;
    case Op::method_object:
      return method_object;
    case Op::method_key:
      return method_key;
    case Op::result:
      return result;
    default:
      return nullptr;
  }
}

}  // namespace raddle::python
