// A short list in one allocation that grows to a small limit. Elements are plain data.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <type_traits>

namespace raddle::check {

template <class T, std::uint32_t kMost>
class SmallList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  SmallList() noexcept = default;
  ~SmallList() { std::free(items_); }
  SmallList(const SmallList&) = delete;
  SmallList& operator=(const SmallList&) = delete;

  T* begin() noexcept { return items_; }
  T* end() noexcept { return items_ + size_; }
  const T* begin() const noexcept { return items_; }
  const T* end() const noexcept { return items_ + size_; }
  std::uint32_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ == kMost; }
  T& front() noexcept { return items_[0]; }

  // False without memory, and if it is full.
  [[nodiscard]] bool append(const T& item) noexcept {
    if (size_ == capacity_ && !grow()) return false;
    items_[size_++] = item;
    return true;
  }
  // Keeps the order.
  void remove(T* item) noexcept {
    for (T* next = item + 1; next != end(); ++next) next[-1] = *next;
    --size_;
  }
  std::size_t bytes() const noexcept { return capacity_ * sizeof(T); }

 private:
  bool grow() noexcept {
    if (full()) return false;
    std::uint32_t wanted = capacity_ == 0 ? 1 : capacity_ * 2;
    if (wanted > kMost) wanted = kMost;
    void* grown = std::realloc(static_cast<void*>(items_), wanted * sizeof(T));
    if (grown == nullptr) return false;
    items_ = static_cast<T*>(grown);
    capacity_ = wanted;
    return true;
  }

  T* items_ = nullptr;
  std::uint32_t size_ = 0, capacity_ = 0;
};

}  // namespace raddle::check
