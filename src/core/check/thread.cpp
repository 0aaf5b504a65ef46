#include "raddle/check/thread.hpp"

#include <cstdlib>
#include <new>

namespace raddle::check {
namespace {
// For threads without memory: knows no access, because no location is 0.
alignas(64) std::byte nothing_known[Thread::kTableBytes];
}  // namespace

Thread::Thread() noexcept { put_tables(nothing_known); }

void Thread::put_tables(std::byte* memory) noexcept {
  static_assert(kTableBytes ==
                kKnown * sizeof(Known) + kKnownLayers * sizeof(KnownLayer) + kKnownReads * sizeof(KnownRead));
  known_ = reinterpret_cast<Known*>(memory);
  memory += kKnown * sizeof(Known);
  known_layers_ = reinterpret_cast<KnownLayer*>(memory);
  memory += kKnownLayers * sizeof(KnownLayer);
  known_reads_ = reinterpret_cast<KnownRead*>(memory);
}

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
  put_tables(reinterpret_cast<std::byte*>(start));
  memory_ = memory;
  pending_ = pending;
  owns_tables_ = true;
}

}  // namespace raddle::check
