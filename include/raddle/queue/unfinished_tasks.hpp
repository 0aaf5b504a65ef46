// How many of the items put into a queue have not been reported as done, and waiting for there to be none.
//
// The queue counts what was put anyway, so a put pays nothing for it: unfinished = put - done. Both only grow, and
// done <= put: who reads done first and put after it, and finds both equal, knows that they were equal at the
// moment of the second load.
#pragma once

#include <algorithm>
#include <cstdint>

#include "raddle/base/atomic.hpp"
#include "raddle/sync/waiting_room.hpp"

namespace raddle {

class UnfinishedTasks {
 public:
  // In all of these `put_count()` loads the queue's counter, sequentially consistent.

  template <class PutCount>
  std::uint64_t count(PutCount put_count) const noexcept {
    for (std::uint64_t done = done_.load(order::seq_cst);;) {
      const std::uint64_t put = put_count();
      const std::uint64_t again = done_.load(order::seq_cst);
      if (again == done) return put - done;  // as of the moment when put_count() was read
      done = again;
    }
  }

  // Reports one task as done; false if none was unfinished.
  template <class PutCount>
  bool finish(PutCount put_count) noexcept {
    return finish_up_to(1, put_count) == 1;
  }

  // Reports up to n tasks as done, no more than are unfinished; returns how many.
  template <class PutCount>
  std::uint64_t finish_up_to(std::uint64_t n, PutCount put_count) noexcept {
    std::uint64_t done = done_.load(order::seq_cst);
    for (;;) {
      const std::uint64_t put = put_count();
      const std::uint64_t finished = std::min(n, put - done);
      if (finished == 0) return 0;
      // seq_cst, pairs with is_ready in join(): the change before announce()
      if (!done_.compare_exchange_weak(done, done + finished, order::seq_cst, order::seq_cst)) continue;
      if (put == done + finished) joiners_.announce_to_all();  // if more was put since, they look in vain
      return finished;
    }
  }

  // Waits until there is no unfinished task.
  template <class PutCount>
  WaitingRoom::Outcome join(PutCount put_count, Deadline deadline, Waiting& waiting) {
    const auto none = [&] {
      const std::uint64_t done = done_.load(order::seq_cst);
      return put_count() == done;
    };
    while (!none()) {
      const WaitingRoom::Outcome outcome = joiners_.wait("queue join", none, deadline, waiting);
      if (outcome != WaitingRoom::Outcome::look_again) return outcome;
    }
    return WaitingRoom::Outcome::look_again;
  }

 private:
  atomic<std::uint64_t> done_{0};
  WaitingRoom joiners_;
};

}  // namespace raddle
