// No notes about waiting threads: nobody looks for deadlocks in a model test, where the explorer finds them.
#pragma once

#include <cstdint>

#include "raddle/base/thread_id.hpp"

namespace raddle {

class WaitNote {
 public:
  WaitNote(ThreadId, const void*, bool) noexcept {}
  void move_to(const void*) noexcept {}
  static void move(ThreadRecord*, const void*) noexcept {}
  std::uint64_t next_turn() noexcept { return 0; }
  bool has_waited_since(std::uint64_t) const noexcept { return false; }
  void end(bool) noexcept {}
  static void watch() noexcept {}
  static bool anybody_is_watched() noexcept { return false; }
};

}  // namespace raddle
