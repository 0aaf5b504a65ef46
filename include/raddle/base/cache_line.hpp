// Keeping words that different threads write on cache lines of their own.
//
// Two threads that write neighbouring words of one line pay for each other's writes although they share
// no data. 64 bytes is the line of x86-64 and of most AArch64 cores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace raddle {

inline constexpr std::size_t kCacheLine = 64;

// The line will be written soon: brings it here for that, at once, while the thread does something else. What
// loads a word first and exchanges it then would wait twice for a line that another core has written. A hint.
inline void prefetch_to_write([[maybe_unused]] const void* line) noexcept {
#if defined(__x86_64__)
  asm volatile("prefetchw %0"
               :
               : "m"(*static_cast<const char*>(line)));  // compilers replace it by a load for old CPUs
#elif defined(__GNUC__)
  __builtin_prefetch(line, 1);
#endif
}

// Holds one T on a cache line of its own inside an object whose own alignment nobody controls.
//
// `alignas` is of no use when the surrounding memory comes from an allocator that promises 16 bytes, as
// an interpreter's does. So the holder is larger than a line and finds the boundary from its own address,
// which therefore must not change: it can be neither copied nor moved.
template <class T>
class OwnLine {
  static_assert(sizeof(T) <= kCacheLine, "one line holds the value");

 public:
  static constexpr std::size_t kAssumedAlignment = 16;

  template <class... Args>
  explicit OwnLine(Args&&... args) {
    ::new (static_cast<void*>(address())) T(std::forward<Args>(args)...);
  }
  ~OwnLine() { get().~T(); }
  OwnLine(const OwnLine&) = delete;
  OwnLine& operator=(const OwnLine&) = delete;

  T& get() noexcept { return *std::launder(reinterpret_cast<T*>(address())); }
  T& operator*() noexcept { return get(); }
  T* operator->() noexcept { return &get(); }
  const T* operator->() const noexcept { return std::launder(reinterpret_cast<const T*>(address())); }

 private:
  std::byte* address() noexcept { return const_cast<std::byte*>(std::as_const(*this).address()); }
  const std::byte* address() const noexcept {
    const auto start = reinterpret_cast<std::uintptr_t>(bytes_);
    const auto line = (start + kCacheLine - 1) & ~static_cast<std::uintptr_t>(kCacheLine - 1);
    return bytes_ + (line - start);
  }

  alignas(kAssumedAlignment) std::byte bytes_[2 * kCacheLine - kAssumedAlignment];
};

}  // namespace raddle
