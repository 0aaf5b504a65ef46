// Barrier: threads that wait for each other, round after round.
//
// An IndexLock guards the round that threads are arriving in; its index is how many have arrived, its closed bit
// says that the barrier is broken. Each round has a record of its own with its result, on the heap and counted,
// because a slow thread must learn what became of its own round, however many there have been since.
//
//   round's result   waiting -> released   by the last of them to arrive, after its action
//                    waiting -> broken     by a time limit, an interrupt, an action that failed, abort() or
//                    reset()
//
// While the action runs, with nothing locked, the round is full: who comes then waits until there is room. A
// thread of a full round that is interrupted breaks nothing, as it has arrived; one that runs out of time waits
// for the action's end.
//
// Spinning: a thread looks out for the others as long as that has been worth it at this barrier.
//
// Fork: in the child, of those that have arrived only the forking thread is there, if it is inside a wait (a
// signal handler or an action forked). Each thread keeps a list of the waits that it is inside of, and counts them
// in the child.
//
// Progress: may be delayed by a peer inside the lock for a handful of steps. Linearization points: where the lock
// is freed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/spin.hpp"
#include "raddle/sync/index_lock.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

class Barrier {
 public:
  class Round;

  enum class Outcome : std::uint8_t {
    released,
    last,  // the round is full: do the action, then call finish()
    broken,
    interrupted,  // and broken, unless all had arrived
    no_memory,    // nothing has happened
  };

  // One arrival of the calling thread, which keeps it until the outcome is there.
  class Arrival {
   public:
    std::uint64_t index() const noexcept { return index_; }  // how many had arrived before

   private:
    friend class Barrier;
    friend struct BarrierForkHook;
    Round* round_ = nullptr;
    std::uint64_t index_ = 0;
    Arrival* outer_ = nullptr;  // of the same thread: this one is inside its signal handler, or its action
  };

  explicit Barrier(std::uint64_t parties = 1) noexcept;
  ~Barrier();
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  // Before other threads use it.
  void set_parties(std::uint64_t parties) noexcept { parties_ = parties; }

  // Arrives and waits for the others, unless it is the last.
  Outcome wait(Arrival& arrival, Deadline deadline, Waiting& waiting);
  // After `last`: lets the others go, if the action has succeeded, or breaks the barrier. Released or broken.
  Outcome finish(Arrival& arrival, bool succeeded) noexcept;

  // Those in it leave with `broken`. After abort() the barrier stays broken, after reset() it is as new.
  void abort() noexcept { end_round(true, true); }
  void reset() noexcept { end_round(false, true); }

  std::uint64_t parties() const noexcept { return parties_; }
  std::uint64_t waiting() noexcept;
  bool is_broken() const noexcept { return lock_.peek().closed(); }

 private:
  struct State {
    std::uint64_t arrived;
    bool broken;
  };

  State lock() noexcept;
  Outcome enter(Arrival& arrival, Deadline deadline, Waiting& waiting);
  Outcome wait_for_room(Deadline deadline, Waiting& waiting);
  Outcome wait_for_result(Round& round, Deadline deadline, Waiting& waiting);
  bool give_up(Round& round) noexcept;
  Round* take_out_round(std::uint32_t how) noexcept;
  void end_round(bool broken, bool also_full) noexcept;
  void let_visitors_in() noexcept;
  void leave(Arrival& arrival) noexcept;

  IndexLock lock_;
  Round* round_ = nullptr;            // null: nobody has arrived. Guarded by the lock, as the next
  atomic<std::uint64_t> forks_seen_;  // by what is counted in the lock's index
  std::uint64_t parties_;
  atomic<bool> has_visitors_{false};  // somebody may be parked until there is room
  SpinLesson lesson_;
};

}  // namespace raddle
