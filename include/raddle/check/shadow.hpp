// The shadow of locations: what is remembered of accesses, by object and key, in shards.
//
// A shard has its own lock, its own memory and its share of the limit. An object lies in one shard with all its
// cells, so that its end finds them. Cells are taken from chunks that are not given back before the end: a
// thread's table of known accesses may look at the watch of a cell that has been given away, and finds another
// stamp there.
//
// An object also knows who stored elements that refer to something, for reads of any element of it, and has the
// elements that are remembered together: elements.hpp.
//
// Over the limit, whole objects are forgotten: round robin, those passed over that were used since the last round
// or that several threads use, as long as others are found.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "raddle/base/cache_line.hpp"
#include "raddle/check/address_filter.hpp"
#include "raddle/check/elements.hpp"
#include "raddle/check/event.hpp"
#include "raddle/check/record.hpp"
#include "raddle/check/rules.hpp"
#include "raddle/check/small_list.hpp"
#include "raddle/check/thread.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace raddle::check {

// A complete pair, kept for foreign accesses that come later.
struct Pair {
  Record read, act;
  Rule rule;
  Guard expects;
  bool spans;  // a hold of the act lasts from the read on
};
struct Iteration {
  Record begin, last;  // the same until the end is told
  std::uint32_t number;
  std::uint32_t depth;  // how many are not ended
};
struct Unguarded {
  Record without, with;
};

// What only some cells have: more threads than one, pairs, iterations.
struct More {
  SmallList<Record, 6> reads;   // the latest of threads other than that of Cell::read
  SmallList<Record, 6> writes;  // likewise, one that takes away and one that does not for each thread
  SmallList<Pair, 6> pairs;
  SmallList<Record, 4> guards;  // executions of tests that find nothing
  SmallList<Iteration, 4> iterations;
  SmallList<Unguarded, 2> unguarded;
};

inline constexpr std::size_t kMoreBytes = sizeof(More) + 256;  // with its lists, about

struct Object;
struct Cell;

struct CellContent {
  Location where;
  Cell* next_of_object = nullptr;
  Object* object = nullptr;
  More* more = nullptr;
  Record read, write;  // the latest ones
  // The first write, if it was seen to be the first.
  Epoch first_epoch = 0;
  std::uint32_t first_seq = 0;
  SiteId first_site = 0;
  StackId first_stack = 0;
  ThreadNumber first_thread = 0;
  ThreadNumber owner = 0;    // the first thread
  std::uint32_t writes = 0;  // recorded so far
  GroupId group = 0;
  // For RD201: the lock that most accesses hold, how many do, and how many there are.
  std::uintptr_t guard_lock = 0;
  std::uint32_t guarded = 0, total = 0;
  bool shared = false;       // by several threads
  bool write_fresh = false;  // the writer may be repeating its write unseen
  bool no_first = false;     // the first write may have been missed
  bool first_initial = false;

  // Null without memory. The shard's bytes grow by kMoreBytes if `made`.
  More* need_more(bool& made) noexcept;
};

struct Cell : Watch, CellContent {
  Cell* next = nullptr;    // in its bucket; in the list of free ones
  std::uint32_t life = 0;  // counts the locations that had this cell
};

struct ObjectContent {
  std::uintptr_t address = 0;
  Object *after = nullptr, *before = nullptr;  // in the ring
  Cell* cells = nullptr;
  Elements* elements = nullptr;
  std::uint32_t count = 0;
  // The one thread that stored elements, and its count of accesses at the latest one; 0: none. More than one: in
  // `elements`.
  std::uint32_t writer_seq = 0;
  Slot writer = 0;
  bool used = false, shared = false, no_first = false;
  // Threads that read elements since the stamp has changed last: none, this one, or several.
  ThreadNumber reader = 0;
  bool read_by_several = false;
  bool elements_read = false;  // by another thread than stored some: each that is stored is news
};
// Its stamp changes when elements have to be looked at again.
struct Object : Watch, ObjectContent {
  Object* next = nullptr;  // in its bucket; in the list of free ones
};

// Told of cells before they are forgotten.
class CellEnd {
 public:
  virtual void ends(Cell& cell) noexcept = 0;

 protected:
  ~CellEnd() = default;
};

