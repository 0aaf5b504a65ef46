#include "raddle/check/threads.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace raddle::check {

Threads::~Threads() {
  while (Thread* thread = all_) {
    all_ = thread->next_of_all_;
    drop_memories(*thread);
    std::free(thread->memory_);
    delete[] thread->pending_;
    delete thread;
  }
  for (Seat& seat : seats_) delete[] seat.infos;
  for (auto& row : rows_) delete[] row.load(order::relaxed);  // relaxed: there are no other threads
}

Thread* Threads::begin(const Clocks* from, std::string_view name, ThreadNumber creator,
                       StackId created_at) noexcept {
  RawLock lock(mutex);
  Thread* thread = take_thread();
  if (thread == nullptr) return nullptr;
  thread->number_ = ++last_number_;
  Slot slot = 0;
  thread->watched_ = thread->owns_tables_ && take_seat(from, slot) && sit_down(*thread, slot, from);
  if (thread->watched_) {
    note(seats_[slot], thread->number_, name, creator, created_at);
  } else {
    ++unwatched_;
  }
  return thread;
}

Thread* Threads::take_thread() noexcept {
  Thread* thread = unused_;
  if (thread != nullptr) {
    unused_ = thread->next_;
  } else {
    thread = new (std::nothrow) Thread;
    if (thread == nullptr) return nullptr;
    thread->next_of_all_ = all_;
    all_ = thread;
  }
  thread->make_tables();
  ++thread->era_;
  return thread;
}

bool Threads::take_seat(const Clocks* from, Slot& slot) noexcept {
  constexpr unsigned kLooks = 64;
  const unsigned used = slots_.load(order::relaxed);  // relaxed: written under the lock
  unsigned oldest = kMaxSlots, looks = 0;
  for (unsigned i = 0; i < used; ++i) {
    const Seat& seat = seats_[i];
    if (seat.thread != nullptr) continue;
    if (oldest == kMaxSlots || seat.ended < seats_[oldest].ended) oldest = i;
    if (from == nullptr || looks == kLooks) continue;
    ++looks;
    if (from->strict[i] >= seat.clock) {
      slot = static_cast<Slot>(i);
      return true;
    }
  }
  if (used < kMaxSlots) {
    slot = static_cast<Slot>(used);
    return true;
  }
  slot = static_cast<Slot>(oldest);
  return oldest < kMaxSlots;
}

bool Threads::sit_down(Thread& thread, Slot slot, const Clocks* from) noexcept {
  Seat& seat = seats_[slot];
  if (seat.infos == nullptr) seat.infos = new (std::nothrow) ThreadInfo[kRemembered];
  if (seat.infos == nullptr) return false;
  atomic<std::uint32_t>* row = rows_[slot].load(order::relaxed);  // relaxed: written under the lock
  if (row == nullptr) {
    row = new (std::nothrow) atomic<std::uint32_t>[kMaxSlots]();
    if (row == nullptr) return false;
    rows_[slot].store(row, order::release);  // pairs with join_read()
  }
  thread.all_.clear();
  thread.strict_.clear();
  if (from != nullptr && !(thread.all_.assign(from->all) && thread.strict_.assign(from->strict))) return false;
  if (!thread.all_.raise(slot, seat.clock + 1) || !thread.strict_.raise(slot, seat.clock + 1)) return false;
  thread.slot_ = slot;
  thread.seq_ = seat.seq;
  thread.read_seqs_ = row;
  seat.thread = &thread;
  if (slot >= slots_.load(order::relaxed))
    slots_.store(slot + 1U, order::release);  // release: pairs with join_read()
  if (from != nullptr) join_read(thread, from->read);
  return true;
}

void Threads::note(Seat& seat, ThreadNumber number, std::string_view name, ThreadNumber creator,
                   StackId created_at) noexcept {
  ThreadInfo& info = seat.infos[seat.next_info++ % kRemembered];
  info.number = number;
  info.creator = creator;
  info.created_at = created_at;
  try {
    info.name.assign(name);
  } catch (const std::bad_alloc&) {
    info.name.clear();
  }
}

void Threads::end(Thread& thread) noexcept {
  RawLock lock(mutex);
  leave(thread);
}

