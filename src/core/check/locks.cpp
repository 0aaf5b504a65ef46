#include "raddle/check/locks.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace raddle::check {
LockState* Locks::state_of(Thread& thread, LockShard& shard, std::uintptr_t lock) noexcept {
  LockState*& known = thread.known_locks_[hash_of(lock) % Thread::kKnownLocks];
  if (known != nullptr && known->lock.load(order::relaxed) == lock) return known;  // relaxed: as in need()
  LockState* state = need(shard, lock);
  if (state != nullptr) known = state;
  return state;
}

bool Locks::acquired(Thread& thread, std::uintptr_t lock, bool shared, StackId taken_at) noexcept {
  // relaxed: told by a thread that this one does not race with, or late, which changes nothing for what is
  // recorded
  if (thread.lost_holds_.load(order::relaxed)) find_lost(thread);
  for (unsigned i = thread.hold_count_; i-- > 0;) {
    if (thread.held_[i].lock != lock) continue;
    ++thread.held_[i].depth;
    return true;
  }
  ++thread.era_;
  const bool room = thread.hold_count_ < Thread::kMostHeld;
  const std::uint64_t serial = (std::uint64_t{thread.number_} << 32) + ++thread.next_serial_;
  LockShard& shard = shard_of(lock);
  LockState* state = nullptr;
  {
    RawLock guard(shard.mutex);
    state = state_of(thread, shard, lock);
    if (state == nullptr) return false;
    const bool followed = follow(thread, *state, shared);
    if (!shared && room) {
      // relaxed: a hint to look for what the serial says
      if (state->holder != nullptr) state->holder->lost_holds_.store(true, order::relaxed);
      state->holder = &thread;
      state->serial.store(serial, order::relaxed);  // relaxed: compared with the own one only
    }
    if (!followed) return false;
  }
  if (!room) return false;
  thread.held_[thread.hold_count_++] = {state, lock, serial, nullptr, nullptr, taken_at, 1, state->life, shared};
  return true;
}

// Makes the thread come after those who released the lock.
bool Locks::follow(Thread& thread, LockState& state, bool shared) noexcept {
  bool done = true;
  if (state.releaser != 0 && (state.releaser != thread.number_ || (!shared && state.shared.size() != 0))) {
    done = thread.all_.join(state.exclusive);
    if (!shared) done = thread.all_.join(state.shared) && done;
    threads_.join_read(thread, state.releaser_slot);
  }
  if (state.signal) {
    acquire(thread, *state.signal);
    state.signal = ClocksRef();
  }
  return done;
}

bool Locks::released(Thread& thread, std::uintptr_t lock) noexcept {
  if (thread.lost_holds_.load(order::relaxed)) find_lost(thread);  // relaxed: see acquired()
  unsigned index = thread.hold_count_;
  while (index > 0 && thread.held_[index - 1].lock != lock) --index;
  if (index == 0) return signal(thread, lock);
  Thread::Held& held = thread.held_[--index];
  if (--held.depth != 0) return true;
  bool done = true;
  {
    RawLock guard(shard_of(lock).mutex);
    done = leave(thread, *held.state, held.shared);
  }
  let_go(thread, index);
  return tick(thread) && done;
}

bool Locks::leave(Thread& thread, LockState& state, bool shared) noexcept {
  state.releaser = thread.number_;
  state.releaser_slot = thread.slot_;
  if (shared) return state.shared.join(thread.all_);
  state.holder = nullptr;
  state.serial.store(0, order::relaxed);  // relaxed: as in acquired()
  state.shared.clear();                   // the holder came after those
  return state.exclusive.assign(thread.all_);
}

