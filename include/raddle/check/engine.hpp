// The race detector's engine: is told accesses and synchronisation, and finds what goes wrong between threads.
//
// Knows nothing of Python. Two relations between events are kept as vector clocks for each logical thread: F,
// every synchronisation, and C, everything but the accidental order of locks (two critical sections of a lock are
// ordered in C only from where they touched a location in conflict: the idea of Kini, Mathur, Viswanathan,
// "Dynamic Race Prediction in Linear Time", PLDI 2017). Epochs and the shadow of locations follow Flanagan,
// Freund, "FastTrack", PLDI 2009. What the rules are: check/rules.hpp.
//
// Threads: a Thread is used by one OS thread at a time. All calls may be made by all threads at once, except that
// those for one Thread come one after the other. No call runs foreign code except StackSource::capture, waits
// longer than for another thread's bounded step, or throws. Where memory is missing an event is dropped and
// counted.
//
// Fork: prepare_fork() before, one of after_fork_in_*() after, as handlers of pthread_atfork.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "raddle/check/address_filter.hpp"
#include "raddle/check/clocks.hpp"
#include "raddle/check/event.hpp"
#include "raddle/check/finding.hpp"
#include "raddle/check/thread.hpp"

namespace raddle::check {

struct Options {
  std::size_t memory = std::size_t{512} << 20;  // bytes of shadow memory, about
  bool strict = false;                          // RD301 too
};

class Engine {
 public:
  explicit Engine(Options options = {}) noexcept;
  ~Engine();  // no thread calls any more
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- Threads. ---

  // A new logical thread, after what `from` stands for (null: after nothing). The caller makes it current for the
  // OS thread that runs it. Null without memory. The name is copied. More than 1,024 threads at a time: those
  // beyond are not watched (a Thread all the same).
  [[nodiscard]] Thread* begin_thread(const Clocks* from, std::string_view name, ThreadNumber creator = 0,
                                     StackId created_at = 0) noexcept;
  // The thread is over and its Thread gone; what it did is before whoever acquires the result. Null without
  // memory.
  ClocksRef end_thread(Thread& thread) noexcept;
  // A task that runs on an OS thread that has a Thread already: the same as a thread, nothing orders them by
  // itself.
  [[nodiscard]] Thread* begin_task(const Clocks* from, std::string_view name, ThreadNumber creator = 0,
                                   StackId created_at = 0) noexcept {
    return begin_thread(from, name, creator, created_at);
  }
  ClocksRef end_task(Thread& task) noexcept { return end_thread(task); }

  // --- Hard edges: F and C. ---

  // What the thread did until now is before whoever acquires the result. Null without memory.
  [[nodiscard]] ClocksRef release(Thread& thread) noexcept;
  // The same, but added to what is there already, for things with several releasers (events, semaphores). The
  // caller guards `into` against other threads. One that others have a reference to is replaced, not changed.
  void release_into(Thread& thread, ClocksRef& into) noexcept;
  // The same without a new clock: what the thread does until it next synchronises counts as before it too. So one
  // call is enough until thread.era() changes. For what happens too often to be told exactly.
  void share_into(Thread& thread, ClocksRef& into) noexcept;
  void acquire(Thread& thread, const Clocks& from) noexcept;
  void acquire(Thread& thread, const ClocksRef& from) noexcept {
    if (from) acquire(thread, *from);
  }

  // --- Locks. `lock` is an address or any other word that is not used for another lock until lock_ended(). ---

  // Told after the lock has been taken. Taking a lock again that the thread holds (re-entrant ones) may be told or
  // not, if releases are told alike.
  void lock_acquired(Thread& thread, std::uintptr_t lock, bool shared = false, StackId taken_at = 0) noexcept;
  // Told BEFORE the lock is let go. By another thread than took it: a signal, that is a hard edge to the next who
  // takes it.
  void lock_released(Thread& thread, std::uintptr_t lock) noexcept;
  // The lock is gone; the word may stand for another one.
  void lock_ended(std::uintptr_t lock) noexcept;
  [[nodiscard]] bool holds_any(const Thread& thread) const noexcept { return thread.holds_any(); }

  // --- Accesses. ---

  // Told before the operation itself, or right after it where its outcome is needed.
  void access(Thread& thread, const Access& access, StackSource& stacks) noexcept {
    if (thread.knows(access)) [[likely]]
      return;
    access_slow(thread, access, stacks);
  }
  // A read and the write of the same location that depends on it, in one step of the program. `read` starts the
  // pair that `write` has the link of.
  void update(Thread& thread, const Access& read, const Access& write, StackSource& stacks) noexcept {
    if (thread.knows(read) && thread.knows(write)) [[likely]]
      return;
    update_slow(thread, read, write, stacks);
  }
  // Any element of the sequence is read, and all that matters is what its value may tell of: who has a value knows
  // what its writer had done by then (RD105). To be told in place of access() where remembers_together().
  void read_element(Thread& thread, std::uintptr_t sequence) noexcept {
    if (thread.knows_elements(sequence)) [[likely]]
      return;
    read_element_slow(thread, sequence);
  }
  // A write of an atom to an element, without links. Likewise.
  void write_element(Thread& thread, const Access& access, StackSource& stacks) noexcept {
    switch (thread.store_element(access)) {
      case Thread::Stored::in_layer:
        return;
      case Thread::Stored::in_cell:
        return this->access(thread, access, stacks);
      case Thread::Stored::unknown:
        return write_element_slow(thread, access, stacks);
    }
  }
  // Under a lock, and for RD301, each element has an order of its own.
  [[nodiscard]] bool remembers_together(const Thread& thread) const noexcept {
    return !is_strict_ && !thread.holds_any();
  }
  // Would access() have nothing to do? For callers to whom the details of an access cost something to find out.
  [[nodiscard]] bool knows(Thread& thread, const Access& access) const noexcept { return thread.knows(access); }
  // The object is gone; its address may be used for another one. Told before the memory can be used again.
  void retire(std::uintptr_t object) noexcept {
    if (shadowed_ != nullptr && shadowed_->may_have(object)) [[unlikely]]
      retire_slow(object);
  }

  // --- Findings. ---

  // Those that this thread's events brought up or made certain since its last call. thread.has_findings() says
  // cheaply whether there are any.
  [[nodiscard]] std::vector<Finding> take_findings(Thread& thread) noexcept;
  // At the end: all findings with their final counts, those that can only be told now (RD201) among them.
  // Other threads may go on; what they do from now on may or may not be counted.
  [[nodiscard]] std::vector<Finding> finish() noexcept;
  [[nodiscard]] Summary summary() noexcept;

  // --- Fork. ---

  void prepare_fork() noexcept;
  void after_fork_in_parent() noexcept;
  // `current`: the Thread of the thread that forked, null if it has none. It is after everything that any thread
  // did before; all other Threads are over and must not be used.
  void after_fork_in_child(Thread* current) noexcept;

 private:
  friend class Work;
  void access_slow(Thread& thread, const Access& access, StackSource& stacks) noexcept;
  void update_slow(Thread& thread, const Access& read, const Access& write, StackSource& stacks) noexcept;
  void read_element_slow(Thread& thread, std::uintptr_t sequence) noexcept;
  void write_element_slow(Thread& thread, const Access& access, StackSource& stacks) noexcept;
  void retire_slow(std::uintptr_t object) noexcept;

  struct Parts;
  std::unique_ptr<Parts> parts_;   // null without memory: nothing is watched
  const AddressFilter* shadowed_;  // in parts_
  bool is_strict_;
};

}  // namespace raddle::check
