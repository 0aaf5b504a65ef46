// Nobody looks for deadlocks in a model test: the explorer finds them.
#pragma once

#include <array>
#include <cstdint>

#include "raddle/base/deadline.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

class Deadlock {
 public:
  struct Link {
    ThreadId thread;
  };
  const std::array<Link, 0>& links() const noexcept { return links_; }

 private:
  std::array<Link, 0> links_;
};

class DeadlockWatch {
 public:
  DeadlockWatch(bool, std::int64_t) noexcept {}
  Deadline next() const noexcept { return Deadline::never(); }
  bool look(ThreadId) noexcept { return false; }
  Deadlock& found() noexcept { return deadlock_; }
  void begin() noexcept {}
  void look_now() noexcept {}
  void look_later() noexcept {}

 private:
  Deadlock deadlock_;
};

}  // namespace raddle