// Shadow memory of all shards, roughly.
struct Budget {
  std::size_t limit = 0;
  std::size_t share = 0;         // a shard that has less forgets nothing
  atomic<std::size_t> bytes{0};  // relaxed: a number
  AddressFilter shadowed;        // objects with a shadow
  AddressFilter evicted{16};     // objects that were forgotten
};

class alignas(kCacheLine) Shard {
 public:
  Shard() noexcept = default;
  ~Shard();

  RawMutex mutex;  // for all of it

  Cell* find(const Location& where) noexcept;
  // Finds or makes; null without memory. May forget other objects.
  Cell* need(const Location& where, Budget& budget, CellEnd& end) noexcept;
  void retire(std::uintptr_t address, Budget& budget, CellEnd& end) noexcept;
  void account(Budget& budget) noexcept;  // after `bytes` has changed
  // The object alone; null without memory. May forget others.
  Object* need_object_and_room(std::uintptr_t address, Budget& budget, CellEnd& end) noexcept;
  // The block of elements that has this number, cells of its elements noted in it; null without memory.
  Block* need_block(Object& object, std::uint64_t number) noexcept;
  // A layer with this record, the newest of the block. Null without memory.
  Layer* add_layer(Object& object, Block& block, const Record& record) noexcept;
  // The thread stored an element that refers to something. False without memory.
  bool note_element(Object& object, Slot slot, ThreadNumber thread, std::uint32_t seq) noexcept;
  // The latest write, its holds not counted yet. False if it could not keep the one before.
  bool keep_write(Cell& cell, const Record& record) noexcept;
  template <class Visit>
  void for_each_cell(Visit visit) noexcept {
    for (std::size_t bucket = 0; bucket < bucket_count_; ++bucket) {
      for (Cell* cell = cells_[bucket]; cell != nullptr; cell = cell->next) visit(*cell);
    }
  }
  std::size_t bytes = 0;  // in use
  std::uint64_t cells = 0, evicted_cells = 0;

 private:
  template <class T>
  struct Pool {
    T* free = nullptr;
    void* chunks = nullptr;
    std::size_t chunk_size = 8;
    T* take() noexcept;
    void give(T* item) noexcept {
      item->next = free;
      free = item;
    }
  };

  Object* find_object(std::uintptr_t address) noexcept;
  Object* need_object(std::uintptr_t address, Budget& budget) noexcept;
  void grow() noexcept;
  void forget_object(Object* object, Budget& budget, CellEnd& end, bool is_gone) noexcept;
  void forget_cells(Object* object, CellEnd& end, bool is_gone) noexcept;
  void forget_cell(Cell* cell) noexcept;
  bool too_large(const Budget& budget) const noexcept;
  void make_room(Object* keep, Budget& budget, CellEnd& end) noexcept;
  Object* choose(const Object* keep) noexcept;
  void note_in_block(Cell& cell) noexcept;
  void forget_elements(Object* object, bool in_use) noexcept;
  void thin_out(Object& object, Block& block, const Record& record) noexcept;
  Layer* take_layer(Slot slot) noexcept;
  void give_layer(Layer* layer, bool in_use) noexcept;

  std::size_t accounted_ = 0;  // of bytes, in the budget
  Cell** cells_ = nullptr;
  Object** objects_ = nullptr;
  std::size_t bucket_count_ = 0;
  Object* hand_ = nullptr;  // in the ring
  Pool<Cell> cell_pool_;
  Pool<Object> object_pool_;
  Pool<Block> block_pool_;
  Pool<Layer> layer_pool_;
  Layer* left_layers_ = nullptr;  // given away while their threads may be about to use them
};

template <class T>
T* Shard::Pool<T>::take() noexcept {
  if (free == nullptr) {
    // A chunk begins with the address of the one before.
    auto* chunk = static_cast<std::byte*>(std::calloc(1, kCacheLine + chunk_size * sizeof(T)));
    if (chunk == nullptr) return nullptr;
    *reinterpret_cast<void**>(chunk) = chunks;
    chunks = chunk;
    for (std::size_t i = chunk_size; i-- > 0;) give(::new (chunk + kCacheLine + i * sizeof(T)) T);
    chunk_size = std::min<std::size_t>(chunk_size * 2, 256);
  }
  T* item = free;
  free = item->next;
  return item;
}

}  // namespace raddle::check