// Tells the section's Hold, if there is one, and takes it out of those held.
void Locks::let_go(Thread& thread, unsigned index) noexcept {
  Thread::Held& held = thread.held_[index];
  if (held.hold != nullptr || held.first != nullptr) {
    if (thread.strict_copy_ == nullptr) {
      thread.strict_copy_ = new (std::nothrow) ClockCopy;
      if (thread.strict_copy_ != nullptr && !thread.strict_copy_->clocks.assign(thread.strict_)) {
        drop(std::exchange(thread.strict_copy_, nullptr));
      }
    }
    Hold* const told = held.first != nullptr ? held.first : held.hold;
    told->released = epoch_of(thread.slot_, thread.strict_[thread.slot_]);
    // release: pairs with the acquire of who reads it. Null without memory: as if it were not released.
    if (thread.strict_copy_ != nullptr) told->strict_at_release.store(retain(thread.strict_copy_), order::release);
    drop(held.first);
    drop(held.hold);
  }
  --thread.hold_count_;
  for (unsigned i = index; i < thread.hold_count_; ++i) {
    thread.held_[i] = thread.held_[i + 1];
    // What lay within the section goes on in a Hold that is made anew.
    Thread::Held& inner = thread.held_[i];
    if (inner.hold == nullptr) continue;
    if (inner.first == nullptr) {
      inner.first = inner.hold;
    } else {
      drop(inner.hold);
    }
    inner.hold = nullptr;
  }
}

bool Locks::signal(Thread& thread, std::uintptr_t lock) noexcept {
  LockShard& shard = shard_of(lock);
  RawLock guard(shard.mutex);
  LockState* state = need(shard, lock);
  if (state == nullptr) return false;
  // relaxed: a hint to look for what the serial says
  if (state->holder != nullptr) state->holder->lost_holds_.store(true, order::relaxed);
  state->holder = nullptr;
  state->serial.store(0, order::relaxed);  // relaxed: as in acquired()
  return release_into(thread, state->signal);
}

void Locks::find_lost(Thread& thread) noexcept {
  thread.lost_holds_.store(false, order::relaxed);  // relaxed: see acquired()
  for (unsigned i = thread.hold_count_; i-- > 0;) {
    Thread::Held& held = thread.held_[i];
    if (held.shared || held.state->serial.load(order::relaxed) == held.serial)
      continue;                               // relaxed: as in acquired()
    drop(std::exchange(held.hold, nullptr));  // not told of a release: there was none
    drop(std::exchange(held.first, nullptr));
    let_go(thread, i);
    ++thread.era_;
  }
}

Hold* Locks::holds_of(Thread& thread) noexcept {
  if (thread.lost_holds_.load(order::relaxed)) find_lost(thread);  // relaxed: see acquired()
  if (thread.hold_count_ == 0) return nullptr;
  Hold* outer = nullptr;
  for (unsigned i = 0; i < thread.hold_count_; ++i) {
    Thread::Held& held = thread.held_[i];
    if (held.hold == nullptr) {
      auto* made = new (std::nothrow) Hold;
      if (made == nullptr) return outer;
      made->taken_at = held.taken_at;
      made->lock = held.lock;
      made->serial = held.serial;
      made->life = held.life;
      made->shared = held.shared;
      made->outer = retain(outer);
      made->first = retain(held.first);
      held.hold = made;
    }
    outer = held.hold;
  }
  return outer;
}

bool Locks::tick(Thread& thread) noexcept {
  ++thread.era_;
  const Clock next = thread.all_[thread.slot_] + 1;
  return thread.all_.raise(thread.slot_, next) && thread.strict_.raise(thread.slot_, next);
}

bool Locks::add_into(Thread& thread, ClocksRef& into) noexcept {
  ClocksRef made;
  Clocks* target = into ? const_cast<Clocks*>(into.get()) : nullptr;
  if (target == nullptr || !into.only_one()) {
    made = ClocksRef::make();
    if (!made) return false;
    target = const_cast<Clocks*>(made.get());
    if (into && !(target->all.assign(into->all) && target->strict.assign(into->strict) &&
                  target->read.assign(into->read))) {
      return false;
    }
  }
  const bool done = target->all.join(thread.all_) && target->strict.join(thread.strict_);
  threads_.copy_read(thread, target->read);
  if (made) into = std::move(made);
  return done;
}

void Locks::acquire(Thread& thread, const Clocks& from) noexcept {
  bool changed = false;
  // Without memory the thread may report what is ordered: told by a count of dropped events.
  (void)thread.all_.join(from.all);
  (void)thread.strict_.join(from.strict, changed);
  if (changed) drop(std::exchange(thread.strict_copy_, nullptr));
  threads_.join_read(thread, from.read);
  ++thread.era_;
}

}  // namespace raddle::check
