// What the tests of locks share.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "raddle/sync/deadlock.hpp"
#include "raddle/sync/mutex.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle::test {

inline constexpr std::int64_t kMillisecond = 1'000'000;

template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::yield();
}
// False: it has not come true for so long that it never will.
template <class Condition>
[[nodiscard]] bool comes_true(Condition condition) {
  const Deadline late = Deadline::in(20'000 * kMillisecond);
  while (!condition()) {
    if (late.has_passed()) return false;
    std::this_thread::yield();
  }
  return true;
}
// Lets time pass in which something could go wrong; nothing depends on it.
inline void let_pass(std::int64_t nanoseconds) {
  const Deadline end = Deadline::in(nanoseconds);
  wait_until([&] { return end.has_passed(); });
}

inline bool is_parked(ThreadId id) {
  return ParkingLot::find(id, [](const ParkingLot::Parked&) {}) == ParkingLot::Whereabouts::parked;
}
inline void wait_until_parked(const std::atomic<ThreadId>& id) {
  wait_until([&] { return id != kNoThread && is_parked(id); });
}

inline LockOutcome lock(Mutex& mutex, Deadline deadline = Deadline::never(), LockStyle style = LockStyle::owned) {
  PlainWaiting waiting;
  return mutex.lock(style, deadline, waiting);
}

// Calls what it is given at each look for signals, every millisecond, and counts them.
struct LookingWaiting final : Waiting {
  LookingWaiting() = default;
  explicit LookingWaiting(std::function<bool()> look) : on_look(std::move(look)) {}

  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return ++looks, on_look(); }
  std::int64_t patience() override { return kMillisecond; }

  int looks = 0;
  std::function<bool()> on_look = [] { return false; };
};

// A wait that is given up when it is told that it is the one to break a deadlock.
struct ToldWaiting : Waiting {
  virtual ~ToldWaiting() = default;
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return false; }
  std::int64_t patience() override { return INT64_MAX; }
  bool deadlocked(Deadlock& deadlock) override {
    Deadlock::Link mine = deadlock.links().front();
    if (!deadlock.confirm(mine)) return false;
    links = deadlock.links();
    return told = true;
  }
  void* retain_subject() override { return ++retained, this; }

  std::atomic<bool> told = false;
  std::atomic<int> retained = 0;
  std::vector<Deadlock::Link> links;
};

}  // namespace raddle::test
