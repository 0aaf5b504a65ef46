// Call stacks as numbers: equal stacks have the same number, and share what they have in common.
#pragma once

#include "../python.hpp"
#include "raddle/check/event.hpp"

namespace raddle::python {

// Of the calling thread now; 0 if it runs no Python, or without memory. Never runs code of the program.
check::StackId capture_stack() noexcept;

// [[file, line, function], ...], the outermost first; frames of the checker itself are left out. Null with an
// exception set.
PyObject* describe_stack(check::StackId stack);

// What the engine asks when it has to record an access.
struct Stacks final : check::StackSource {
  check::StackId capture() noexcept override { return capture_stack(); }
};

void lock_stacks_for_fork() noexcept;
void unlock_stacks_after_fork() noexcept;

}  // namespace raddle::python
