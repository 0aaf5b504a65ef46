// Probes of attributes.
#include "keys.hpp"
#include "resolve.hpp"
#include "telling.hpp"

namespace raddle::python {

namespace {

using check::Kind;

// An attribute of an object in question.
struct Attribute {
  PyObject* object;
  PyObject* name;
  std::uint64_t key;
  Resolved resolved;

  check::Location where() const noexcept {
    PyObject* const holder = resolved.storage == Storage::module ? PyModule_GetDict(object) : object;
    return {address(holder), key};
  }
  bool is_there() const noexcept { return has_attribute(object, name, resolved.storage); }
};

// A read that finds the value of the class, or of a base of a class: there it is kept. `is_all`: the object itself
// cannot have it, so this is what later acts depend on.
void tell_class_read(const Telling& telling, const Attribute& attribute, PyTypeObject* type,
                     bool is_all) noexcept {
  PyTypeObject* const owner = owner_of(type, attribute.name);
  if (owner == nullptr) return;
  const check::Location where{address(owner), attribute.key};
  check::Access access = is_all ? telling.linked(where, Kind::read) : telling.plain(where, Kind::read);
  access.group = attribute.resolved.group;
  telling.tell(access, reinterpret_cast<PyObject*>(owner));
}

// Only what depends on something: its own value is kept elsewhere.
void tell_computed_read(const Telling& telling, const Attribute& attribute) noexcept {
  check::Access access = telling.linked(attribute.where(), Kind::read);
  access.group = attribute.resolved.group;
  access.computed = true;
  if (access.starts_pair || access.link_count != 0) telling.tell(access, attribute.object);
}

// `asks`: the program does not rely on its being there.
void read(const Telling& telling, const Attribute& attribute, bool asks = false) noexcept {
  const Storage storage = attribute.resolved.storage;
  if (storage == Storage::none || storage == Storage::method) return;
  if (storage == Storage::computed) return tell_computed_read(telling, attribute);
  if (storage == Storage::in_class) return tell_class_read(telling, attribute, Py_TYPE(attribute.object), true);
  if (storage == Storage::of_type)
    return tell_class_read(telling, attribute, reinterpret_cast<PyTypeObject*>(attribute.object), true);
  check::Access access = telling.linked(attribute.where(), Kind::read);
  access.group = attribute.resolved.group;
  access.field = storage == Storage::field;
  access.asks = asks;
  if (storage != Storage::shadowing && telling.knows(access)) [[likely]]
    return;
  const bool is_there = attribute.is_there();
  if (storage == Storage::shadowing) {
    telling.tell(access, attribute.object);
    if (!is_there) tell_class_read(telling, attribute, Py_TYPE(attribute.object), false);
    return;
  }
  if (!is_there) access.kind = Kind::missed;
  telling.tell(access, attribute.object);
}

// Of a store whether it creates is only found out where it has to be told.
void change(const Telling& telling, const Attribute& attribute, Kind kind, check::Value value) noexcept {
  const Storage storage = attribute.resolved.storage;
  if (storage == Storage::none || storage == Storage::in_class) return;
  check::Access access = telling.linked(attribute.where(), kind);
  access.value = value;
  access.group = attribute.resolved.group;
  access.field = storage == Storage::field;
  access.computed = storage == Storage::computed;
  access.initial = (telling.probe().flags & kInit) != 0;
  if (telling.knows(access)) [[likely]]
    return;
  if (kind == Kind::write && !access.computed && !attribute.is_there()) access.kind = Kind::create;
  telling.tell(access, attribute.object);
}

check::Value stored(const Probe& probe, PyObject* value) noexcept {
  return value == nullptr ? left_value(probe) : value_of(value);
}

Attribute attribute_at(Probe& probe, PyObject* object) noexcept {
  return {object, probe.name, probe.key, resolve(probe, object)};
}

PyObject* attr_read(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) [[likely]]
    read(telling, attribute_at(telling.probe(), args[0]));
  return first_of(args, nargsf);
}

PyObject* attr_write(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) [[likely]] {
    const check::Value value = stored(telling.probe(), argument(args, nargsf, 1));
    change(telling, attribute_at(telling.probe(), args[0]), Kind::write, value);
  }
  return first_of(args, nargsf);
}

PyObject* attr_delete(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0)
    change(telling, attribute_at(telling.probe(), args[0]), Kind::remove, check::Value::unknown);
  return first_of(args, nargsf);
}

bool has_update(Storage storage) noexcept {
  return storage != Storage::none && storage != Storage::method && storage != Storage::in_class;
}

