// Elements that are remembered together; see elements.hpp.
#include "raddle/check/elements.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>
#include <utility>

#include "raddle/check/parts.hpp"
#include "raddle/check/work.hpp"

namespace raddle::check {
namespace {

constexpr unsigned kMostLayers = 8;  // of a block

struct CapturedStack final : StackSource {
  explicit CapturedStack(StackId captured) noexcept : stack(captured) {}
  StackId capture() noexcept override { return stack; }
  StackId stack;
};

bool is_same(const Record& one, const Record& other) noexcept {
  return one.epoch == other.epoch && one.thread == other.thread && one.site == other.site &&
         one.value == other.value && one.stack == other.stack;
}

// Takes the elements of `newer` out of the layer. True if there are none left. Both layers are of the calling
// thread.
bool take_out(Layer& layer, const std::uint64_t* newer) noexcept {
  std::uint64_t left = 0;
  for (unsigned word = 0; word < kElementWords; ++word) {
    // relaxed: written by the calling thread alone
    const std::uint64_t kept = layer.stored[word].load(order::relaxed) & ~newer[word];
    layer.stored[word].store(kept, order::relaxed);
    left |= kept;
  }
  return left == 0;
}

Elements* need_elements(Object& object, std::size_t& bytes) noexcept {
  if (object.elements == nullptr) {
    object.elements = new (std::nothrow) Elements;
    if (object.elements != nullptr) bytes += sizeof(Elements);
  }
  return object.elements;
}

Block** need_place(Elements& elements, std::uint64_t number, std::size_t& bytes) noexcept {
  if (number >= elements.block_count) {
    const std::size_t count = std::max<std::size_t>(number + 1, elements.block_count * 3 / 2);
    auto** grown = static_cast<Block**>(std::realloc(static_cast<void*>(elements.blocks), count * sizeof(Block*)));
    if (grown == nullptr) return nullptr;
    std::fill(grown + elements.block_count, grown + count, nullptr);
    bytes += (count - elements.block_count) * sizeof(Block*);
    elements.blocks = grown;
    elements.block_count = static_cast<std::uint32_t>(count);
  }
  return &elements.blocks[number];
}

}  // namespace

void free_elements(Elements* elements) noexcept {
  if (elements == nullptr) return;
  std::free(static_cast<void*>(elements->blocks));
  delete elements;
}

// --- Stores. ---

Block* Shard::need_block(Object& object, std::uint64_t number) noexcept {
  Elements* elements = need_elements(object, bytes);
  Block** place = elements != nullptr ? need_place(*elements, number, bytes) : nullptr;
  if (place == nullptr || *place != nullptr) return place != nullptr ? *place : nullptr;
  Block* block = block_pool_.take();
  if (block == nullptr) return nullptr;
  bytes += sizeof(Block);
  block->next = nullptr;
  block->layers = nullptr;
  for (auto& word : block->in_cells) word.store(0, order::relaxed);  // relaxed: nobody knows the block
  const auto note = [block](std::uint64_t index) {
    // relaxed: likewise
    block->in_cells[word_of_element(index)].fetch_or(bit_of_element(index), order::relaxed);
  };
  if (object.count <= 2 * kElements) {
    for (const Cell* cell = object.cells; cell != nullptr; cell = cell->next_of_object) {
      const std::uint64_t index = index_of_element(cell->where.key);
      if (is_element(cell->where.key) && index / kElements == number) note(index);
    }
  } else {
    for (std::uint64_t index = number * kElements; index < (number + 1) * kElements; ++index) {
      if (find({object.address, key_of_element(index)}) != nullptr) note(index);
    }
  }
  return *place = block;
}

Layer* Shard::add_layer(Object& object, Block& block, const Record& record) noexcept {
  unsigned count = 0;
  for (const Layer* layer = block.layers; layer != nullptr; layer = layer->next) ++count;
  if (count >= kMostLayers) thin_out(object, block, record);
  Layer* layer = take_layer(slot_of_epoch(record.epoch));
  if (layer == nullptr) return nullptr;
  layer->record = record;
  layer->next = block.layers;
  block.layers = layer;
  return layer;
}

// What the thread has stored again since is taken out of its older layers. If that makes no room, the oldest goes.
void Shard::thin_out(Object& object, Block& block, const Record& record) noexcept {
  std::uint64_t newer[2][kElementWords] = {};
  unsigned count = 0;
  for (Layer** link = &block.layers; *link != nullptr;) {
    Layer& layer = **link;
    if (layer.record.thread == record.thread) {
      std::uint64_t* const covered = newer[undoes(layer.record.kind, layer.record.value) ? 1 : 0];
      if (take_out(layer, covered)) {
        *link = layer.next;
        give_layer(&layer, false);
        continue;
      }
      for (unsigned word = 0; word < kElementWords; ++word)
        covered[word] |= layer.stored[word].load(order::relaxed);
    }
    ++count;
    link = &layer.next;
  }
  while (count-- >= kMostLayers) {
    Layer** link = &block.layers;
    while ((*link)->next != nullptr) link = &(*link)->next;
    Layer* oldest = std::exchange(*link, nullptr);
    for (const auto& word : oldest->stored) {
      evicted_cells += static_cast<unsigned>(std::popcount(word.load(order::relaxed)));  // relaxed: a number
    }
    give_layer(oldest, oldest->record.thread != record.thread);
  }
  // The threads no longer know those that are gone. relaxed: see Watch
  object.stamp.fetch_add(1, order::relaxed);
}

Layer* Shard::take_layer(Slot slot) noexcept {
  constexpr int kLooks = 8;
  Layer** link = &left_layers_;
  for (int look = 0; look < kLooks && *link != nullptr; ++look, link = &(*link)->next) {
    if (slot_of_epoch((*link)->record.epoch) == slot) break;
  }
  Layer* layer = *link;
  if (layer != nullptr && slot_of_epoch(layer->record.epoch) == slot) {
    *link = layer->next;
  } else {
    layer = layer_pool_.take();
  }
  if (layer == nullptr) return nullptr;
  bytes += sizeof(Layer);
  for (auto& word : layer->stored) word.store(0, order::relaxed);  // relaxed: nobody looks into it yet
  return layer;
}

void Shard::give_layer(Layer* layer, bool in_use) noexcept {
  bytes -= sizeof(Layer);
  if (!in_use) return layer_pool_.give(layer);
  layer->next = left_layers_;
  left_layers_ = layer;
}

void Shard::forget_elements(Object* object, bool in_use) noexcept {
  Elements* elements = std::exchange(object->elements, nullptr);
  for (std::uint32_t i = 0; i < elements->block_count; ++i) {
    Block* block = elements->blocks[i];
    if (block == nullptr) continue;
    while (Layer* layer = block->layers) {
      block->layers = layer->next;
      give_layer(layer, in_use);
    }
    bytes -= sizeof(Block);
    block_pool_.give(block);
  }
  bytes -= sizeof(Elements) + elements->block_count * sizeof(Block*);
  free_elements(elements);
}

// The element gets a cell: what was stored there before comes with it.
void Shard::note_in_block(Cell& cell) noexcept {
  const std::uint64_t index = index_of_element(cell.where.key), bit = bit_of_element(index);
  const unsigned word = word_of_element(index);
  const Elements& elements = *cell.object->elements;
  if (index / kElements >= elements.block_count) return;
  Block* block = elements.blocks[index / kElements];
  if (block == nullptr) return;
  block->in_cells[word].fetch_or(bit, order::seq_cst);  // seq_cst: pairs with Thread::store_element()
  const Layer* stored[kMostLayers];
  unsigned count = 0;
  for (const Layer* layer = block->layers; layer != nullptr; layer = layer->next) {
    // seq_cst: likewise
    if (count < kMostLayers && (layer->stored[word].load(order::seq_cst) & bit) != 0) stored[count++] = layer;
  }
  while (count-- > 0) {
    Record record = stored[count]->record;
    record.number = ++cell.writes;
    ++cell.total;
    if (cell.owner == 0) cell.owner = record.thread;
    if (cell.owner != record.thread) cell.shared = cell.object->shared = true;
    (void)keep_write(cell, record);  // without memory the latest is kept
  }
}

// The part of write_element() that takes a lock.
void Engine::write_element_slow(Thread& thread, const Access& access, StackSource& stacks) noexcept {
  if (!thread.watched_) return;
  const std::uint64_t index = index_of_element(access.where.key), number = index / kElements;
  CapturedStack captured(stacks.capture());
  Record record;
  record.epoch = epoch_of(thread.slot_, thread.all_[thread.slot_]);
  record.site = access.site;
  record.stack = captured.stack;
  record.thread = thread.number_;
  record.kind = access.kind;
  record.value = access.value;
  Shard& shard = parts_->shard_of(access.where.object);
  {
    RawLock lock(shard.mutex);
    Object* object = shard.need_object_and_room(access.where.object, parts_->budget, *parts_);
    Block* block = object != nullptr ? shard.need_block(*object, number) : nullptr;
    if (block == nullptr) return parts_->count(false);
    // relaxed: written under the lock
    if ((block->in_cells[word_of_element(index)].load(order::relaxed) & bit_of_element(index)) == 0) {
      Layer* layer = block->layers;
      while (layer != nullptr && !is_same(layer->record, record)) layer = layer->next;
      if (layer == nullptr) {
        record.seq = ++thread.seq_;
        if (block->layers != nullptr && block->layers->record.thread != record.thread) object->shared = true;
        layer = shard.add_layer(*object, *block, record);
        if (layer == nullptr) return parts_->count(false);
      }
      // relaxed: cells are made under the lock
      layer->stored[word_of_element(index)].fetch_or(bit_of_element(index), order::relaxed);
      thread.known_layer(access) = {access.where.object,
                                    number,
                                    Thread::act_of(access),
                                    access.frame,
                                    layer,
                                    block,
                                    object,
                                    object->stamp.load(order::relaxed),
                                    thread.era_};
      shard.account(parts_->budget);
      return;
    }
  }
  this->access(thread, access, captured);
}

// --- Reads. ---

bool Shard::note_element(Object& object, Slot slot, ThreadNumber thread, std::uint32_t seq) noexcept {
  bool done = true;
  if (object.writer_seq == 0 || object.writer == slot) {
    object.writer = slot;
    object.writer_seq = seq;
  } else {
    Elements* elements = need_elements(object, bytes);
    done = elements != nullptr && elements->writers.raise(slot, seq);
  }
  if (object.read_by_several || (object.reader != 0 && object.reader != thread)) {
    object.reader = 0;
    object.read_by_several = false;
    object.stamp.fetch_add(1, order::relaxed);  // relaxed: see Watch
  }
  return done;
}

void Engine::read_element_slow(Thread& thread, std::uintptr_t sequence) noexcept {
  if (!thread.watched_) return;
  Shard& shard = parts_->shard_of(sequence);
  RawLock lock(shard.mutex);
  Object* object = shard.need_object_and_room(sequence, parts_->budget, *parts_);
  if (object == nullptr) return parts_->count(false);
  bool is_foreign = false;
  const auto learn = [&](Slot slot, std::uint32_t seq) {
    if (seq == 0 || slot == thread.slot_) return;
    is_foreign = true;
    if (seq <= Threads::known_seq(thread, slot)) return;
    Threads::know_seq(thread, slot, seq);
    parts_->threads.join_read(thread, slot);
  };
  learn(object->writer, object->writer_seq);
  const unsigned count = object->elements != nullptr ? object->elements->writers.size() : 0;
  for (unsigned slot = 0; slot < count; ++slot) {
    learn(static_cast<Slot>(slot), static_cast<std::uint32_t>(object->elements->writers[slot]));
  }
  if (is_foreign && !object->elements_read) {
    // From now on each store is told: what is known of them until now no longer holds. relaxed: see Watch
    object->elements_read = true;
    for (Cell* cell = object->cells; cell != nullptr; cell = cell->next_of_object) {
      cell->stamp.fetch_add(1, order::relaxed);
    }
  }
  if (object->reader != 0 && object->reader != thread.number_) object->read_by_several = true;
  object->reader = thread.number_;
  thread.known_read(sequence) = {sequence, object, object->stamp.load(order::relaxed)};
}

}  // namespace raddle::check
