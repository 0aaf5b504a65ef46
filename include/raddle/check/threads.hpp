// Which logical threads there are, their slots, and what is known of them for reports.
//
// A thread that begins takes the slot of one that is over, if that one's end is before it in C: then nothing is
// lost. If there is none, it takes a new slot, up to kMaxSlots; then the slot of the thread that has been over for
// longest, whose accesses then count as ordered before. If all are running, the thread is not watched. A slot's
// clock and its count of accesses go on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "raddle/check/clocks.hpp"
#include "raddle/check/finding.hpp"
#include "raddle/check/thread.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace raddle::check {

struct ThreadInfo {
  ThreadNumber number = 0, creator = 0;
  StackId created_at = 0;
  std::string name;
};

class Threads {
 public:
  Threads() noexcept = default;
  ~Threads();

  Thread* begin(const Clocks* from, std::string_view name, ThreadNumber creator, StackId created_at) noexcept;
  // Its holds and pending reads are dropped.
  void end(Thread& thread) noexcept;
  // In a child of fork(), with one thread: all but `current` are over, and `current` is after everything.
  void only_one_left(Thread* current) noexcept;

  // Adds what the slot's thread knows through values to what `thread` knows.
  void join_read(Thread& thread, Slot other) const noexcept;
  void join_read(Thread& thread, const VectorClock& read) const noexcept;
  void copy_read(const Thread& thread, VectorClock& into) const noexcept;
  static std::uint32_t known_seq(const Thread& thread, Slot other) noexcept {
    return thread.read_seqs_ == nullptr ? 0 : thread.read_seqs_[other].load(order::relaxed);  // relaxed: see rows
  }
  static void know_seq(Thread& thread, Slot other, std::uint32_t seq) noexcept {
    // relaxed: written by the thread alone, numbers that grow
    if (thread.read_seqs_ != nullptr) thread.read_seqs_[other].store(seq, order::relaxed);
  }

  // Fills in what is known of the thread whose access has this epoch.
  void describe(Epoch epoch, ThreadNumber number, FoundSide& side) noexcept;
  std::uint64_t begun() noexcept;
  std::uint64_t unwatched() noexcept;

  RawMutex mutex;  // for everything but rows and the threads themselves

 private:
  static constexpr unsigned kRemembered = 8;  // threads of a slot that can be named

  struct Seat {
    Thread* thread = nullptr;  // null: over
    Clock clock = 0;           // at the end of the last one
    std::uint32_t seq = 0;
    std::uint64_t ended = 0;      // when, as a number that grows
    ThreadInfo* infos = nullptr;  // kRemembered of them
    unsigned next_info = 0;
  };

  bool take_seat(const Clocks* from, Slot& slot) noexcept;
  Thread* take_thread() noexcept;
  bool sit_down(Thread& thread, Slot slot, const Clocks* from) noexcept;
  void note(Seat& seat, ThreadNumber number, std::string_view name, ThreadNumber creator,
            StackId created_at) noexcept;
  void leave(Thread& thread) noexcept;
  static void drop_memories(Thread& thread) noexcept;

  Seat seats_[kMaxSlots];
  // P, a row for each slot. Numbers that only grow; whoever copies one while it grows gets one or the other.
  atomic<atomic<std::uint32_t>*> rows_[kMaxSlots] = {};
  atomic<unsigned> slots_{0};  // slots ever used
  Thread* unused_ = nullptr;
  Thread* all_ = nullptr;
  std::uint64_t ends_ = 0, unwatched_ = 0;
  ThreadNumber last_number_ = 0;
};

}  // namespace raddle::check