void Threads::leave(Thread& thread) noexcept {
  drop_memories(thread);
  if (thread.watched_) {
    Seat& seat = seats_[thread.slot_];
    seat.clock = thread.all_[thread.slot_];
    seat.seq = thread.seq_;
    seat.ended = ++ends_;
    seat.thread = nullptr;
  }
  thread.watched_ = false;
  thread.number_ = 0;
  thread.next_ = unused_;
  unused_ = &thread;
}

void Threads::drop_memories(Thread& thread) noexcept {
  for (unsigned i = 0; i < thread.hold_count_; ++i) {
    drop(thread.held_[i].hold);
    drop(thread.held_[i].first);
  }
  thread.hold_count_ = 0;
  thread.lost_holds_.store(false, order::relaxed);  // relaxed: nobody else uses the thread now
  for (unsigned i = 0; i < Thread::kPending && thread.pending_ != nullptr; ++i) {
    forget(thread.pending_[i].record);
    thread.pending_[i].site = 0;
  }
  drop(thread.strict_copy_);
  thread.strict_copy_ = nullptr;
  thread.news_.clear();
  thread.has_findings_ = false;
}

void Threads::only_one_left(Thread* current) noexcept {
  for (Seat& seat : seats_) {
    if (seat.thread == nullptr || seat.thread == current) continue;
    leave(*seat.thread);
  }
  if (current == nullptr || !current->watched_) return;
  const unsigned used = slots_.load(order::relaxed);  // relaxed: there is one thread
  for (unsigned i = 0; i < used; ++i) {
    if (i == current->slot_) continue;
    // Without memory the child may report what happened before it was born.
    (void)current->all_.raise(i, seats_[i].clock);
    (void)current->strict_.raise(i, seats_[i].clock);
  }
  drop(std::exchange(current->strict_copy_, nullptr));
  ++current->era_;
}

void Threads::join_read(Thread& thread, Slot other) const noexcept {
  if (thread.read_seqs_ == nullptr || other == thread.slot_) return;
  const atomic<std::uint32_t>* row = rows_[other].load(order::acquire);  // pairs with sit_down()
  if (row == nullptr) return;
  const unsigned used = slots_.load(order::acquire);  // pairs with sit_down()
  for (unsigned i = 0; i < used; ++i) {
    const std::uint32_t seq = row[i].load(order::relaxed);  // relaxed: see rows_
    if (seq > known_seq(thread, static_cast<Slot>(i))) know_seq(thread, static_cast<Slot>(i), seq);
  }
}

void Threads::join_read(Thread& thread, const VectorClock& read) const noexcept {
  for (unsigned i = 0; i < read.size(); ++i) {
    const auto seq = static_cast<std::uint32_t>(read[i]);
    if (seq > known_seq(thread, static_cast<Slot>(i))) know_seq(thread, static_cast<Slot>(i), seq);
  }
}

void Threads::copy_read(const Thread& thread, VectorClock& into) const noexcept {
  if (thread.read_seqs_ == nullptr) return;
  const unsigned used = slots_.load(order::acquire);  // pairs with sit_down()
  for (unsigned i = 0; i < used; ++i) {
    const std::uint32_t seq = known_seq(thread, static_cast<Slot>(i));
    if (seq > into[i] && !into.raise(i, seq)) return;  // without memory less is known
  }
}

void Threads::describe(Epoch epoch, ThreadNumber number, FoundSide& side) noexcept {
  side.thread = number;
  RawLock lock(mutex);
  const Seat& seat = seats_[slot_of_epoch(epoch) % kMaxSlots];
  for (unsigned i = 0; i < kRemembered && seat.infos != nullptr; ++i) {
    const ThreadInfo& info = seat.infos[i];
    if (info.number != number) continue;
    side.creator = info.creator;
    side.created_at = info.created_at;
    try {
      side.thread_name = info.name;
    } catch (const std::bad_alloc&) {
      side.thread_name.clear();
    }
  }
}

std::uint64_t Threads::begun() noexcept {
  RawLock lock(mutex);
  return last_number_;
}

std::uint64_t Threads::unwatched() noexcept {
  RawLock lock(mutex);
  return unwatched_;
}

}  // namespace raddle::check
