// Probes of global variables and of closure cells, and the end of every update.
#include "interpreter.h"
#include "lifetimes.hpp"
#include "telling.hpp"

namespace raddle::python {

namespace {

using check::Kind;

struct Variable {
  PyObject* holder;  // the module's dict, or the cell; null: not found
  check::Location where;
};

struct Global {
  static Variable find(Probe& probe) noexcept { return {probe.globals, {address(probe.globals), probe.key}}; }
  static bool has(const Probe& probe, const Variable&) noexcept {
    return raddle_dict_has(probe.globals, probe.name) != 0;
  }
};

struct Cell {
  static Variable find(Probe& probe) noexcept {
    std::uint64_t index = probe.cache.load(order::relaxed);  // relaxed: one word says it all
    const std::uint64_t before = index;
    PyObject* const cell = raddle_frame_cell(probe.name, &index);
    if (index != before) probe.cache.store(index, order::relaxed);
    return {cell, {address(cell), check::kCell}};
  }
  static bool has(const Probe&, const Variable& variable) noexcept {
    const Ref value(PyCell_Get(variable.holder));
    return static_cast<bool>(value);
  }
};

template <class Scope>
void read(const Telling& telling, const Variable& variable, check::Access access) noexcept {
  access.group = telling.probe().access.group;
  if (telling.knows(access)) [[likely]]
    return;
  if (!Scope::has(telling.probe(), variable)) access.kind = Kind::missed;
  telling.tell(access, nullptr);
}

template <class Scope>
void change(const Telling& telling, const Variable& variable, Kind kind, PyObject* value) noexcept {
  check::Access access = telling.linked(variable.where, kind);
  if (value != nullptr) access.value = value_of(value);
  if (telling.knows(access)) [[likely]]
    return;
  if (kind == Kind::write && !Scope::has(telling.probe(), variable)) access.kind = Kind::create;
  telling.tell(access, nullptr);
}

template <class Scope>
void read_for_update(const Telling& telling, const Variable& variable) noexcept {
  check::Access access = telling.plain(variable.where, Kind::read);
  access.starts_pair = true;
  access.frame = Telling::frame();
  read<Scope>(telling, variable, access);
}

enum class Does { read, write, remove, update, update_begin };

template <class Scope, Does kDoes>
PyObject* variable(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  if (!telling) [[unlikely]]
    return first_of(args, nargsf);
  const Variable found = Scope::find(probe_at(self));
  if (found.holder == nullptr) [[unlikely]]
    return first_of(args, nargsf);
  if constexpr (kDoes == Does::read) {
    read<Scope>(telling, found, telling.linked(found.where, Kind::read));
  } else if constexpr (kDoes == Does::write) {
    change<Scope>(telling, found, Kind::write, argument(args, nargsf, 0));
  } else if constexpr (kDoes == Does::remove) {
    change<Scope>(telling, found, Kind::remove, nullptr);
  } else if constexpr (kDoes == Does::update) {
    read_for_update<Scope>(telling, found);
    change<Scope>(telling, found, Kind::write, nullptr);
  } else {
    read_for_update<Scope>(telling, found);
    leave(telling.probe(), found.holder, nullptr, found.where);
  }
  return first_of(args, nargsf);
}

template <class Scope>
vectorcallfunc handler(int does) noexcept {
  switch (static_cast<Does>(does)) {
    case Does::read:
      return variable<Scope, Does::read>;
    case Does::write:
      return variable<Scope, Does::write>;
    case Does::remove:
      return variable<Scope, Does::remove>;
    case Does::update:
      return variable<Scope, Does::update>;
    case Does::update_begin:
      return variable<Scope, Does::update_begin>;
  }
  return nullptr;
}

PyObject* update_end(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject*) {
  const Telling telling(probe_at(self));
  Left left;
  if (!telling || PyVectorcall_NARGS(nargsf) == 0 || !take_left(*telling.probe().partner, left))
    return first_of(args, nargsf);
  Probe& begin = *telling.probe().partner;
  switch (begin.op) {
    case Op::attr_update_begin:
      end_attribute_update(telling, begin, left.object, args[0]);
      break;
    case Op::item_key:
    case Op::item_update_begin:
      end_item_update(telling, left, args[0]);
      break;
    default: {
      check::Access access = telling.linked(left.where, Kind::write);
      access.group = begin.access.group;
      access.value = value_after(args[0]);
      telling.tell(access, nullptr);
    }
  }
  return first_of(args, nargsf);
}

}  // namespace

vectorcallfunc update_end_handler() noexcept { return update_end; }

vectorcallfunc variable_handler(Op op) noexcept {
  if (op >= Op::global_read && op <= Op::global_update_begin)
    return handler<Global>(static_cast<int>(op) - static_cast<int>(Op::global_read));
  if (op >= Op::cell_read && op <= Op::cell_update_begin)
    return handler<Cell>(static_cast<int>(op) - static_cast<int>(Op::cell_read));
  return nullptr;
}

}  // namespace raddle::python
