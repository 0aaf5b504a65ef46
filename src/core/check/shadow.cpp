#include "raddle/check/shadow.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

namespace raddle::check {
namespace {

std::size_t mix(std::uint64_t word) noexcept {
  word *= 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(word ^ (word >> 29));
}
std::size_t hash_of(const Location& where) noexcept {
  return mix((where.object >> 4) ^ (where.key * 0xC2B2AE3D27D4EB4FULL));
}
std::size_t hash_of(const Cell& cell) noexcept { return hash_of(cell.where); }
std::size_t hash_of(const Object& object) noexcept { return mix(object.address >> 4); }

template <class List>
void forget_all(List& list) noexcept {
  for (Record& record : list) drop(record.holds);
}

// Takes all items of the old buckets to the new ones, and frees the old array.
template <class T>
void move_all(T**& buckets, std::size_t old_count, T** made, std::size_t count) noexcept {
  for (std::size_t i = 0; i < old_count; ++i) {
    while (T* item = buckets[i]) {
      buckets[i] = item->next;
      T*& bucket = made[hash_of(*item) & (count - 1)];
      item->next = bucket;
      bucket = item;
    }
  }
  std::free(buckets);
  buckets = made;
}

void free_more(More* more) noexcept {
  forget_all(more->reads);
  forget_all(more->writes);
  forget_all(more->guards);
  for (Pair& pair : more->pairs) drop(pair.read.holds), drop(pair.act.holds);
  for (Iteration& iteration : more->iterations) drop(iteration.begin.holds), drop(iteration.last.holds);
  for (Unguarded& unguarded : more->unguarded) drop(unguarded.with.holds), drop(unguarded.without.holds);
  delete more;
}

}  // namespace

More* CellContent::need_more(bool& made) noexcept {
  if (more == nullptr) {
    more = new (std::nothrow) More;
    made = more != nullptr;
  }
  return more;
}

Shard::~Shard() {
  for_each_cell([](Cell& cell) {
    drop(cell.read.holds);
    drop(cell.write.holds);
    if (cell.more != nullptr) free_more(cell.more);
  });
  for (Object* object = hand_; object != nullptr;) {
    free_elements(object->elements);
    object = object->after == hand_ ? nullptr : object->after;
  }
  for (void* chunks : {cell_pool_.chunks, object_pool_.chunks, block_pool_.chunks, layer_pool_.chunks}) {
    while (chunks != nullptr) std::free(std::exchange(chunks, *static_cast<void**>(chunks)));
  }
  std::free(cells_);
  std::free(objects_);
}

Cell* Shard::find(const Location& where) noexcept {
  if (bucket_count_ == 0) return nullptr;
  Cell* cell = cells_[hash_of(where) & (bucket_count_ - 1)];
  while (cell != nullptr && cell->where != where) cell = cell->next;
  return cell;
}

Object* Shard::find_object(std::uintptr_t address) noexcept {
  if (bucket_count_ == 0) return nullptr;
  Object* object = objects_[mix(address >> 4) & (bucket_count_ - 1)];
  while (object != nullptr && object->address != address) object = object->next;
  return object;
}

Cell* Shard::need(const Location& where, Budget& budget, CellEnd& end) noexcept {
  if (Cell* cell = find(where)) {
    cell->object->used = true;
    return cell;
  }
  if (cells >= bucket_count_) grow();
  if (bucket_count_ == 0) return nullptr;
  Object* object = need_object(where.object, budget);
  if (object == nullptr) return nullptr;
  if (too_large(budget)) make_room(object, budget, end);
  Cell* cell = cell_pool_.take();
  if (cell == nullptr) return nullptr;
  cell->where = where;
  cell->object = object;
  cell->no_first = object->no_first;
  cell->next_of_object = object->cells;
  object->cells = cell;
  ++object->count;
  Cell*& bucket = cells_[hash_of(where) & (bucket_count_ - 1)];
  cell->next = bucket;
  bucket = cell;
  ++cells;
  bytes += sizeof(Cell);
  if (object->elements != nullptr && is_element(where.key)) note_in_block(*cell);
  account(budget);
  return cell;
}

Object* Shard::need_object_and_room(std::uintptr_t address, Budget& budget, CellEnd& end) noexcept {
  if (cells >= bucket_count_) grow();
  if (bucket_count_ == 0) return nullptr;
  Object* object = need_object(address, budget);
  if (object != nullptr && too_large(budget)) make_room(object, budget, end);
  account(budget);
  return object;
}

void Shard::account(Budget& budget) noexcept {
  constexpr std::size_t kStep = 2048;
  if (bytes - accounted_ + kStep <= 2 * kStep) return;
  budget.bytes.fetch_add(bytes - accounted_, order::relaxed);  // relaxed: a number; modulo 2^64
  accounted_ = bytes;
}

Object* Shard::need_object(std::uintptr_t address, Budget& budget) noexcept {
  if (Object* object = find_object(address)) {
    object->used = true;
    return object;
  }
  Object* object = object_pool_.take();
  if (object == nullptr) return nullptr;
  static_cast<ObjectContent&>(*object) = ObjectContent{};
  object->address = address;
  object->no_first = budget.evicted.may_have(address);
  Object*& bucket = objects_[hash_of(*object) & (bucket_count_ - 1)];
  object->next = bucket;
  bucket = object;
  if (hand_ == nullptr) {
    object->after = object->before = object;
    hand_ = object;
  } else {  // behind the hand, so that it comes here last
    object->after = hand_;
    object->before = hand_->before;
    hand_->before->after = object;
    hand_->before = object;
  }
  bytes += sizeof(Object);
  budget.shadowed.add(address);
  return object;
}

void Shard::retire(std::uintptr_t address, Budget& budget, CellEnd& end) noexcept {
  Object* object = find_object(address);
  if (object == nullptr) return;
  forget_object(object, budget, end, true);
  account(budget);
}

// Both tables have the same number of buckets. Without memory they stay as they are, and lists grow longer.
void Shard::grow() noexcept {
  const std::size_t count = bucket_count_ == 0 ? 16 : bucket_count_ * 2;
  auto** cells_made = static_cast<Cell**>(std::calloc(count, sizeof(Cell*)));
  auto** objects_made = static_cast<Object**>(std::calloc(count, sizeof(Object*)));
  if (cells_made == nullptr || objects_made == nullptr) {
    std::free(cells_made);
    std::free(objects_made);
    return;
  }
  move_all(cells_, bucket_count_, cells_made, count);
  move_all(objects_, bucket_count_, objects_made, count);
  bytes += (count - bucket_count_) * 2 * sizeof(void*);
  bucket_count_ = count;
}

// `is_gone`: no thread can be using it.
void Shard::forget_object(Object* object, Budget& budget, CellEnd& end, bool is_gone) noexcept {
  forget_cells(object, end, is_gone);
  Object** link = &objects_[hash_of(*object) & (bucket_count_ - 1)];
  while (*link != object) link = &(*link)->next;
  *link = object->next;
  if (object->after == object) {
    hand_ = nullptr;
  } else {
    object->before->after = object->after;
    object->after->before = object->before;
    if (hand_ == object) hand_ = object->after;
  }
  budget.shadowed.remove(object->address);
  bytes -= sizeof(Object);
  object_pool_.give(object);
}

void Shard::forget_cells(Object* object, CellEnd& end, bool is_gone) noexcept {
  while (Cell* cell = object->cells) {
    end.ends(*cell);
    object->cells = cell->next_of_object;
    forget_cell(cell);
  }
  object->count = 0;
  if (object->elements != nullptr) forget_elements(object, !is_gone);
  object->stamp.fetch_add(1, order::relaxed);  // relaxed: see Watch
}

void Shard::forget_cell(Cell* cell) noexcept {
  Cell** link = &cells_[hash_of(*cell) & (bucket_count_ - 1)];
  while (*link != cell) link = &(*link)->next;
  *link = cell->next;
  drop(cell->read.holds);
  drop(cell->write.holds);
  if (cell->more != nullptr) {
    bytes -= kMoreBytes;
    free_more(cell->more);
  }
  static_cast<CellContent&>(*cell) = CellContent{};
  ++cell->life;
  // Accesses that are remembered elsewhere no longer hold. relaxed: see Watch
  cell->stamp.fetch_add(1, order::relaxed);
  --cells;
  bytes -= sizeof(Cell);
  cell_pool_.give(cell);
}

bool Shard::too_large(const Budget& budget) const noexcept {
  return bytes > budget.share && budget.bytes.load(order::relaxed) > budget.limit;  // relaxed: a number
}

Object* Shard::choose(const Object* keep) noexcept {
  constexpr int kLooks = 8;
  Object* chosen = nullptr;
  for (int look = 0; look < kLooks; ++look, hand_ = hand_->after) {
    Object* object = hand_;
    if (object == keep) continue;
    const bool better = chosen == nullptr || (chosen->used && !object->used) ||
                        (chosen->used == object->used && chosen->shared && !object->shared);
    if (better) chosen = object;
    const bool good = !object->used && !object->shared;
    object->used = false;
    if (good) break;
  }
  return chosen;
}

void Shard::make_room(Object* keep, Budget& budget, CellEnd& end) noexcept {
  constexpr int kMostObjects = 64;
  for (int round = 0; round < kMostObjects && too_large(budget); ++round) {
    Object* chosen = choose(keep);
    if (chosen != nullptr) {
      evicted_cells += chosen->count;
      budget.evicted.add(chosen->address);
      forget_object(chosen, budget, end, false);
    } else {  // one object with very many cells
      evicted_cells += keep->count;
      budget.evicted.add(keep->address);
      keep->no_first = true;
      forget_cells(keep, end, false);
    }
    account(budget);
    if (chosen == nullptr) return;
  }
}

}  // namespace raddle::check
