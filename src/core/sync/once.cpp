#include "raddle/sync/once.hpp"

namespace raddle {

// The wait for an attempt, as deadlock detection sees it.
class Attempt::Edge final : public Awaited {
 public:
  explicit Edge(const Attempt& attempt) noexcept : attempt_(attempt) {}
  void for_each_owner(Visit visit, void* context) const override {
    if (const ThreadId runner = attempt_.runner(); runner != kNoThread) visit(context, runner);
  }

 private:
  const Attempt& attempt_;
};

// Under the bucket's lock: shall the thread sleep? end() finds the bit, or its end is found here.
bool Attempt::must_wait() noexcept {
  std::uint64_t word = word_.load(order::relaxed);  // relaxed: the exchange checks it
  while ((word & kEnded) == 0) {
    // A runner that ends later finds this thread in the lot's queues.
    if (has_vanished(runner_of(word)) || has_ended(runner_of(word))) return false;
    // relaxed: it tells of nothing but itself
    if ((word & kSleepers) != 0 ||
        word_.compare_exchange_weak(word, word | kSleepers, order::relaxed, order::relaxed))
      return true;
  }
  return false;
}

// For a runner that cannot end it. Others may do the same.
void Attempt::give_up_for(ThreadId runner) noexcept {
  std::uint64_t word = word_.load(order::relaxed);  // relaxed: the exchange checks it
  while (runner_of(word) == runner) {
    // release, pairs with state(): as in end()
    if (!word_.compare_exchange_weak(word, word_of(State::given_up), order::release, order::relaxed)) continue;
    if ((word & kSleepers) != 0) ParkingLot::unpark_all(&word_);
    return;
  }
}

Attempt::Outcome Attempt::wait(const char* what, bool alone, Waiting& waiting) {
  const Edge edge(*this);
  const std::int64_t since = Deadline::now();
  for (;;) {
    const ThreadId runner = runner_of(word_.load(order::acquire));  // acquire, pairs with end()
    if (runner == kNoThread) return Outcome::ended;
    if (runner == this_thread_id()) return Outcome::own;
    if (alone || has_vanished(runner) || has_ended(runner)) {
      give_up_for(runner);
      continue;
    }
    if (ParkingLot::park(
            {&word_, what, &edge, 0, since}, [this] { return must_wait(); }, Deadline::never(), waiting) ==
        ParkingLot::Outcome::interrupted)
      return Outcome::interrupted;
  }
}

}  // namespace raddle
