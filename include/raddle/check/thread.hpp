// A logical thread as the engine sees it, and the part of an access that is done without a lock.
//
// Most accesses repeat: same thread, same site, same location, and neither has the thread synchronised nor has
// anybody else touched the location in a way that matters. Such a one adds nothing to the shadow, and knows()
// finds it in a small table of the thread's own. Everything here is used by the thread alone, unless said
// otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raddle/base/atomic.hpp"
#include "raddle/check/clocks.hpp"
#include "raddle/check/elements.hpp"
#include "raddle/check/event.hpp"
#include "raddle/check/holds.hpp"
#include "raddle/check/record.hpp"

namespace raddle::check {

struct LockState;

// The part of a location's shadow that threads look at without a lock. Its memory stays what it is as long as the
// engine is there.
struct Watch {
  // Changes when remembered accesses have to be looked at again: a foreign write came, a foreign read came after
  // a write, or the shadow was given away. relaxed: an access that looks just before the change counts as before
  // it.
  atomic<std::uint32_t> stamp{1};
  // The writer's count of accesses at its latest write, repeated ones included. relaxed: an upper bound for RD105.
  atomic<std::uint32_t> write_seq{0};
};

class Thread {
 public:
  ThreadNumber number() const noexcept { return number_; }
  // Are there findings for take_findings()?
  bool has_findings() const noexcept { return has_findings_; }
  // Changes with every synchronisation of the thread.
  std::uint32_t era() const noexcept { return era_; }
  bool holds_any() const noexcept { return hold_count_ != 0; }

  static constexpr std::size_t kTableBytes = 256 * 64 + 64 * 64 + 256 * 24;

 private:
  friend class Engine;
  friend class Work;
  friend class Threads;
  friend class Locks;
  friend class Findings;

  Thread() noexcept;
  ~Thread() = default;
  void make_tables() noexcept;
  void put_tables(std::byte* memory) noexcept;

  static constexpr unsigned kKnown = 256, kKnownLayers = 64, kKnownReads = 256, kPending = 64, kMostHeld = 32,
                            kMostUnordered = 8, kKnownLocks = 16;

  // An access that was recorded.
  struct alignas(64) Known {
    Location where;
    std::uint64_t act = 0;  // site, kind, value
    Watch* watch = nullptr;
    std::uintptr_t frame = 0;
    std::uint32_t stamp = 0;
    std::uint32_t era = 0;
    StackId stack = 0;
  };
  // A layer of the thread's in which stores to elements are bits.
  struct alignas(64) KnownLayer {
    std::uintptr_t object = 0;
    std::uint64_t number = 0;  // of the block
    std::uint64_t act = 0;
    std::uintptr_t frame = 0;
    Layer* layer = nullptr;
    Block* block = nullptr;
    const Watch* watch = nullptr;  // of the object
    std::uint32_t stamp = 0;
    std::uint32_t era = 0;
  };
  // A sequence of which the thread knows all that its elements could tell it.
  struct KnownRead {
    std::uintptr_t object = 0;
    const Watch* watch = nullptr;
    std::uint32_t stamp = 0;
  };
  enum class Stored : std::uint8_t { in_layer, in_cell, unknown };
  // A read that may start pairs.
  struct Pending {
    Location where;
    std::uintptr_t frame = 0;
    SiteId site = 0;
    std::uint32_t number = 0;     // writes to the location so far
    std::uint32_t cell_life = 0;  // which location the shadow was for
    std::uint32_t unordered_count = 0;
    Record record;
    Epoch unordered[kMostUnordered];  // of foreign writes and tests that were not before the read
  };
  struct Held {
    LockState* state;
    std::uintptr_t lock;
    std::uint64_t serial;
    Hold* hold;   // null: nothing was recorded in it so far, or it has to be made anew
    Hold* first;  // the first one made; null: none. Both are counted
    StackId taken_at;
    std::uint32_t depth;
    std::uint32_t life;  // of the lock
    bool shared;
  };

  static std::uint64_t act_of(const Access& access) noexcept {
    return (std::uint64_t{access.site} << 32) | (static_cast<std::uint64_t>(access.kind) << 8) |
           static_cast<std::uint64_t>(access.value);
  }
  static unsigned known_index(const Access& access) noexcept {
    const std::uint64_t mixed = (access.where.object >> 4) ^ (access.where.key >> 3) ^ (access.where.key << 2) ^
                                ((std::uint64_t{access.site} * 2 + (is_write(access.kind) ? 1 : 0)) * 0x9E3779B1U);
    return static_cast<unsigned>((mixed ^ (mixed >> 11)) % kKnown);
  }
  static unsigned pending_index(std::uintptr_t frame, SiteId site) noexcept {
    return static_cast<unsigned>(((frame >> 4) ^ (frame >> 10) ^ site) % kPending);
  }

