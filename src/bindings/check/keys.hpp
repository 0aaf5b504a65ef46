// Keys of locations (check::Location::key) for names and for items.
//
// Keys that are equal to Python are the same, as far as that can be told without the program's code: exact str,
// int, bool, float, bytes, None, and tuples of these. All other objects go by identity.
#pragma once

#include "../python.hpp"
#include "raddle/check/event.hpp"

namespace raddle::python {

// Of an attribute, a variable, or an item under this name: the same for all three. `name` is an exact str.
std::uint64_t key_of_name(PyObject* name) noexcept;

std::uint64_t key_of_item(PyObject* key) noexcept;

}  // namespace raddle::python
