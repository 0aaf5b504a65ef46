// Memory for containers that grow and shrink: what is given back goes back to the system.
//
// The heap can return only what lies above the newest allocation of the whole program, so a container that shrinks
// after a burst would keep its memory for ever. Large pieces are therefore pages of their own.
#pragma once

#include <cstddef>

namespace raddle {

// Null if there is none. Aligned for any scalar.
void* take_memory(std::size_t bytes) noexcept;

// Null is fine. `bytes` as when it was taken.
void give_memory_back(void* memory, std::size_t bytes) noexcept;

}  // namespace raddle
