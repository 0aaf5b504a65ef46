// What became of a call on a queue.
#pragma once

#include <cstddef>
#include <cstdint>

namespace raddle {

enum class QueueStatus : std::uint8_t {
  done,
  full,         // nothing was put: there was no room, until the deadline if there was one
  empty,        // nothing was taken: there was no item, until the deadline if there was one
  closed,       // put: the queue is closed. get: it is closed and empty
  no_memory,    // nothing was put
  interrupted,  // the caller's Waiting gave up; nothing was put or taken
  failed,       // comparing items failed; nothing was put or taken
  deadlock,     // the call would wait for ever, for what its own thread is in the middle of
};

// How far a call with several items got, and what stopped it (done: nothing).
struct QueueProgress {
  std::size_t moved;
  QueueStatus status;
};

}  // namespace raddle
