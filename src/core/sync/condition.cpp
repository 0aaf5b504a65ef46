#include "raddle/sync/condition.hpp"

#include <new>
#include <optional>

#include "raddle/base/fork.hpp"

namespace raddle {

namespace {

// Whom a thread waits for before it has been notified: nobody in particular. That it waits for somebody at all
// must be known from the beginning, because it may be moved to the queue of a lock, whose owner may end.
class Nobody final : public Awaited {
 public:
  void for_each_owner(Visit, void*) const override {}
};
constinit const Nobody nobody;

}  // namespace

class Condition::Waiter {
 public:
  static constexpr std::uint32_t kWaiting = 0, kNotified = 1;

  Waiter(Mutex* lock, LockStyle taken) noexcept : mutex(lock), style(taken) {
    if (lock != nullptr) edge.emplace(*lock);
  }

  bool is_notified() const noexcept {
    return state.load(order::seq_cst) == kNotified;  // seq_cst, pairs with notify(): see ParkingLot
  }
  // Wakes the thread, or lets the lock's next unlock do so. It may be awake and gone: its record is not.
  void tell() noexcept {
    if (mutex != nullptr)
      mutex->requeue_here(&state, thread, style, *edge);
    else
      ParkingLot::unpark_one(&state);
  }
  void unref(std::uint32_t n = 1) noexcept {
    // acq_rel: the last one frees what the others have finished with
    if (refs.fetch_sub(n, order::acq_rel) == n) delete this;
  }

  atomic<std::uint32_t> state{kWaiting};  // written under the list's lock; the address that the thread parks under
  atomic<std::uint32_t> refs{2};          // of the thread that waits; of the list, and then of who notifies
  Mutex* const mutex;
  const LockStyle style;
  const ThreadId thread = this_thread_id();
  std::optional<Mutex::Edge> edge;  // what it waits for once it is in the queue of the mutex
  Waiter* next = nullptr;           // guarded by the list's lock, and by who notifies when taken out
  Waiter* previous = nullptr;
};

Condition::~Condition() { reset(); }

// What is left was never notified: of threads that have ended inside their waits, or vanished.
void Condition::reset() noexcept {
  for (Waiter* waiter = first_; waiter != nullptr;) {
    Waiter* next = waiter->next;
    waiter->unref(has_vanished(waiter->thread) ? 2 : 1);
    waiter = next;
  }
  first_ = last_ = nullptr;
  lock_.lock();
  lock_.unlock(0, false);
}

// Returns how many records there are.
std::uint64_t Condition::lock_list() noexcept {
  const IndexLock::State state = lock_.lock();
  return state.abandoned() ? mend() : state.index();
}

// After a holder that has vanished. Those that it notified and did not take out any more are taken out here.
std::uint64_t Condition::mend() noexcept {
  std::uint64_t count = 0;
  last_ = nullptr;
  for (Waiter* waiter = first_; waiter != nullptr; waiter = waiter->next) {
    if (waiter->is_notified()) {
      (last_ != nullptr ? last_->next : first_) = waiter->next;
      continue;  // its thread sees that it was notified; a vanished one's record is lost
    }
    waiter->previous = last_;
    last_ = waiter;
    ++count;
  }
  return count;
}

Condition::Waiter* Condition::enlist(Mutex* mutex, LockStyle style) noexcept {
  auto* waiter = new (std::nothrow) Waiter(mutex, style);
  if (waiter == nullptr) return nullptr;
  const std::uint64_t count = lock_list();
  waiter->previous = last_;
  order_steps_for_fork();
  (last_ != nullptr ? last_->next : first_) = waiter;
  last_ = waiter;
  lock_.unlock(count + 1, false);
  return waiter;
}

void Condition::unlink(Waiter& waiter) noexcept {
  (waiter.previous != nullptr ? waiter.previous->next : first_) = waiter.next;
  (waiter.next != nullptr ? waiter.next->previous : last_) = waiter.previous;
}

// The wait is over. False: it has been notified.
bool Condition::give_up(Waiter& waiter) noexcept {
  const std::uint64_t count = lock_list();
  const bool in_list = !waiter.is_notified();
  if (in_list) unlink(waiter);
  lock_.unlock(count - (in_list ? 1 : 0), false);
  if (in_list) waiter.unref();  // the list's
  return in_list;
}

void Condition::withdraw(Waiter* waiter) noexcept {
  if (!give_up(*waiter)) notify();
  waiter->unref();
}

Condition::Outcome Condition::sleep(Waiter* waiter, Deadline deadline, Waiting& waiting) {
  const Awaited* awaited = waiter->mutex != nullptr ? &nobody : nullptr;
  const auto must_wait = [waiter] { return !waiter->is_notified(); };
  Outcome outcome = Outcome::notified;
  while (must_wait()) {
    const auto parked = ParkingLot::park({&waiter->state, "Condition", awaited}, must_wait, deadline, waiting);
    if (parked == ParkingLot::Outcome::handed_over) {
      tell(&Observers::acquired, {waiter->mutex, waiter->mutex->what()});
      outcome = Outcome::notified_with_lock;
    } else if (parked == ParkingLot::Outcome::timed_out && give_up(*waiter)) {
      outcome = Outcome::timed_out;
      break;
    } else if (parked == ParkingLot::Outcome::interrupted) {
      if (!give_up(*waiter)) notify();
      outcome = Outcome::interrupted;
      break;
    }
  }
  waiter->unref();
  return outcome;
}

bool Condition::wait(Mutex& mutex, Deadline deadline) {
  Waiter* waiter = enlist(&mutex, LockStyle::owned);
  if (waiter == nullptr) return true;
  mutex.unlock();
  PlainWaiting waiting;
  const Outcome outcome = sleep(waiter, deadline, waiting);
  if (outcome != Outcome::notified_with_lock) mutex.lock(LockStyle::owned, Deadline::never(), waiting);
  return outcome != Outcome::timed_out;
}

std::size_t Condition::notify(std::size_t n) noexcept {
  if (n == 0 || lock_.peek().index() == 0) return 0;
  std::uint64_t count = lock_list();
  std::size_t notified = 0;
  Waiter* const first = first_;
  Waiter* end = first;
  for (; end != nullptr && notified < n; end = end->next, --count) {
    if (has_vanished(end->thread)) continue;
    // seq_cst, pairs with is_notified()
    end->state.store(Waiter::kNotified, order::seq_cst);
    ++notified;
  }
  order_steps_for_fork();  // who vanishes now has notified them: see mend()
  first_ = end;
  (end != nullptr ? end->previous : last_) = nullptr;
  lock_.unlock(count, false);
  for (Waiter* waiter = first; waiter != end;) {
    Waiter* next = waiter->next;
    if (has_vanished(waiter->thread)) {
      waiter->unref(2);
    } else {
      waiter->tell();
      waiter->unref();
    }
    waiter = next;
  }
  return notified;
}

std::size_t Condition::approx_waiting() const noexcept {
  auto* self = const_cast<Condition*>(this);
  const std::uint64_t count = self->lock_list();
  std::size_t alive = 0;
  for (const Waiter* waiter = first_; waiter != nullptr; waiter = waiter->next)
    alive += has_vanished(waiter->thread) ? 0U : 1U;
  lock_.unlock(count, false);
  return alive;
}

}  // namespace raddle
