#include "raddle/sync/rw_lock.hpp"

namespace raddle {

// A writer waits for all who read, but not for itself.
class RWLock::ReadersEdge final : public Awaited {
 public:
  ReadersEdge(const RWLock& lock, ThreadId me) noexcept : lock_(lock), me_(me) {}
  void for_each_owner(Visit visit, void* context) const override {
    lock_.cells_.for_each([&](const Cell& cell) {
      const ThreadId reader = cell.reader.load(order::relaxed);  // relaxed: read again by who concludes
      return reader == kNoThread || reader == me_ || visit(context, reader);
    });
  }

 private:
  const RWLock& lock_;
  const ThreadId me_;
};

// Unless the thread has it already.
RWLock::Outcome RWLock::take_intent(Deadline deadline, Waiting& waiting) {
  if (intent_().is_mine()) return Outcome::taken;
  if (is_reading()) return deadline.has_passed() ? Outcome::timed_out : Outcome::deadlock;
  switch (intent_().lock(LockStyle::owned, deadline, waiting)) {
    case LockOutcome::taken:
      holds_() = {};
      return Outcome::taken;
    case LockOutcome::timed_out:
      return Outcome::timed_out;
    case LockOutcome::interrupted:
      return Outcome::interrupted;
    case LockOutcome::owner_died:
      break;
  }
  // One that ended while it waited for readers has had nothing: CPython 3.13 ends threads so.
  const bool died = holds_().writes != 0 || holds_().upgradables != 0;
  holds_() = {};
  let_readers_in();
  if (!died) return Outcome::taken;
  intent_().unlock();
  return Outcome::owner_died;
}

RWLock::Outcome RWLock::upgradable(Deadline deadline, Waiting& waiting) {
  const Outcome outcome = take_intent(deadline, waiting);
  if (outcome != Outcome::taken) return outcome;
  ++holds_().upgradables;
  line_->upgradable.store(this_thread_id(), order::relaxed);  // relaxed, like the next: it is only told
  return outcome;
}

bool RWLock::unlock_upgradable() noexcept {
  if (!is_upgradable()) return false;
  if (--holds_().upgradables == 0) line_->upgradable.store(kNoThread, order::relaxed);
  settle();
  return true;
}

RWLock::Outcome RWLock::write(Deadline deadline, Waiting& waiting) {
  if (const Outcome outcome = take_intent(deadline, waiting); outcome != Outcome::taken) return outcome;
  if (holds_().writes != 0) return ++holds_().writes, Outcome::taken;
  ++holds_().claims;
  const Outcome outcome = drain(deadline, waiting);
  --holds_().claims;
  if (outcome == Outcome::taken) return ++holds_().writes, Outcome::taken;
  if (holds_().writes == 0 && holds_().claims == 0) let_readers_in();
  settle();
  return outcome;
}

bool RWLock::unlock_write() noexcept {
  Cell* cell = find(this_thread_id());
  if (cell != nullptr && is_reading() && cell->downgraded != 0) {
    --cell->downgraded;
    return unlock_read();
  }
  if (!is_writing()) return false;
  --holds_().writes;
  if (holds_().writes == 0 && holds_().claims == 0) let_readers_in();
  settle();
  return true;
}

// What is left to give back, now that this thread has given back something.
void RWLock::settle() noexcept {
  const Holds& holds = holds_();
  if (holds.writes == 0 && holds.upgradables == 0 && holds.claims == 0) intent_().unlock();
}

bool RWLock::downgrade() noexcept {
  const ThreadId me = this_thread_id();
  Cell* cell = slot_of(me) == kNoSlot ? nullptr : cells_.make(slot_of(me));
  if (cell == nullptr) return false;
  if (is_reading()) {
    ++cell->depth;
  } else {  // the writer has looked at this cell: it is empty
    begin(*cell);
    cell->reader.store(me, order::seq_cst);  // seq_cst: as enter()
  }
  tell(&Observers::acquired, {this, kReading});
  --holds_().writes;
  if (holds_().writes == 0 && holds_().claims == 0) let_readers_in();
  settle();
  ++cell->downgraded;
  return true;
}

// Keeps readers out and waits until all have left. Nothing is given back if that fails.
RWLock::Outcome RWLock::drain(Deadline deadline, Waiting& waiting) {
  const ThreadId me = this_thread_id();
  if (deadline.has_passed() && !all_have_left(me)) return Outcome::timed_out;  // nobody need step back
  // seq_cst, pairs with enter(). Nobody is parked on a word without a writer, or on one of a vanished writer.
  if (holds_().claims == 1) word_().exchange(word_of(me), order::seq_cst);
  Outcome outcome = Outcome::taken;
  cells_.for_each([&](Cell& cell) {
    for (;;) {
      // seq_cst, pairs with enter(); acquire, pairs with leave_to_writer(): what was read before stays what it was
      ThreadId reader = cell.reader.load(order::seq_cst);
      if (reader == kNoThread || reader == me) return true;
      if (has_vanished(reader) || has_ended(reader)) {
        // release, pairs with the load above by a later writer: what the reader read before it ended, which
        // has_ended() makes known here, was read before that one writes. relaxed on failure: looked at again
        if (cell.reader.compare_exchange_strong(reader, kNoThread, order::release, order::relaxed) &&
            !has_vanished(reader))
          outcome = Outcome::owner_died;
      } else {
        outcome = wait_for(cell, deadline, waiting);
      }
      if (outcome != Outcome::taken) return false;
    }
  });
  return outcome;
}

// Until the cell is empty, or for no reason.
RWLock::Outcome RWLock::wait_for(Cell& cell, Deadline deadline, Waiting& waiting) {
  if (deadline.has_passed()) return Outcome::timed_out;
  const auto is_ready = [&] { return is_empty(cell); };
  if (waiting.may_spin() && line_->writers_lesson.spin_until(is_ready)) return Outcome::taken;
  const ReadersEdge edge(*this, this_thread_id());
  const auto validate = [&] {
    word_().fetch_or(kWriter, order::seq_cst);  // seq_cst, pairs with leave_to_writer()
    return !is_ready();
  };
  switch (ParkingLot::park({&cell, intent_().what(), &edge, 0, 0, &intent_()}, validate, deadline, waiting)) {
    case ParkingLot::Outcome::timed_out:
      return Outcome::timed_out;
    case ParkingLot::Outcome::interrupted:
      return Outcome::interrupted;
    case ParkingLot::Outcome::not_parked:
    case ParkingLot::Outcome::woken:
    case ParkingLot::Outcome::handed_over:  // nobody does here
      break;
  }
  return Outcome::taken;
}

// The holder of `intent` does not write any more. Who is parked to read reads before anybody can write again.
void RWLock::let_readers_in() noexcept {
  std::uint64_t word = word_of(this_thread_id());
  // seq_cst, pairs with enter(): what this writer wrote is visible
  while ((word & kReaders) == 0)
    if (word_().compare_exchange_weak(word, 0, order::seq_cst, order::relaxed)) return;
  const auto let_in = [this](const ParkingLot::Parked& parked) {
    if (!parked.waiting->will_come_back()) return false;
    Cell* cell = find(parked.thread_id);  // its thread had one before it parked, and left it empty
    begin(*cell);
    cell->reader.store(parked.thread_id, order::seq_cst);  // seq_cst: as enter()
    return true;
  };
  ParkingLot::unpark_all(&word_(), let_in, [this] { word_().store(0, order::seq_cst); });  // seq_cst: as above
}

}  // namespace raddle
