// What the engine knows of the program's locks, and the order that they make.
//
// F: whoever takes a lock is after all who released it (shared holders only after exclusive ones). C is not
// changed here but by signals: releases by another thread than the one that took the lock. What each critical
// section leaves for C is in its Hold.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/cache_line.hpp"
#include "raddle/check/clocks.hpp"
#include "raddle/check/thread.hpp"
#include "raddle/check/threads.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace raddle::check {

// Guarded by the mutex of its shard; memory that stays until the engine ends.
struct LockState {
  atomic<std::uintptr_t> lock{0};   // 0: unused. Read without the mutex by threads that know the state
  atomic<std::uint64_t> serial{0};  // of the exclusive hold; 0: none. Read without the mutex by the holder
  Thread* holder = nullptr;         // exclusive
  LockState* next = nullptr;
  VectorClock exclusive, shared;  // F at releases
  ClocksRef signal;
  std::uint32_t life = 0;     // tells this lock from others that had the same word before
  ThreadNumber releaser = 0;  // the last one
  Slot releaser_slot = 0;
};

class Locks {
 public:
  explicit Locks(Threads& threads) noexcept : threads_(threads) {}
  ~Locks();

  // False: dropped, without memory.
  bool acquired(Thread& thread, std::uintptr_t lock, bool shared, StackId taken_at) noexcept;
  bool released(Thread& thread, std::uintptr_t lock) noexcept;
  void ended(std::uintptr_t lock) noexcept;

  // The Hold for what the thread holds now, made if needed; null if it holds nothing (or without memory).
  static Hold* holds_of(Thread& thread) noexcept;
  static bool tick(Thread& thread) noexcept;
  // F, C and P into `into`, replaced if others have a reference. False without memory.
  bool release_into(Thread& thread, ClocksRef& into) noexcept { return add_into(thread, into) && tick(thread); }
  // The same, but the thread's clock does not go on.
  bool add_into(Thread& thread, ClocksRef& into) noexcept;
  void acquire(Thread& thread, const Clocks& from) noexcept;

  void lock_all() noexcept;
  void unlock_all() noexcept;

 private:
  static constexpr unsigned kShards = 64;
  struct alignas(kCacheLine) LockShard {
    RawMutex mutex;
    LockState** buckets = nullptr;
    std::size_t bucket_count = 0, count = 0;
    LockState* unused = nullptr;
    std::uint32_t lives = 0;  // of locks so far
  };

  static std::size_t hash_of(std::uintptr_t lock) noexcept {
    const std::uint64_t mixed = (std::uint64_t{lock} >> 3) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(mixed >> 20);
  }
  LockShard& shard_of(std::uintptr_t lock) noexcept;
  static LockState* find(LockShard& shard, std::uintptr_t lock) noexcept;
  static LockState* need(LockShard& shard, std::uintptr_t lock) noexcept;
  LockState* state_of(Thread& thread, LockShard& shard, std::uintptr_t lock) noexcept;
  bool follow(Thread& thread, LockState& state, bool shared) noexcept;
  bool leave(Thread& thread, LockState& state, bool shared) noexcept;
  bool signal(Thread& thread, std::uintptr_t lock) noexcept;
  static void let_go(Thread& thread, unsigned index) noexcept;
  static void find_lost(Thread& thread) noexcept;

  Threads& threads_;
  LockShard shards_[kShards];
};

}  // namespace raddle::check
