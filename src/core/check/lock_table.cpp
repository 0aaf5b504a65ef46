// The table of locks.
#include <cstdlib>
#include <new>

#include "raddle/check/locks.hpp"

namespace raddle::check {

Locks::~Locks() {
  for (LockShard& shard : shards_) {
    for (std::size_t i = 0; i < shard.bucket_count; ++i) {
      while (LockState* state = shard.buckets[i]) {
        shard.buckets[i] = state->next;
        delete state;
      }
    }
    while (LockState* state = shard.unused) {
      shard.unused = state->next;
      delete state;
    }
    std::free(shard.buckets);
  }
}

Locks::LockShard& Locks::shard_of(std::uintptr_t lock) noexcept { return shards_[hash_of(lock) % kShards]; }

LockState* Locks::find(LockShard& shard, std::uintptr_t lock) noexcept {
  if (shard.bucket_count == 0) return nullptr;
  LockState* state = shard.buckets[(hash_of(lock) / kShards) & (shard.bucket_count - 1)];
  // relaxed: written under the shard's mutex
  while (state != nullptr && state->lock.load(order::relaxed) != lock) state = state->next;
  return state;
}

LockState* Locks::need(LockShard& shard, std::uintptr_t lock) noexcept {
  if (LockState* state = find(shard, lock)) return state;
  if (shard.count >= shard.bucket_count) {
    const std::size_t count = shard.bucket_count == 0 ? 8 : shard.bucket_count * 2;
    auto** made = static_cast<LockState**>(std::calloc(count, sizeof(LockState*)));
    if (made == nullptr && shard.bucket_count == 0) return nullptr;
    for (std::size_t i = 0; made != nullptr && i < shard.bucket_count; ++i) {
      while (LockState* state = shard.buckets[i]) {
        shard.buckets[i] = state->next;
        const std::uintptr_t its = state->lock.load(order::relaxed);  // relaxed: written under the mutex
        LockState*& bucket = made[(hash_of(its) / kShards) & (count - 1)];
        state->next = bucket;
        bucket = state;
      }
    }
    if (made != nullptr) {
      std::free(shard.buckets);
      shard.buckets = made;
      shard.bucket_count = count;
    }
  }
  LockState* state = shard.unused;
  if (state != nullptr) {
    shard.unused = state->next;
  } else {
    state = new (std::nothrow) LockState;
    if (state == nullptr) return nullptr;
  }
  state->life = ++shard.lives;
  state->lock.store(lock, order::relaxed);  // relaxed: who compares it owns the lock, so that it does not change
  LockState*& bucket = shard.buckets[(hash_of(lock) / kShards) & (shard.bucket_count - 1)];
  state->next = bucket;
  bucket = state;
  ++shard.count;
  return state;
}

void Locks::ended(std::uintptr_t lock) noexcept {
  LockShard& shard = shard_of(lock);
  RawLock guard(shard.mutex);
  if (shard.bucket_count == 0) return;
  LockState** link = &shard.buckets[(hash_of(lock) / kShards) & (shard.bucket_count - 1)];
  // relaxed: written under the mutex
  while (*link != nullptr && (*link)->lock.load(order::relaxed) != lock) link = &(*link)->next;
  LockState* state = *link;
  if (state == nullptr) return;
  *link = state->next;
  --shard.count;
  state->lock.store(0, order::relaxed);                                                  // relaxed: as in need()
  if (state->holder != nullptr) state->holder->lost_holds_.store(true, order::relaxed);  // relaxed: a hint
  state->serial.store(0, order::relaxed);  // relaxed: as in acquired()
  state->holder = nullptr;
  state->exclusive.clear();
  state->shared.clear();
  state->signal = ClocksRef();
  state->releaser = 0;
  state->next = shard.unused;
  shard.unused = state;
}

void Locks::lock_all() noexcept {
  for (LockShard& shard : shards_) shard.mutex.lock();
}
void Locks::unlock_all() noexcept {
  for (LockShard& shard : shards_) shard.mutex.unlock();
}

}  // namespace raddle::check
