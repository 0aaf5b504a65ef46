// RWLock: many threads read together, or one writes.
//
// Readers do not meet. Each thread that reads says so in a cell of its own, on a cache line of its own; a writer
// says that it comes and then looks at all cells. A read costs two exchanges on the thread's own line and two
// loads of a word that only writers write. (After the distributed readers' locks of Hsieh and Weihl, 1992, and
// Linux's brlock.)
//
//   cell    the ThreadId of who reads; 0: nobody. Written by the thread whose slot it is; for readers that
//           are parked, by the writer that lets them in; and cleared by whoever finds that the thread is gone.
//   intent  a Mutex: who writes, or is about to (upgradable), has it. Writers queue there.
//   word    bit 0     readers  somebody may be parked to read; set under the bucket's lock in the parking lot
//           bit 1     writer   the writer has been parked until a cell is empty; set under the bucket's lock
//           bits 2-63 writer   the ThreadId of the holder of `intent` while it writes or waits for
//           readers to leave
//
// A reader writes its cell and then reads the word; a writer writes the word and then reads the cells. All four
// are sequentially consistent, so one of the two sees the other (Dekker). A reader that sees a writer takes its
// cell back.
//
// Order: a writer that has come keeps new readers out. When it leaves, all readers that are parked get in before
// the next writer does (phase-fair: Brandenburg and Anderson, 2009). So a reader that is parked waits for the one
// writer that is there. Before it is parked, and while it looks for signals, it may miss the moment between two
// writers, each time for one writer more. Writers are served as by a Mutex, each after the readers that were in
// when it came. Nobody waits for ever.
//
// One thread may read again whenever it reads or writes, and write again whenever it writes; it never waits for
// that. A thread that reads must not begin to write: two that did so would wait for each other. It is told
// (`deadlock`), unless it only tries. `upgradable` is for that: it reads beside readers and is the only one who
// may write next.
//
// What is waited for: readers wait for the writer, a writer for the readers, and for the holder of `intent`. A
// cycle of such waits is a deadlock (deadlock.hpp).
//
// Ended threads: what a thread still has of the lock when it ends is given back by whoever comes across it, who is
// told. Fork: what threads that vanished had of it counts as given back; what it guards is as they left it.
//
// Progress: a read that finds no writer is wait-free after the thread's first one; writers may wait for preempted
// readers. Linearization points: a read, the store to the cell that is followed by a load of the word without
// another writer, or the store of the writer that lets it in; a write, the load of the last cell that was found
// empty; their ends, the stores to the cell and the word. Two tries at once may both fail.
//
// Limits: a line for each thread slot up to the highest in use when the thread that has it reads first
// (`no_memory`).
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/base/cache_line.hpp"
#include "raddle/base/slot_table.hpp"
#include "raddle/base/spin.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/diag/observers.hpp"
#include "raddle/sync/mutex.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

class RWLock {
  static constexpr std::uint64_t kReaders = 1, kWriter = 2, kFlags = 3;
  static constexpr const char* kReading = "RWLock.read";

 public:
  enum class Outcome : std::uint8_t {
    taken,
    // Nothing has changed, as with all that follow, but that what an ended thread had has been given back.
    owner_died,
    timed_out,
    interrupted,  // Waiting knows why
    deadlock,     // this thread reads
    no_memory,
  };

  RWLock() noexcept = default;
  ~RWLock() { cells_.clear(); }
  RWLock(const RWLock&) = delete;
  RWLock& operator=(const RWLock&) = delete;

  // A deadline that has passed: only tries.
  Outcome read(Deadline deadline, Waiting& waiting) {
    return try_read_fast() ? Outcome::taken : read_slow(deadline, waiting);
  }
  // Reads if that takes no waiting; no more than a hint otherwise.
  bool try_read_fast() noexcept {
    const ThreadId me = this_thread_id();
    Cell* cell = find(me);
    if (cell == nullptr) return false;
    // relaxed: of its own id a thread knows the last write
    const ThreadId reader = cell->reader.load(order::relaxed);
    if (reader == me) return ++cell->depth, true;
    std::uint64_t word;
    return reader == kNoThread && enter(*cell, me, word);
  }
  // False, as with the other unlocks: the calling thread does not have it.
  bool unlock_read() noexcept {
    const ThreadId me = this_thread_id();
    Cell* cell = find(me);
    if (cell == nullptr || cell->reader.load(order::relaxed) != me) return false;  // relaxed: as above
    if (--cell->depth == 0) [[likely]]
      leave(*cell);
    else if (cell->downgraded > cell->depth)
      cell->downgraded = cell->depth;
    return true;
  }

