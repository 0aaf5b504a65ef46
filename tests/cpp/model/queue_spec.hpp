// A queue as one thread sees it: what the histories of the queues are held against.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "raddle/queue/queue_status.hpp"

namespace raddle::model {

enum class Takes : std::uint8_t { first, last };

class QueueSpec {
 public:
  enum class Kind : std::uint8_t { put, get, size, close, close_and_take_all };
  struct Step {
    Kind kind;
    QueueStatus status = QueueStatus::done;
    std::size_t value = 0;  // the item, or the size
    std::vector<std::size_t> all = {};
  };

  QueueSpec(Takes takes, std::int64_t maxsize) : takes_(takes), maxsize_(static_cast<std::size_t>(maxsize)) {}

  bool apply(const Step& step) {
    switch (step.kind) {
      case Kind::put:
        return step.status == why_not_put() && (step.status != QueueStatus::done || put(step.value));
      case Kind::get:
        return step.status == why_not_get() && (step.status != QueueStatus::done || get() == step.value);
      case Kind::size:
        return step.value == size_;
      case Kind::close:
        return closed_ = true;
      case Kind::close_and_take_all:
        closed_ = true;
        if (step.all.size() != size_) return false;
        for (const std::size_t item : step.all)
          if (get() != item) return false;
        return true;
    }
    return false;
  }

 private:
  QueueStatus why_not_put() const {
    if (closed_) return QueueStatus::closed;
    return maxsize_ != 0 && size_ >= maxsize_ ? QueueStatus::full : QueueStatus::done;
  }
  QueueStatus why_not_get() const {
    if (size_ != 0) return QueueStatus::done;
    return closed_ ? QueueStatus::closed : QueueStatus::empty;
  }
  bool put(std::size_t item) {
    items_.at(first_ + size_++) = static_cast<std::uint8_t>(item);
    return true;
  }
  std::size_t get() {
    --size_;
    return items_.at(takes_ == Takes::first ? first_++ : first_ + size_);
  }

  Takes takes_;
  bool closed_ = false;
  std::size_t maxsize_;
  std::size_t first_ = 0, size_ = 0;
  std::array<std::uint8_t, 40> items_{};  // enough for all that a program puts
};

}  // namespace raddle::model
