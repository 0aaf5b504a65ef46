#include "raddle/sync/barrier.hpp"

#include <pthread.h>

#include <new>
#include <utility>

#include "raddle/base/config.hpp"
#include "raddle/base/fork.hpp"

namespace raddle {

class Barrier::Round {
 public:
  static constexpr std::uint32_t kWaiting = 0, kReleased = 1, kBroken = 2;

  bool has_result() const noexcept {
    return result.load(order::seq_cst) != kWaiting;  // seq_cst, pairs with end(): what all did before is visible
  }
  // Under the barrier's lock. Those who sleep are woken by wake(), without it. seq_cst, pairs with has_result():
  // what all who arrived did before is visible, because they arrived under the lock.
  void end(std::uint32_t how) noexcept { result.store(how, order::seq_cst); }
  void wake() noexcept {
    // seq_cst, pairs with the store in wait_for_result(): it sees the result, or this sees it
    if (has_sleepers.load(order::seq_cst)) ParkingLot::unpark_all(&result);
  }
  void unref() noexcept {
    // acq_rel: the last one frees what the others have finished with
    if (refs.fetch_sub(1, order::acq_rel) == 1) delete this;
  }

  atomic<std::uint32_t> result{kWaiting};  // also the address that its threads park under
  atomic<bool> has_sleepers{false};        // set under the bucket's lock
  atomic<std::uint64_t> refs{1};           // of each thread in it, and of the barrier
  // How many of its threads have survived a fork, and which fork.
  std::uint64_t survivors = 0;
  std::uint64_t survived = 0;
};

namespace {

// The waits that this thread is inside of, the innermost first.
constinit RADDLE_TLS_WORD thread_local Barrier::Arrival* arrivals = nullptr;
constinit atomic<std::uint64_t> forks_here{0};  // counted in the hook below, with what depends on it

}  // namespace

// In a forked child, in the thread that has survived.
struct BarrierForkHook {
  static void count() noexcept {
    const std::uint64_t fork = forks_here.load(order::relaxed) + 1;  // relaxed: there is one thread
    forks_here.store(fork, order::relaxed);
    for (Barrier::Arrival* arrival = arrivals; arrival != nullptr; arrival = arrival->outer_) {
      Barrier::Round* round = arrival->round_;
      if (round == nullptr) continue;
      round->survivors = (round->survived == fork ? round->survivors : 0) + 1;
      round->survived = fork;
    }
  }
};
[[maybe_unused]] static const int fork_hook_registered = pthread_atfork(nullptr, nullptr, BarrierForkHook::count);

Barrier::Barrier(std::uint64_t parties) noexcept
    : forks_seen_(forks_here.load(order::relaxed)), parties_(parties) {}  // relaxed: changes with one thread only

Barrier::~Barrier() {
  if (round_ != nullptr) round_->unref();
}

// What threads that have vanished left is cleared away by the first who comes in the child.
Barrier::State Barrier::lock() noexcept {
  const IndexLock::State state = lock_.lock();
  const std::uint64_t fork = forks_here.load(order::relaxed);  // relaxed: as above
  if (forks_seen_.load(order::relaxed) == fork) [[likely]]     // relaxed: written under the lock
    return {state.index(), state.closed()};
  forks_seen_.store(fork, order::relaxed);  // relaxed: likewise; elsewhere a hint
  if (round_ == nullptr) return {0, state.closed()};
  const std::uint64_t survivors = round_->survived == fork ? round_->survivors : 0;
  const bool goes_on = survivors != 0 && !round_->has_result();
  // relaxed: of those who count on it none but the thread that forked is there, and the barrier
  round_->refs.store(survivors + 1, order::relaxed);
  if (!goes_on) std::exchange(round_, nullptr)->unref();
  return {goes_on ? survivors : 0, state.closed()};
}

std::uint64_t Barrier::waiting() noexcept {
  const State state = lock();
  lock_.unlock(state.arrived, state.broken);
  return state.arrived;
}

Barrier::Outcome Barrier::wait(Arrival& arrival, Deadline deadline, Waiting& waiting) {
  const Outcome entered = enter(arrival, deadline, waiting);
  if (entered != Outcome::released) return entered;
  const Outcome outcome = wait_for_result(*arrival.round_, deadline, waiting);
  leave(arrival);
  return outcome;
}

// `released`: it has arrived, and others are missing.
Barrier::Outcome Barrier::enter(Arrival& arrival, Deadline deadline, Waiting& waiting) {
  Round* fresh = nullptr;
  Outcome outcome = Outcome::released;
  arrival.outer_ = std::exchange(arrivals, &arrival);
  for (;;) {
    const State state = lock();
    const bool needs_round = round_ == nullptr && fresh == nullptr;
    if (state.broken || needs_round || state.arrived >= parties_) {
      lock_.unlock(state.arrived, state.broken);
      if (state.broken)
        outcome = Outcome::broken;
      else if (!needs_round)
        outcome = wait_for_room(deadline, waiting);
      else if ((fresh = new (std::nothrow) Round) == nullptr)
        outcome = Outcome::no_memory;
      if (outcome == Outcome::released) continue;
      arrivals = arrival.outer_;
      break;
    }
    if (round_ == nullptr) round_ = std::exchange(fresh, nullptr);
    round_->refs.fetch_add(1, order::relaxed);  // relaxed: the barrier has one of them
    arrival.round_ = round_;
    arrival.index_ = state.arrived;
    lock_.unlock(state.arrived + 1, false);
    if (state.arrived + 1 == parties_) outcome = Outcome::last;
    break;
  }
  if (fresh != nullptr) fresh->unref();
  return outcome;
}

void Barrier::leave(Arrival& arrival) noexcept {
  arrivals = arrival.outer_;
  arrival.round_->unref();
}

// Under the lock: the round, if there is one, has its result and is not the barrier's any more. In this order: of
// who vanishes in between, lock() finds a round with a result; the other way round, nobody would find one without.
Barrier::Round* Barrier::take_out_round(std::uint32_t how) noexcept {
  Round* round = round_;
  if (round == nullptr) return nullptr;
  round->end(how);
  order_steps_for_fork();
  round_ = nullptr;
  return round;
}

Barrier::Outcome Barrier::finish(Arrival& arrival, bool succeeded) noexcept {
  Round& round = *arrival.round_;
  const State state = lock();
  const bool is_full = round_ == &round && !round.has_result();  // neither aborted nor reset meanwhile
  if (is_full) {
    take_out_round(succeeded ? Round::kReleased : Round::kBroken);
  }
  lock_.unlock(is_full ? 0 : state.arrived, state.broken || (is_full && !succeeded));
  const bool released = round.result.load(order::relaxed) == Round::kReleased;  // relaxed: written under the lock
  if (is_full) {
    round.wake();
    round.unref();  // the barrier's
    let_visitors_in();
  }
  leave(arrival);
  return released ? Outcome::released : Outcome::broken;
}

// The action of the round before runs. `released`: look again.
Barrier::Outcome Barrier::wait_for_room(Deadline deadline, Waiting& waiting) {
  const auto must_wait = [this] {
    has_visitors_.store(true, order::seq_cst);  // seq_cst, pairs with let_visitors_in()
    const IndexLock::State state = lock_.peek();
    // In a child of a fork there is room: see lock(). relaxed: as there
    return state.index() >= parties_ && !state.closed() &&
           forks_seen_.load(order::relaxed) == forks_here.load(order::relaxed);
  };
  switch (ParkingLot::park(&has_visitors_, "Barrier", must_wait, deadline, waiting)) {
    case ParkingLot::Outcome::timed_out:
      end_round(true, false);
      return Outcome::broken;
    case ParkingLot::Outcome::interrupted:
      return Outcome::interrupted;
    case ParkingLot::Outcome::not_parked:
    case ParkingLot::Outcome::woken:
    case ParkingLot::Outcome::handed_over:  // nobody does
      return Outcome::released;
  }
  __builtin_unreachable();
}

void Barrier::let_visitors_in() noexcept {
  // seq_cst, pairs with the store in wait_for_room(): it sees that there is room, or this sees it
  if (!has_visitors_.load(order::seq_cst)) return;
  // seq_cst, like all of this word: under the bucket's lock, so who comes later sets it again
  ParkingLot::unpark_all(&has_visitors_, [this] { has_visitors_.store(false, order::seq_cst); });
}

Barrier::Outcome Barrier::wait_for_result(Round& round, Deadline deadline, Waiting& waiting) {
  const auto has_result = [&] { return round.has_result(); };
  const auto must_wait = [&] {
    round.has_sleepers.store(true, order::seq_cst);  // seq_cst, pairs with wake()
    return !round.has_result();
  };
  if (waiting.may_spin() && !deadline.has_passed()) lesson_.spin_until(has_result);
  while (!round.has_result()) {
    const auto parked =
        ParkingLot::park({&round.result, "Barrier", nullptr, 0, 0, this}, must_wait, deadline, waiting);
    if (parked == ParkingLot::Outcome::timed_out && !give_up(round)) deadline = Deadline::never();
    if (parked != ParkingLot::Outcome::interrupted) continue;
    give_up(round);
    return Outcome::interrupted;
  }
  // relaxed: has_result() has seen it, and it stays
  return round.result.load(order::relaxed) == Round::kReleased ? Outcome::released : Outcome::broken;
}

// Breaks the barrier, if threads are missing in this round. False: all have arrived.
bool Barrier::give_up(Round& round) noexcept {
  const State state = lock();
  const bool breaks = round_ == &round && state.arrived < parties_;
  if (breaks) {
    take_out_round(Round::kBroken);
  }
  lock_.unlock(breaks ? 0 : state.arrived, state.broken || breaks);
  if (breaks) {
    round.wake();
    round.unref();  // the barrier's
  }
  return breaks;
}

// Ends the round that threads are arriving in, and one that is full only if `also_full`.
void Barrier::end_round(bool broken, bool also_full) noexcept {
  const State state = lock();
  const bool stays = state.arrived >= parties_ && !also_full;
  Round* round = stays ? nullptr : take_out_round(Round::kBroken);
  lock_.unlock(stays ? state.arrived : 0, broken);
  if (round != nullptr) {
    round->wake();
    round->unref();  // the barrier's
  }
  let_visitors_in();
}

}  // namespace raddle