// Of an update only the write has the links: acts that rely on a test, and on the read before.
check::Access read_of_update(const Telling& telling, const Attribute& attribute) noexcept {
  check::Access access = telling.plain(attribute.where(), Kind::read);
  access.starts_pair = true;
  access.frame = Telling::frame();
  access.group = attribute.resolved.group;
  access.field = attribute.resolved.storage == Storage::field;
  access.computed = attribute.resolved.storage == Storage::computed;
  return access;
}

void read_for_update(const Telling& telling, const Attribute& attribute) noexcept {
  const Storage storage = attribute.resolved.storage;
  if (!has_update(storage)) return;
  check::Access access = read_of_update(telling, attribute);
  if (telling.knows(access)) [[likely]]
    return;
  if (storage == Storage::field && !attribute.is_there()) access.kind = Kind::missed;
  telling.tell(access, attribute.object);
}

// Nothing that is not there can be updated.
void update_field(const Telling& telling, const Attribute& attribute) noexcept {
  check::Access read = read_of_update(telling, attribute);
  check::Access write = telling.probe().access;
  write.where = read.where;
  write.frame = read.frame;
  write.group = read.group;
  write.field = true;
  write.kind = Kind::write;
  write.starts_pair = false;
  if (telling.knows(read) && telling.knows(write)) [[likely]]
    return;
  if (!attribute.is_there()) {
    read.kind = Kind::missed;
    return telling.tell(read, attribute.object);
  }
  telling.tell_update(read, write, attribute.object);
}

PyObject* attr_update(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) [[likely]] {
    const Attribute attribute = attribute_at(telling.probe(), args[0]);
    if (attribute.resolved.storage == Storage::field) [[likely]] {
      update_field(telling, attribute);
    } else {
      read_for_update(telling, attribute);
      change(telling, attribute, Kind::write, telling.probe().access.value);
    }
  }
  return first_of(args, nargsf);
}

PyObject* attr_update_begin(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (telling && PyVectorcall_NARGS(nargsf) > 0) {
    read_for_update(telling, attribute_at(telling.probe(), args[0]));
    leave(telling.probe(), args[0]);
  }
  return first_of(args, nargsf);
}

// getattr(P(o, name), name) and so on: the name is a value. Anything but an exact str is left alone.
class Named {
 public:
  Named(const Telling& telling, PyObject* const* args, std::size_t nargsf) noexcept {
    PyObject* const name = argument(args, nargsf, 1);
    if (!telling || name == nullptr || !PyUnicode_CheckExact(name)) return;
    PyObject* interned = Py_NewRef(name);
    PyUnicode_InternInPlace(&interned);
    name_ = Ref(interned);
    attribute_ = {args[0], interned, key_of_name(interned), resolve_name(args[0], interned)};
  }
  explicit operator bool() const noexcept { return static_cast<bool>(name_); }
  const Attribute& operator*() const noexcept { return attribute_; }

 private:
  Ref name_;
  Attribute attribute_{};
};

PyObject* getattr(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  const Probe& probe = probe_at(self);
  const bool asks = probe.op == Op::hasattr || (probe.flags & kHasDefault) != 0;
  if (const Named named(telling, args, nargsf); named) read(telling, *named, asks);
  return first_of(args, nargsf);
}

// setattr(P(o, name[, v]), name, v), or setattr(o, name, P(v, o, name)): after v has been computed, perhaps from
// what is there now.
PyObject* setattr(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  const bool value_first =
      telling && (telling.probe().flags & kReturnsKey) != 0 && PyVectorcall_NARGS(nargsf) == 3;
  const Named named(telling, value_first ? args + 1 : args, value_first ? 2 : nargsf);
  if (named)
    change(telling, *named, Kind::write,
           stored(telling.probe(), value_first ? args[0] : argument(args, nargsf, 2)));
  return first_of(args, nargsf);
}

PyObject* delattr(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (const Named named(telling, args, nargsf); named)
    change(telling, *named, Kind::remove, check::Value::unknown);
  return first_of(args, nargsf);
}

}  // namespace

void end_attribute_update(const Telling& telling, Probe& begin, PyObject* object, PyObject* operand) noexcept {
  change(telling, attribute_at(begin, object), Kind::write, value_after(operand));
}

vectorcallfunc attribute_handler(Op op) noexcept {
  switch (op) {
    case Op::attr_read:
      return attr_read;
    case Op::attr_write:
      return attr_write;
    case Op::attr_delete:
      return attr_delete;
    case Op::attr_update:
      return attr_update;
    case Op::attr_update_begin:
      return attr_update_begin;
    case Op::getattr:
    case Op::hasattr:
      return getattr;
    case Op::setattr:
      return setattr;
    case Op::delattr:
      return delattr;
    default:
      return nullptr;
  }
}

}  // namespace raddle::python