  Outcome write(Deadline deadline, Waiting& waiting);
  // Gives back one write, or the read that downgrade() has made of it.
  bool unlock_write() noexcept;
  // Makes a read of the last write, without another writer in between. The calling thread writes. False: memory is
  // wanting.
  bool downgrade() noexcept;

  // Reads beside readers, and keeps out others that want to write.
  Outcome upgradable(Deadline deadline, Waiting& waiting);
  bool unlock_upgradable() noexcept;

  bool is_reading() const noexcept;  // the calling thread
  bool is_writing() const noexcept { return intent_().is_mine() && holds_().writes != 0; }
  bool is_upgradable() const noexcept { return intent_().is_mine() && holds_().upgradables != 0; }

  // The thread that writes, if it lives; the following are as of some recent moment, too.
  ThreadId approx_writer() const noexcept;
  std::size_t approx_readers() const noexcept;
  // The thread that is upgradable, if it lives. It reads, unless it is the one that writes.
  ThreadId approx_upgradable() const noexcept;
  std::size_t approx_waiting() const;

 private:
  struct alignas(kCacheLine) Cell {
    atomic<ThreadId> reader{kNoThread};
    // The reader's. Without a reader they say nothing: a thread that has ended leaves them as they were.
    std::uint32_t depth = 0;
    std::uint32_t downgraded = 0;  // how many of them were writes
  };
  // What the holder of `intent` has, its own.
  struct Holds {
    std::uint32_t writes = 0, upgradables = 0;
    // Calls that wait until the readers have left; one inside another, in signal handlers.
    std::uint32_t claims = 0;
  };
  // Written by writers, read by all.
  struct Line {
    atomic<std::uint64_t> word{0};
    Mutex intent{"RWLock", true};
    SpinLesson readers_lesson, writers_lesson;
    Holds holds;
    // The holder of `intent`, if it is upgradable; of another thread it says nothing. To tell others of it.
    atomic<ThreadId> upgradable{kNoThread};
  };
  class WriterEdge;
  class ReadersEdge;

  static constexpr std::uint64_t word_of(ThreadId id) noexcept { return id << 2; }
  static constexpr ThreadId writer_of(std::uint64_t word) noexcept { return word >> 2; }

  atomic<std::uint64_t>& word_() noexcept { return line_->word; }
  const atomic<std::uint64_t>& word_() const noexcept { return line_->word; }
  Mutex& intent_() noexcept { return line_->intent; }
  const Mutex& intent_() const noexcept { return line_->intent; }
  Holds& holds_() noexcept { return line_->holds; }
  const Holds& holds_() const noexcept { return line_->holds; }

  Cell* find(ThreadId me) const noexcept {
    const ThreadSlot slot = slot_of(me);
    return slot == kNoSlot ? nullptr : cells_.find(slot);
  }
  // With an empty cell: reads, unless the word that it sees has a writer.
  bool enter(Cell& cell, ThreadId me, std::uint64_t& word) noexcept {
    cell.reader.store(me, order::seq_cst);  // seq_cst, pairs with drain(): see above
    // seq_cst, likewise; acquire, pairs with let_readers_in(): what the last writer wrote is visible
    word = word_().load(order::seq_cst);
    if (word != 0 && writer_of(word) != me) [[unlikely]]
      return leave_to_writer(cell), false;
    begin(cell);
    tell(&Observers::acquired, {this, kReading});
    return true;
  }
  static void begin(Cell& cell) noexcept {
    cell.depth = 1;
    cell.downgraded = 0;
  }
  void leave(Cell& cell) noexcept {
    leave_to_writer(cell);
    tell(&Observers::released, {this, kReading});
  }
  void leave_to_writer(Cell& cell) noexcept {
    // seq_cst, pairs with drain(); release: what this reader read was read before
    cell.reader.store(kNoThread, order::seq_cst);
    if ((word_().load(order::seq_cst) & kWriter) != 0) [[unlikely]]  // seq_cst, pairs with wait_for()
      ParkingLot::unpark_one(&cell);
  }

  Outcome read_slow(Deadline deadline, Waiting& waiting);
  bool announce_sleep(const Cell& cell, ThreadId me, std::uint64_t& word) noexcept;
  bool bury(std::uint64_t word) noexcept;

  Outcome take_intent(Deadline deadline, Waiting& waiting);
  Outcome drain(Deadline deadline, Waiting& waiting);
  Outcome wait_for(Cell& cell, Deadline deadline, Waiting& waiting);
  bool is_empty(const Cell& cell) const noexcept;
  bool all_have_left(ThreadId me) const noexcept;
  void let_readers_in() noexcept;
  void settle() noexcept;

  SlotTable<Cell, 8> cells_;
  OwnLine<Line> line_;
};

}  // namespace raddle
