// An IndexLock that the explorer knows as one operation. What is built on it is explored without the orders of the
// lock's own steps; that the shipped one excludes, lets everybody in and publishes its index is explored in
// index_lock_model_test.cpp.
#pragma once

#include <cstdint>

#include "model/explorer.hpp"

namespace raddle {

class IndexLock {
 public:
  static constexpr bool is_one_operation = true;  // the shipped one has no such name

  class State {
   public:
    constexpr State(std::uint64_t index, bool closed) noexcept : index_(index), closed_(closed) {}
    constexpr std::uint64_t index() const noexcept { return index_; }
    constexpr bool closed() const noexcept { return closed_; }
    constexpr bool abandoned() const noexcept { return false; }  // no program of a model test forks

   private:
    std::uint64_t index_;
    bool closed_;
  };

  constexpr IndexLock() noexcept = default;
  IndexLock(const IndexLock&) = delete;
  IndexLock& operator=(const IndexLock&) = delete;

  State peek() const noexcept { return model::before(this, model::Access::read), state_; }
  State lock() noexcept { return model::lock(this), state_; }
  void unlock(std::uint64_t index, bool closed) noexcept { model::unlock(this), state_ = State(index, closed); }

 private:
  State state_{0, false};
};

}  // namespace raddle
