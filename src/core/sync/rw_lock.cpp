// Readers, and what is told of a lock; writers: rw_lock_writers.cpp.
#include "raddle/sync/rw_lock.hpp"

namespace raddle {

// Readers wait for the writer, also while it waits for others to leave.
class RWLock::WriterEdge final : public Awaited {
 public:
  explicit WriterEdge(const RWLock& lock) noexcept : lock_(lock) {}
  void for_each_owner(Visit visit, void* context) const override {
    const ThreadId writer = writer_of(lock_.word_().load(order::relaxed));  // relaxed: read again by who concludes
    if (writer != kNoThread) visit(context, writer);
  }

 private:
  const RWLock& lock_;
};

RWLock::Outcome RWLock::read_slow(Deadline deadline, Waiting& waiting) {
  const ThreadId me = this_thread_id();
  Cell* cell = slot_of(me) == kNoSlot ? nullptr : cells_.make(slot_of(me));
  if (cell == nullptr) return Outcome::no_memory;
  const WriterEdge edge(*this);
  std::int64_t since = 0;
  for (;;) {
    ThreadId reader = cell->reader.load(order::relaxed);     // relaxed: as in try_read_fast()
    if (reader == me) return ++cell->depth, Outcome::taken;  // also if a signal handler has left it
    if (reader != kNoThread) {                               // who had this slot before
      // release, pairs with drain(): a writer that finds the cell empty finds that the ended thread has finished
      // reading, which this one knows from the slot that it has after it. relaxed on failure: looked at again
      if (cell->reader.compare_exchange_strong(reader, kNoThread, order::release, order::relaxed) &&
          !has_vanished(reader))
        return Outcome::owner_died;
      continue;
    }
    // relaxed: enter() looks again. A look before it, because a writer waits for whoever comes in vain, too.
    std::uint64_t word = word_().load(order::relaxed);
    ThreadId writer = writer_of(word);
    if (writer == kNoThread || writer == me) {
      if (enter(*cell, me, word)) return Outcome::taken;
      writer = writer_of(word);
    }
    if (has_vanished(writer)) {
      word_().compare_exchange_strong(word, 0, order::seq_cst, order::relaxed);  // seq_cst: as let_readers_in()
      continue;
    }
    if (has_ended(writer)) {
      if (bury(word)) return Outcome::owner_died;
      continue;
    }
    if (deadline.has_passed()) return Outcome::timed_out;
    if (since == 0) {
      since = Deadline::now();
      tell(&Observers::contended, {this, kReading});
      // relaxed: a hint, enter() looks again
      const auto is_free = [this] { return writer_of(word_().load(order::relaxed)) == kNoThread; };
      if (waiting.may_spin() && line_->readers_lesson.spin_until(is_free)) continue;
    }
    switch (ParkingLot::park(
        {&word_(), kReading, &edge, 0, since}, [&] { return announce_sleep(*cell, me, word); }, deadline,
        waiting)) {
      case ParkingLot::Outcome::handed_over:
        tell(&Observers::acquired, {this, kReading});
        return Outcome::taken;
      case ParkingLot::Outcome::timed_out:
        return Outcome::timed_out;
      case ParkingLot::Outcome::interrupted:
        return Outcome::interrupted;
      case ParkingLot::Outcome::not_parked:
      case ParkingLot::Outcome::woken:
        break;
    }
  }
}

// Under the bucket's lock: shall the reader sleep? Either let_readers_in() finds its bit, or the reader that there
// is no writer any more. `word`: what it saw last.
bool RWLock::announce_sleep(const Cell& cell, ThreadId me, std::uint64_t& word) noexcept {
  if (cell.reader.load(order::relaxed) == me) return false;  // relaxed: its own; left by a signal handler
  for (;;) {
    const ThreadId writer = writer_of(word);
    if (writer == kNoThread || writer == me || has_vanished(writer) || has_ended(writer)) return false;
    // relaxed: it tells of nothing but itself
    if (word_().compare_exchange_weak(word, word | kReaders, order::relaxed, order::relaxed)) return true;
  }
}

// For a reader: the writer of this word has ended. True: this is the thread that tells of it.
bool RWLock::bury(std::uint64_t word) noexcept {
  PlainWaiting waiting;
  const LockOutcome outcome = intent_().lock(LockStyle::owned, Deadline::passed(), waiting);
  if (outcome == LockOutcome::timed_out) {  // another one has come across it, and tells
    // seq_cst: as let_readers_in()
    const auto clear = [&] { word_().compare_exchange_strong(word, 0, order::seq_cst, order::relaxed); };
    ParkingLot::unpark_all(&word_(), clear);
    return false;
  }
  const bool died = outcome == LockOutcome::owner_died && (holds_().writes != 0 || holds_().upgradables != 0);
  holds_() = {};
  let_readers_in();
  intent_().unlock();
  return died;
}

bool RWLock::is_empty(const Cell& cell) const noexcept {
  const ThreadId reader = cell.reader.load(order::seq_cst);  // seq_cst, pairs with leave_to_writer()
  return reader == kNoThread || has_vanished(reader) || has_ended(reader);
}

// All readers but this one.
bool RWLock::all_have_left(ThreadId me) const noexcept {
  return cells_.for_each([&](const Cell& cell) {
    return cell.reader.load(order::relaxed) == me || is_empty(cell);  // relaxed: a hint
  });
}

bool RWLock::is_reading() const noexcept {
  const ThreadId me = this_thread_id();
  const Cell* cell = find(me);
  return cell != nullptr && cell->reader.load(order::relaxed) == me;  // relaxed: its own
}

ThreadId RWLock::approx_writer() const noexcept {
  const ThreadId writer =
      writer_of(word_().load(order::relaxed));  // relaxed: as of some moment, like the following
  if (writer == kNoThread || has_vanished(writer)) return kNoThread;
  return all_have_left(writer) ? writer : kNoThread;
}

std::size_t RWLock::approx_readers() const noexcept {
  std::size_t count = 0;
  cells_.for_each([&](const Cell& cell) { return count += is_empty(cell) ? 0U : 1U, true; });
  return count;
}

ThreadId RWLock::approx_upgradable() const noexcept {
  const ThreadId id = line_->upgradable.load(order::relaxed);  // relaxed: as of some moment
  return id == intent_().taker() ? id : kNoThread;
}

std::size_t RWLock::approx_waiting() const {
  std::size_t count = intent_().approx_waiting();
  ParkingLot::for_each([&](const ParkingLot::Parked& parked) {
    const bool elsewhere = cells_.for_each([&](const Cell& cell) { return parked.address != &cell; });
    count += !elsewhere || parked.address == &word_() ? 1U : 0U;
  });
  return count;
}

}  // namespace raddle