  bool knows(const Access& access) noexcept {
    const Known& known = known_[known_index(access)];
    if (known.where != access.where || known.act != act_of(access) || known.era != era_ ||
        known.watch->stamp.load(order::relaxed) != known.stamp) {
      return false;
    }
    if (access.starts_pair) {
      const Pending& pending = pending_[pending_index(access.frame, access.site)];
      if (pending.site != access.site || pending.frame != access.frame || pending.where != access.where)
        return false;
    }
    if (is_write(access.kind)) known.watch->write_seq.store(seq_, order::relaxed);
    return true;
  }

  KnownLayer& known_layer(const Access& access) const noexcept {
    const std::uint64_t mixed = (access.where.object >> 4) ^ (access.where.object >> 10) ^
                                (index_of_element(access.where.key) / kElements);
    return known_layers_[mixed % kKnownLayers];
  }
  // Sets the bit of the element where this thread's layer is known.
  Stored store_element(const Access& access) const noexcept {
    const KnownLayer& known = known_layer(access);
    const std::uint64_t index = index_of_element(access.where.key), bit = bit_of_element(index);
    const unsigned word = word_of_element(index);
    if (known.object != access.where.object || known.number != index / kElements || known.act != act_of(access) ||
        known.frame != access.frame || known.era != era_ ||
        known.watch->stamp.load(order::relaxed) != known.stamp) {
      return Stored::unknown;
    }
    // relaxed: an element that gets its cell just now is looked at as before
    if ((known.block->in_cells[word].load(order::relaxed) & bit) != 0) return Stored::in_cell;
    atomic<std::uint64_t>& stored = known.layer->stored[word];
    const std::uint64_t before = stored.load(order::relaxed);  // relaxed: written by this thread alone
    if ((before & bit) != 0) return Stored::in_layer;
    // seq_cst, both: pairs with Shard::note_in_block(); see elements.hpp
    stored.store(before | bit, order::seq_cst);
    return (known.block->in_cells[word].load(order::seq_cst) & bit) != 0 ? Stored::in_cell : Stored::in_layer;
  }
  KnownRead& known_read(std::uintptr_t object) const noexcept {
    return known_reads_[((object >> 4) ^ (object >> 12)) % kKnownReads];
  }
  bool knows_elements(std::uintptr_t object) const noexcept {
    const KnownRead& known = known_read(object);
    return known.object == object && known.watch->stamp.load(order::relaxed) == known.stamp;
  }

  Known* known_ = nullptr;              // kKnown of them; never null
  KnownLayer* known_layers_ = nullptr;  // kKnownLayers; never null
  KnownRead* known_reads_ = nullptr;    // kKnownReads; never null
  Pending* pending_ = nullptr;          // kPending
  std::uint32_t era_ = 1;               // changes with every synchronisation
  std::uint32_t seq_ = 0;               // recorded accesses of the slot
  Slot slot_ = 0;
  bool watched_ = false;  // has a slot
  bool has_findings_ = false;
  ThreadNumber number_ = 0;

  VectorClock all_;                   // F; its own entry is the thread's clock
  VectorClock strict_;                // C; likewise
  ClockCopy* strict_copy_ = nullptr;  // of C, as long as no other thread's entry has grown; counted
  Held held_[kMostHeld];              // in the order of acquisition
  unsigned hold_count_ = 0;
  std::uint64_t next_serial_ = 0;
  // Another thread released what this one holds, or took it over: look through held_. Written by others.
  atomic<bool> lost_holds_{false};
  LockState* known_locks_[kKnownLocks] = {};
  atomic<std::uint32_t>* read_seqs_ = nullptr;  // P: for each slot; the slot's, others read it
  std::vector<std::uint32_t> news_;             // ids of findings for take_findings()
  Thread* next_ = nullptr;                      // in a list of unused ones
  Thread* next_of_all_ = nullptr;
  void* memory_ = nullptr;  // of known_
  bool owns_tables_ = false;
};

}  // namespace raddle::check
