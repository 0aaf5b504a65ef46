// What an engine is made of. Order of its locks, where one is taken while another is held (fork takes all):
// findings, threads, locks' shards, shadow's shards, groups.
#pragma once

#include <cstddef>
#include <memory>

#include "raddle/check/engine.hpp"
#include "raddle/check/findings.hpp"
#include "raddle/check/locks.hpp"
#include "raddle/check/shadow.hpp"
#include "raddle/check/threads.hpp"

namespace raddle::check {

struct Engine::Parts final : CellEnd {
  explicit Parts(Options chosen) noexcept;

  Shard& shard_of(std::uintptr_t object) noexcept {
    const std::uint64_t mixed = (std::uint64_t{object} >> 4) * 0x9E3779B97F4A7C15ULL;
    return shards[(mixed >> 40) & (shard_count - 1)];
  }
  void ends(Cell& cell) noexcept override { count(findings.add_guard(cell)); }
  // An event was dropped unless `done`.
  void count(bool done) noexcept {
    if (!done) dropped.fetch_add(1, order::relaxed);  // relaxed: a number
  }

  Options options;
  Budget budget;
  std::unique_ptr<Shard[]> shards;  // null without memory
  std::size_t shard_count = 0;      // a power of two
  Threads threads;
  Locks locks{threads};
  Findings findings{threads};
  atomic<std::uint64_t> dropped{0};
};

}  // namespace raddle::check
