#include "raddle/check/thread.hpp"

#include <cstdlib>
#include <new>

namespace raddle::check {
namespace {
// For threads without memory: knows no access, because no location is 0.
alignas(64) std::byte nothing_known[Thread::kTableBytes];
}  // namespace

Thread::Thread() noexcept { known_ = reinterpret_cast<Known*>(nothing_known); }

void Thread::make_tables() noexcept {
  if (owns_tables_) return;
  // calloc: pages that are never touched cost nothing.
  void* memory = std::calloc(1, kTableBytes + alignof(Known));
  if (memory == nullptr) return;
  auto* pending = new (std::nothrow) Pending[kPending];
  if (pending == nullptr) {
    std::free(memory);
    return;
  }
  const auto start = (reinterpret_cast<std::uintptr_t>(memory) + alignof(Known) - 1) & ~(alignof(Known) - 1);
  known_ = reinterpret_cast<Known*>(start);
  memory_ = memory;
  pending_ = pending;
  owns_tables_ = true;
}

}  // namespace raddle::check
