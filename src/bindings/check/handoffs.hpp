// What elements of plain containers carry from one thread to another.
//
// An element that a thread takes out of a deque, list or set was put in by another before: that orders the two, as
// with a queue. So does dict.setdefault for a key. The clocks are found by the container's address and the
// element's identity.
#pragma once

#include "telling.hpp"

namespace raddle::python {

void put_element(const Telling& telling, PyObject* container, std::uintptr_t element) noexcept;
// `container`: only its address is used.
void take_element(const Telling& telling, PyObject* container, std::uintptr_t element) noexcept;
// Of a key's default everybody who asks comes after everybody who asked before.
void meet_at_key(const Telling& telling, PyObject* container, std::uint64_t key) noexcept;

// The container is gone; a few nanoseconds where it had none.
void forget_handoffs(PyObject* container) noexcept;

void lock_handoffs_for_fork() noexcept;
void unlock_handoffs_after_fork() noexcept;

}  // namespace raddle::python
