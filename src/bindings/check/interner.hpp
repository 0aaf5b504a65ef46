// Numbers for values: the same number for the same value, and the value back from its number.
//
// A spin lock guards the table; its holder makes no step that could wait (no Python call, no safe point). Entries
// stay where they are and are never taken out, so reading one needs no lock.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "raddle/base/atomic.hpp"
#include "raddle/base/spin.hpp"

namespace raddle::python {

class SpinLock {
 public:
  void lock() noexcept {
    // acquire, pairs with unlock()
    while (is_taken_.exchange(true, order::acquire)) pause();
  }
  void unlock() noexcept { is_taken_.store(false, order::release); }

 private:
  atomic<bool> is_taken_{false};
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~SpinGuard() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

// `Key` is plain data without padding. Numbers start at 1; 0: no memory, or too many.
template <class Key>
class Interner {
 public:
  struct Found {
    std::uint32_t id;
    bool is_new;
  };

  // With lock() held.
  Found find_or_add(const Key& key) noexcept {
    if (count_ + 1 > capacity_ / 2 && !grow()) return {0, false};
    const std::size_t mask = capacity_ - 1;
    for (std::size_t i = hash_of(key) & mask;; i = (i + 1) & mask) {
      if (index_[i] == 0) {
        const std::uint32_t id = add(key);
        index_[i] = id;
        return {id, id != 0};
      }
      if (std::memcmp(&at(index_[i]), &key, sizeof(Key)) == 0) return {index_[i], false};
    }
  }

  const Key& at(std::uint32_t id) const noexcept { return chunks_[id >> kChunkBits][id & kChunkMask]; }
  SpinLock& lock() noexcept { return lock_; }

 private:
  static constexpr unsigned kChunkBits = 12, kChunks = 1024;
  static constexpr std::uint32_t kChunkMask = (1U << kChunkBits) - 1;

  static std::size_t hash_of(const Key& key) noexcept {
    static_assert(sizeof(Key) % sizeof(std::uint64_t) == 0);
    std::uint64_t words[sizeof(Key) / sizeof(std::uint64_t)];
    std::memcpy(words, &key, sizeof(Key));
    std::uint64_t hash = 0;
    for (const std::uint64_t word : words) hash = (hash ^ word ^ (hash >> 29)) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(hash ^ (hash >> 32));
  }

  std::uint32_t add(const Key& key) noexcept {
    const std::uint32_t id = count_ + 1;
    if ((id >> kChunkBits) >= kChunks) return 0;
    Key*& chunk = chunks_[id >> kChunkBits];
    if (chunk == nullptr) chunk = static_cast<Key*>(std::calloc(kChunkMask + 1, sizeof(Key)));
    if (chunk == nullptr) return 0;
    chunk[id & kChunkMask] = key;
    count_ = id;
    return id;
  }

  bool grow() noexcept {
    const std::size_t capacity = capacity_ == 0 ? 1024 : capacity_ * 2;
    auto* const index = static_cast<std::uint32_t*>(std::calloc(capacity, sizeof(std::uint32_t)));
    if (index == nullptr) return false;
    for (std::uint32_t id = 1; id <= count_; ++id) {
      std::size_t i = hash_of(at(id)) & (capacity - 1);
      while (index[i] != 0) i = (i + 1) & (capacity - 1);
      index[i] = id;
    }
    std::free(index_);
    index_ = index;
    capacity_ = capacity;
    return true;
  }

  SpinLock lock_;
  Key* chunks_[kChunks] = {};
  std::uint32_t* index_ = nullptr;
  std::size_t capacity_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace raddle::python
