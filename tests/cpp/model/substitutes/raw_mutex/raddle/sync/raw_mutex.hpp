// A RawMutex that the explorer knows as one operation. What is built on it is explored without the orders of the
// mutex's own steps; that the shipped one excludes and lets everybody in is explored in raw_mutex_model_test.cpp.
#pragma once

#include "model/explorer.hpp"

namespace raddle {

class RawMutex {
 public:
  static constexpr bool is_one_operation = true;  // the shipped one has no such name

  constexpr RawMutex() noexcept = default;
  RawMutex(const RawMutex&) = delete;
  RawMutex& operator=(const RawMutex&) = delete;

  void lock() noexcept { model::lock(this); }
  void unlock() noexcept { model::unlock(this); }
  void reset() noexcept {}  // the explorer knows who holds it; no program of a model test forks
};

class RawLock {
 public:
  explicit RawLock(RawMutex& mutex) noexcept : mutex_(mutex) { mutex_.lock(); }
  ~RawLock() { mutex_.unlock(); }
  RawLock(const RawLock&) = delete;
  RawLock& operator=(const RawLock&) = delete;

 private:
  RawMutex& mutex_;
};

}  // namespace raddle
