#include "raddle/base/thread_id.hpp"

#include <pthread.h>

namespace raddle {

constinit RADDLE_TLS_WORD thread_local ThreadId detail::this_thread_id = kNoThread;

namespace {

constinit atomic<std::uint64_t> next_count{1};

// Of the ids below the first only that of the survivor is a living thread's. Written only in a child that has one
// thread, so relaxed everywhere.
constinit atomic<ThreadId> first_of_this_process{0};
constinit atomic<ThreadId> survivor{kNoThread};

constinit SlotTable<ThreadRecord, 64> records;

constinit atomic<void (*)() noexcept> before_end{nullptr};
constinit atomic<void (*)(ThreadId) noexcept> after_end{nullptr};

void forget_the_others() noexcept {
  // relaxed, all: there is one thread
  first_of_this_process.store(next_count.load(order::relaxed) << detail::kSlotBits, order::relaxed);
  survivor.store(detail::this_thread_id, order::relaxed);
  records.for_each([](ThreadRecord& record) {
    if (record.id.load(order::relaxed) != detail::this_thread_id) {
      record.id.store(kNoThread, order::relaxed);
      record.waits_at.store(nullptr, order::relaxed);
    }
    return true;
  });
}

[[maybe_unused]] const int fork_hook_registered = pthread_atfork(nullptr, nullptr, forget_the_others);

void end_this_thread(ThreadSlot slot) noexcept {
  const ThreadId id = detail::this_thread_id;
  ThreadRecord* record = id != kNoThread && slot_of(id) == slot ? record_of(id) : nullptr;
  if (record == nullptr) return;
  auto* after = after_end.load(order::acquire);             // acquire: as stored
  if (after != nullptr) before_end.load(order::relaxed)();  // relaxed: stored before
  record->waits_at.store(nullptr, order::relaxed);          // relaxed: a thread that ends waits for nothing
  // seq_cst, pairs with has_ended(): what this thread did last is visible to who learns of its end; and whoever
  // parks without learning of it is in the lot's queues before the listener looks there.
  record->id.store(kNoThread, order::seq_cst);
  if (after != nullptr) after(id);
  detail::this_thread_id = kNoThread;  // what it may still do, it does as another thread, without a slot
}

[[maybe_unused]] const bool end_hook_registered = (ThreadSlots::call_at_thread_end(end_this_thread), true);

}  // namespace

ThreadId detail::take_thread_id() noexcept {
  const ThreadSlot slot = ThreadSlots::current();
  ThreadRecord* record = slot < kSlotMask ? records.make(slot) : nullptr;
  const std::uint64_t count = next_count.fetch_add(1, order::relaxed);  // relaxed: only different numbers matter
  const ThreadId id = count << kSlotBits | (record != nullptr ? slot : kSlotMask);
  if (record != nullptr) {
    // release, pairs with find_thread(): who sees it sees as well that the thread before has ended
    record->ident.store(reinterpret_cast<std::uint64_t>(pthread_self()), order::release);
    // seq_cst, pairs with has_ended() and find_thread(): the record is the new thread's from here on
    record->id.store(id, order::seq_cst);
    // release, pairs with the fence in record_of(): the store above releases what was before it, not itself. A
    // lock is taken with an acquire only; whoever reads its word must not take a thread that has just begun for
    // one that has ended.
    fence(order::release);
  }
  return this_thread_id = id;
}

bool has_vanished(ThreadId id) noexcept {
  // relaxed, both: see above
  return id < first_of_this_process.load(order::relaxed) && id != survivor.load(order::relaxed);
}

ThreadRecord* record_of(ThreadId id) noexcept {
  const ThreadSlot slot = slot_of(id);
  // acquire, pairs with the fence in take_thread_id(): who has read a number, in whatever order, sees the record
  // as its thread has filled it in, or later.
  fence(order::acquire);
  return slot == kNoSlot ? nullptr : records.find(slot);
}

bool has_ended(ThreadId id) noexcept {
  const ThreadRecord* record = record_of(id);
  return record != nullptr && record->id.load(order::seq_cst) != id;  // seq_cst, pairs with end_this_thread()
}

ThreadId find_thread(std::uint64_t ident) noexcept {
  ThreadId found = kNoThread;
  records.for_each([&](ThreadRecord& record) {
    const ThreadId id = record.id.load(order::acquire);  // acquire: its ident was stored before
    // acquire, pairs with take_thread_id(): an ident that belongs to a later thread of the slot is found out by
    // the id, which cannot be the earlier one any more
    if (id == kNoThread || record.ident.load(order::acquire) != ident) return true;
    if (record.id.load(order::relaxed) != id) return true;  // relaxed: after the acquire
    found = id;
    return false;
  });
  return found;
}

void call_at_thread_end(void (*before)() noexcept, void (*after)(ThreadId) noexcept) noexcept {
  before_end.store(before, order::relaxed);  // relaxed: ordered by the next
  after_end.store(after, order::release);    // release, pairs with end_this_thread(): what it uses is there
}

}  // namespace raddle
