// What raddle's own classes tell the race detector where their methods, seen from outside, do not show it.
//
// Each is one load where no checker is at work, on paths that run a function of the program, wait, or move many
// elements. No Python runs in them; an exception that is set stays as it is.
#pragma once

#include "../python.hpp"
#include "current.hpp"

namespace raddle::python::checked {

inline bool is_at_work() noexcept {
  // relaxed: a hint, looked at again
  return detail::engine_in_use.load(order::relaxed) != nullptr;
}

// This thread has made what the object (or one part of it) will give to others from now on.
void made(const void* object, const void* part = nullptr) noexcept;
void got(const void* object, const void* part = nullptr) noexcept;

// Locks of raddle: before one is given back, after it has been taken, by means other than its own methods.
void releasing(PyObject* lock, std::uint64_t depth = 1) noexcept;
void acquired(PyObject* lock, std::uint64_t depth = 1) noexcept;

// Elements of a queue: before one goes in; when it did not go in after all.
void putting(PyObject* queue, PyObject* element) noexcept;
void not_put(PyObject* queue, PyObject* element) noexcept;

}  // namespace raddle::python::checked
