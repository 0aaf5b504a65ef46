// The builtin containers, as far as probes know them. Only exact types: a subclass may do anything in its methods.
#pragma once

#include "interpreter.h"
#include "telling.hpp"

namespace raddle::python {

enum class Shape : std::uint8_t {
  none,
  list,
  dict,
  ordered_dict,
  default_dict,
  counter,
  set,
  deque,
  byte_array,
  array,
  view,  // of a dict: keys(), values(), items()
};
inline constexpr int kShapes = 11;

Shape shape_of(PyObject* object) noexcept;

constexpr bool is_mapping(Shape shape) noexcept { return shape >= Shape::dict && shape <= Shape::counter; }
constexpr bool holds_atoms(Shape shape) noexcept { return shape == Shape::byte_array || shape == Shape::array; }
constexpr bool is_sequence(Shape shape) noexcept {
  return shape == Shape::list || (shape >= Shape::deque && shape <= Shape::array);
}

// A container in question.
struct Container {
  PyObject* object;
  Shape shape;

  explicit Container(PyObject* any) noexcept : object(any), shape(shape_of(any)) {
    if (shape == Shape::view) object = raddle_viewed_dict(any);
  }
  check::Location whole() const noexcept { return {address(object), check::kStructure}; }
  check::Location item(PyObject* key) const noexcept;
  // 1, 0, -1: only the program's code could tell.
  int has(PyObject* key) const noexcept;
};

// What operations do to a container. `atom`: what is stored refers to nothing. All but the first two with the
// links of the site.
void tell_item_read(const Telling& telling, const Container& container, PyObject* key) noexcept;
void tell_item_write(const Telling& telling, const Container& container, PyObject* key, check::Value value,
                     bool atom = false) noexcept;
void tell_item_update(const Telling& telling, const Container& container, PyObject* key,
                      check::Value value) noexcept;
void tell_item_delete(const Telling& telling, const Container& container, PyObject* key) noexcept;
void tell_whole(const Telling& telling, const Container& container, check::Kind kind, bool atom = false) noexcept;
// The read of an update: the site's links are for its write.
void tell_item_read_for_update(const Telling& telling, const Container& container, PyObject* key) noexcept;

// The numbers of method names; 0: none that any container has and that changes or reads it.
std::uint8_t method_number(const char* name) noexcept;

// -1 with an exception set.
int ready_containers();

}  // namespace raddle::python
