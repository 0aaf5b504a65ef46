#include "containers.hpp"

#include "interpreter.h"
#include "keys.hpp"

namespace raddle::python {

namespace {

using check::Kind;

// Those that are not builtin; kept for ever.
struct ContainerTypes {
  PyTypeObject *deque, *default_dict, *counter, *array;
};
constinit ContainerTypes types{};

int find_type(const char* module_name, const char* name, PyTypeObject*& type) {
  const Ref module(PyImport_ImportModule(module_name));
  type = module ? reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(module.get(), name)) : nullptr;
  return type == nullptr ? -1 : 0;
}

// The index that a sequence makes of a key; false: it is no index.
bool index_of(const Container& container, PyObject* key, Py_ssize_t& index) noexcept {
  if (!PyLong_CheckExact(key) && !PyBool_Check(key)) return false;
#if PY_VERSION_HEX >= 0x030C0000
  if (PyUnstable_Long_IsCompact(reinterpret_cast<PyLongObject*>(key))) [[likely]] {
    index = PyUnstable_Long_CompactValue(reinterpret_cast<PyLongObject*>(key));
    if (index >= 0) return true;
  }
#endif
  index = PyLong_AsSsize_t(key);
  if (index == -1 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    return false;
  }
  if (index < 0) index += Py_SIZE(container.object);
  return true;
}

}  // namespace

Shape shape_of(PyObject* object) noexcept {
  PyTypeObject* const type = Py_TYPE(object);
  if (type == &PyDict_Type) return Shape::dict;
  if (type == &PyList_Type) return Shape::list;
  if (type == &PySet_Type) return Shape::set;
  if (type == types.deque) return Shape::deque;
  if (type == types.default_dict) return Shape::default_dict;
  if (type == &PyODict_Type) return Shape::ordered_dict;
  if (type == types.counter) return Shape::counter;
  if (type == &PyByteArray_Type) return Shape::byte_array;
  if (type == types.array) return Shape::array;
  if (type == &PyDictKeys_Type || type == &PyDictValues_Type || type == &PyDictItems_Type)
    return shape_of(raddle_viewed_dict(object)) == Shape::none ? Shape::none : Shape::view;
  return Shape::none;
}

check::Location Container::item(PyObject* key) const noexcept {
  Py_ssize_t index;
  if (is_sequence(shape) && index_of(*this, key, index) && index >= 0)
    return {address(object), check::key_of_element(static_cast<std::uint64_t>(index))};
  return {address(object), key_of_item(key)};
}

int Container::has(PyObject* key) const noexcept {
  if (is_mapping(shape)) return raddle_dict_has(object, key);
  if (shape == Shape::set) return raddle_set_has(object, key);
  return -1;
}

void tell_whole(const Telling& telling, const Container& container, Kind kind, bool atom) noexcept {
  check::Access access = telling.linked(container.whole(), kind);
  access.element = is_sequence(container.shape);
  access.atom = atom || holds_atoms(container.shape);
  telling.tell(access, container.object);
}

namespace {

bool has_items(const Container& container) noexcept {
  return container.shape != Shape::none && container.shape != Shape::view && container.shape != Shape::set;
}

void tell_read(const Telling& telling, const Container& container, PyObject* key, check::Access access) noexcept {
  if (telling.knows(access)) [[likely]]
    return;
  const bool is_absent = is_mapping(container.shape) && container.has(key) == 0;
  if (is_absent) access.kind = Kind::missed;
  telling.tell(access, container.object);
  if (!is_absent || container.shape != Shape::default_dict) return;
  // The read creates what it misses, in two steps.
  check::Access created = telling.plain(access.where, Kind::create);
  telling.tell(created, container.object);
  check::Access grown = telling.plain(container.whole(), Kind::append_like);
  telling.tell(grown, container.object);
}

// An element is used because the container was found to have some: the act is told of the container as well.
bool is_act_on_whole(const Telling& telling) noexcept {
  const check::Access& site = telling.probe().access;
  for (int i = 0; i < site.link_count; ++i)
    if (site.links[i].type == check::Link::guard &&
        (site.links[i].expects == check::Guard::non_empty || site.links[i].expects == check::Guard::truthy))
      return true;
  return false;
}

}  // namespace

