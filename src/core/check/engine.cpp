#include "raddle/check/engine.hpp"

#include <algorithm>
#include <new>

#include "raddle/check/parts.hpp"
#include "raddle/check/work.hpp"

namespace raddle::check {

Engine::Parts::Parts(Options chosen) noexcept : options(chosen) {
  constexpr std::size_t kMostShards = 256, kLeastBytes = 64 << 10;
  shard_count = 1;
  while (shard_count < kMostShards && options.memory / (shard_count * 2) >= kLeastBytes) shard_count *= 2;
  shards.reset(new (std::nothrow) Shard[shard_count]);
  budget.limit = options.memory;
  budget.share = options.memory / shard_count / 2;
}

Engine::Engine(Options options) noexcept
    : parts_(new(std::nothrow) Parts(options)),
      shadowed_(parts_ ? &parts_->budget.shadowed : nullptr),
      is_strict_(options.strict) {
  if (parts_ && !parts_->shards) parts_.reset();
  if (!parts_) shadowed_ = nullptr;
}
Engine::~Engine() = default;

Thread* Engine::begin_thread(const Clocks* from, std::string_view name, ThreadNumber creator,
                             StackId created_at) noexcept {
  return parts_ ? parts_->threads.begin(from, name, creator, created_at) : nullptr;
}

ClocksRef Engine::end_thread(Thread& thread) noexcept {
  ClocksRef last = release(thread);
  parts_->threads.end(thread);
  return last;
}

ClocksRef Engine::release(Thread& thread) noexcept {
  ClocksRef made;
  release_into(thread, made);
  return made;
}

void Engine::release_into(Thread& thread, ClocksRef& into) noexcept {
  if (thread.watched_) parts_->count(parts_->locks.release_into(thread, into));
}

void Engine::share_into(Thread& thread, ClocksRef& into) noexcept {
  if (thread.watched_) parts_->count(parts_->locks.add_into(thread, into));
}

void Engine::acquire(Thread& thread, const Clocks& from) noexcept {
  if (thread.watched_) parts_->locks.acquire(thread, from);
}

void Engine::lock_acquired(Thread& thread, std::uintptr_t lock, bool shared, StackId taken_at) noexcept {
  if (thread.watched_) parts_->count(parts_->locks.acquired(thread, lock, shared, taken_at));
}

void Engine::lock_released(Thread& thread, std::uintptr_t lock) noexcept {
  if (thread.watched_) parts_->count(parts_->locks.released(thread, lock));
}

void Engine::lock_ended(std::uintptr_t lock) noexcept {
  if (parts_) parts_->locks.ended(lock);
}

void Engine::access_slow(Thread& thread, const Access& access, StackSource& stacks) noexcept {
  if (thread.watched_) Work(*parts_, thread, access).run(stacks);
}

void Engine::update_slow(Thread& thread, const Access& read, const Access& write, StackSource& stacks) noexcept {
  if (!thread.watched_) return;
  Work first(*parts_, thread, read);
  Work second(*parts_, thread, write);
  first.run(stacks, &second);
}

void Engine::retire_slow(std::uintptr_t object) noexcept {
  Shard& shard = parts_->shard_of(object);
  RawLock lock(shard.mutex);
  shard.retire(object, parts_->budget, *parts_);
}

std::vector<Finding> Engine::take_findings(Thread& thread) noexcept {
  return thread.has_findings_ ? parts_->findings.take(thread) : std::vector<Finding>();
}

std::vector<Finding> Engine::finish() noexcept {
  if (!parts_) return {};
  return parts_->findings.finish([this] {
    for (std::size_t i = 0; i < parts_->shard_count; ++i) {
      Shard& shard = parts_->shards[i];
      RawLock lock(shard.mutex);
      shard.for_each_cell([this](Cell& cell) {
        parts_->ends(cell);
        cell.guarded = cell.total = 0;  // told
      });
    }
  });
}

Summary Engine::summary() noexcept {
  Summary summary;
  if (!parts_) return summary;
  for (std::size_t i = 0; i < parts_->shard_count; ++i) {
    Shard& shard = parts_->shards[i];
    RawLock lock(shard.mutex);
    summary.cells += shard.cells;
    summary.evicted += shard.evicted_cells;
    summary.bytes += shard.bytes;
  }
  summary.threads = parts_->threads.begun();
  summary.unwatched = parts_->threads.unwatched();
  summary.dropped = parts_->dropped.load(order::relaxed);  // relaxed: a number
  summary.findings = parts_->findings.count();
  return summary;
}

void Engine::prepare_fork() noexcept {
  if (!parts_) return;
  parts_->findings.mutex.lock();
  parts_->threads.mutex.lock();
  parts_->locks.lock_all();
  for (std::size_t i = 0; i < parts_->shard_count; ++i) parts_->shards[i].mutex.lock();
  parts_->findings.groups_mutex.lock();
}

void Engine::after_fork_in_parent() noexcept {
  if (!parts_) return;
  parts_->findings.groups_mutex.unlock();
  for (std::size_t i = 0; i < parts_->shard_count; ++i) parts_->shards[i].mutex.unlock();
  parts_->locks.unlock_all();
  parts_->threads.mutex.unlock();
  parts_->findings.mutex.unlock();
}

void Engine::after_fork_in_child(Thread* current) noexcept {
  if (!parts_) return;
  parts_->threads.only_one_left(current);
  after_fork_in_parent();
}

}  // namespace raddle::check
