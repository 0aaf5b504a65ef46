#include <sys/mman.h>

#include <new>

#include "raddle/base/memory.hpp"

namespace raddle {

namespace {

// From here on the pages that are wasted at the end of a piece, and the calls of the system, do not matter.
constexpr std::size_t kLarge = std::size_t{64} << 10;

}  // namespace

void* take_memory(std::size_t bytes) noexcept {
  if (bytes < kLarge) return ::operator new(bytes, std::nothrow);
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? nullptr : pages;
}

void give_memory_back(void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  if (bytes < kLarge)
    ::operator delete(memory);
  else
    munmap(memory, bytes);
}

}  // namespace raddle