void tell_item_read(const Telling& telling, const Container& container, PyObject* key) noexcept {
  if (!has_items(container)) return;
  if (is_sequence(container.shape) && !telling.is_linked() && !PySlice_Check(key) && telling.together()) [[likely]]
    return telling.engine().read_element(telling.thread(), address(container.object));
  if (is_sequence(container.shape) && (PySlice_Check(key) || is_act_on_whole(telling)))
    tell_whole(telling, container, Kind::read);
  if (PySlice_Check(key)) return;
  tell_read(telling, container, key, telling.linked(container.item(key), Kind::read));
}

void tell_item_read_for_update(const Telling& telling, const Container& container, PyObject* key) noexcept {
  if (!has_items(container) || PySlice_Check(key)) return;
  check::Access access = telling.plain(container.item(key), Kind::read);
  access.starts_pair = true;
  access.frame = Telling::frame();
  tell_read(telling, container, key, access);
}

// A key that is not there raises an error, but in a defaultdict and a Counter.
void tell_item_update(const Telling& telling, const Container& container, PyObject* key,
                      check::Value value) noexcept {
  const bool may_create = container.shape == Shape::default_dict || container.shape == Shape::counter;
  if (!has_items(container) || may_create || PySlice_Check(key)) {
    tell_item_read_for_update(telling, container, key);
    return tell_item_write(telling, container, key, value);
  }
  check::Access read = telling.plain(container.item(key), Kind::read);
  read.starts_pair = true;
  read.frame = Telling::frame();
  check::Access write = telling.probe().access;
  write.where = read.where;
  write.frame = read.frame;
  write.kind = Kind::write;
  write.value = value;
  write.starts_pair = false;
  write.element = is_sequence(container.shape);
  write.atom = holds_atoms(container.shape);
  if (telling.knows(read) && telling.knows(write)) [[likely]]
    return;
  if (is_mapping(container.shape) && container.has(key) == 0) {
    read.kind = Kind::missed;
    return telling.tell(read, container.object);
  }
  telling.tell_update(read, write, container.object);
}

namespace {

// Of the writes of a sequence's elements those that nothing depends on are remembered together.
void tell_element_write(const Telling& telling, const Container& container, check::Access& access,
                        bool atom) noexcept {
  access.element = true;
  access.atom = atom || holds_atoms(container.shape);
  const bool is_inside =
      check::is_element(access.where.key) &&
      check::index_of_element(access.where.key) < static_cast<std::uint64_t>(Py_SIZE(container.object));
  if (access.atom && is_inside && !telling.is_linked() && telling.together()) [[likely]]
    return telling.tell_element(access, container.object);
  telling.tell(access, container.object);
}

}  // namespace

void tell_item_write(const Telling& telling, const Container& container, PyObject* key, check::Value value,
                     bool atom) noexcept {
  if (!has_items(container)) return;
  if (PySlice_Check(key)) return tell_whole(telling, container, Kind::remove);
  check::Access access = telling.linked(container.item(key), Kind::write);
  access.value = value;
  if (is_sequence(container.shape)) return tell_element_write(telling, container, access, atom);
  if (telling.knows(access)) [[likely]]
    return;
  const bool creates = is_mapping(container.shape) && container.has(key) == 0;
  if (creates) access.kind = Kind::create;
  telling.tell(access, container.object);
  if (creates) tell_whole(telling, container, Kind::append_like);
}

void tell_item_delete(const Telling& telling, const Container& container, PyObject* key) noexcept {
  if (!has_items(container)) return;
  if (!PySlice_Check(key)) {
    check::Access access = telling.linked(container.item(key), Kind::remove);
    telling.tell(access, container.object);
  }
  tell_whole(telling, container, Kind::remove);
}

int ready_containers() {
  if (types.array != nullptr) return 0;
  if (find_type("collections", "deque", types.deque) < 0) return -1;
  if (find_type("collections", "defaultdict", types.default_dict) < 0) return -1;
  if (find_type("collections", "Counter", types.counter) < 0) return -1;
  return find_type("array", "array", types.array);
}

}  // namespace raddle::python
