// What travels beside the elements of a queue: for each, the clocks of the thread that put it there.
//
// Found by the element's identity. Elements that are one and the same object (None, small numbers, whatever is put
// twice) are told apart by their order of arrival only. Guarded by the lock of the place it belongs to; no Python.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/check/clocks.hpp"

namespace raddle::python {

class Elements {
 public:
  Elements() noexcept = default;
  ~Elements();
  Elements(const Elements&) = delete;
  Elements& operator=(const Elements&) = delete;

  // False without memory: then its taker is not ordered with anything.
  bool put(std::uintptr_t element, check::ClocksRef clocks) noexcept;
  // The clocks that came with it, of several those that came first (or last); empty if none are known.
  check::ClocksRef take_first(std::uintptr_t element) noexcept { return take(element, false); }
  check::ClocksRef take_last(std::uintptr_t element) noexcept { return take(element, true); }
  std::size_t size() const noexcept { return size_; }

 private:
  struct Node {
    std::uintptr_t element;
    check::ClocksRef clocks;
    Node* next;
  };
  // Of a bucket: a list in the order of arrival.
  struct Bucket {
    Node* first;
    Node** end;
  };

  check::ClocksRef take(std::uintptr_t element, bool last) noexcept;
  std::size_t index_of(std::uintptr_t element) const noexcept;
  bool grow() noexcept;
  void append(Node* node) noexcept;

  Bucket* buckets_ = nullptr;
  std::size_t bucket_count_ = 0, size_ = 0;
};

}  // namespace raddle::python
