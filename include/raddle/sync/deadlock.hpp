// Deadlocks among threads that wait in the parking lot.
//
// An edge leads from a thread that is parked without a time limit to each thread that must act before the wait can
// end (Awaited). A cycle of such edges that exist at one instant never ends by itself: everybody in it is parked,
// and only those in it could change it.
//
// No false alarm. A thread is read under the lock of its bucket, so each edge is true when it is read; and after
// the cycle has been found every edge of it is read again. A thread that is found parked in the same turn both
// times was parked all the time between: it has neither taken nor released anything. So all edges existed
// together, at the moment between the two readings. Who owns what may be read relaxed, and be out of date, at the
// first reading; not at the second: what a thread gave back it gave back before it parked, and it has been seen
// parked, under the lock under which it did so.
//
// None missed. A cycle closes when the last of its threads parks, or is moved to another queue. Every wait looks
// once it has lasted for about 10 ms, and whoever parks again after that looks at once: so the last one finds the
// cycle. If a thread on the way is just looking for signals, the answer is not settled, and the wait looks again
// 10 ms later. If it waited for something else meanwhile, in a signal handler, it looks when it comes back. If the
// last one is one that cannot be told, because it must have what it waits for, it makes the others look again.
// (That a thread which parked 10 ms ago is seen in the lot rests on stores being seen within that time.)
//
// Who is told: the latest, by the time when it began to wait. Whoever else finds the cycle leaves it to those that
// are later, and looks again, five times for each of them: the latest may have looked while one on the way was
// awake for a moment, may be in another cycle as well, or may be one that cannot be told. Two at once are not
// told: who is told has left its queue before it looks once more at the others.
//
// Nothing is locked but one bucket at a time, and only by threads that have waited for so long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raddle/base/deadline.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

// A cycle, as it was found. It holds until somebody in it is interrupted.
class Deadlock {
 public:
  struct Link {
    ThreadId thread;
    std::uint64_t turn;       // ParkingLot::Parked::turn
    std::uint64_t ident = 0;  // the system's identity of the thread
    const void* address = nullptr;
    const char* what = "";
    void* subject = nullptr;  // what retain_subject() gave; whoever has the links owns them
  };

  // Reads the cycle through the calling thread, which must be parked. False if there is none now.
  bool find(ThreadId me, bool& unsettled);
  // Of the cycle found: how many began to wait later than the calling thread.
  std::size_t later() const noexcept { return later_; }
  // For a thread that is not parked itself any more: is the rest of the cycle still there? Fills in what the links
  // say of the others, and keeps alive what they wait for.
  bool confirm(Link mine);

  std::vector<Link>& links() noexcept { return links_; }

 private:
  bool is_still(Link& link, ThreadId next, bool retain);

  std::vector<Link> links_;  // the thread that found it first
  std::size_t later_ = 0;
};

// When a wait looks for a deadlock, and what it found.
class DeadlockWatch {
 public:
  DeadlockWatch(bool on, std::int64_t since) noexcept
      : next_(on ? Deadline::at(since + kPatience) : Deadline::never()) {}

  // When to look next.
  Deadline next() const noexcept { return next_; }
  // Looks. True: the calling thread, which is parked and not attached, is in a cycle and the one to be told.
  bool look(ThreadId me) noexcept;
  Deadlock& found() noexcept { return deadlock_; }
  // The thread awaits others from now on, though it did not when it began.
  void begin() noexcept { next_ = Deadline::in(kPatience); }
  // There may be a cycle that was not there, or could not be seen, before.
  void look_now() noexcept { next_ = Deadline::passed(); }
  // It has turned out differently, or cannot be told: that is asked less and less often.
  void look_later() noexcept;

 private:
  static constexpr std::int64_t kPatience = 10'000'000;  // nanoseconds
  static constexpr std::int64_t kLongestPause = 100 * kPatience;
  static constexpr std::size_t kLooksPerOther = 5;  // so that a slow latest is not overtaken

  Deadline next_;
  std::size_t left_to_others_ = 0;  // how often in a row a cycle was found and left to those that are later
  std::int64_t pause_ = kPatience;
  Deadlock deadlock_;
};

}  // namespace raddle
