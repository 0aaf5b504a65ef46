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
  // In the list, but passes on the notification that is counted for it. Written under the list's lock.
  bool declined = false;
  const ThreadId thread = this_thread_id();
  std::optional<Mutex::Edge> edge;  // what it waits for once it is in the queue of the mutex
  Waiter* next = nullptr;           // guarded by the list's lock, and by who notifies when taken out
  Waiter* previous = nullptr;
};

Condition::~Condition() { reset(); }

// What is left was never notified: of threads that have ended inside their waits, or vanished.
void Condition::reset() noexcept {
  if (counted_.load(order::relaxed) != 0 &&
      counted_by_.load(order::relaxed) == this_thread_id())  // relaxed: its own
    postponed_.drop();
  counted_.store(0, order::relaxed);  // relaxed: nobody else uses it
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
  const std::uint64_t count = lock_.lock().index();
  return looked_over_.load(order::relaxed) == forks() ? count : mend();  // relaxed: under the lock
}

// For the first time in this process: everybody who was at the list has vanished, but for the thread that forked,
// which may wait. It is not asleep, and looks whether it has been notified before it is again.
std::uint64_t Condition::mend() noexcept {
  std::uint64_t count = 0, counted = 0;
  if (has_vanished(counted_by_.load(order::relaxed))) {  // relaxed, all of these: written before the fork
    counted = counted_.load(order::relaxed);
    counted_.store(0, order::relaxed);
  }
  last_ = nullptr;
  for (Waiter* waiter = first_; waiter != nullptr;) {
    Waiter* next = waiter->next;
    const bool is_alive = !has_vanished(waiter->thread);
    if (counted != 0 && !waiter->declined) {
      --counted;
      waiter->state.store(Waiter::kNotified, order::seq_cst);  // seq_cst: as in notify_first()
    }
    if (is_alive && !waiter->declined && !waiter->is_notified()) {
      waiter->previous = last_;
      last_ = waiter;
      ++count;
    } else {
      (last_ != nullptr ? last_->next : first_) = next;
      waiter->unref(is_alive || waiter->declined ? 1 : 2);
    }
    waiter = next;
  }
  // release, pairs with notify_at_unlock(): nothing is counted by a vanished thread any more
  looked_over_.store(forks(), order::release);
  return count;
}

Condition::Waiter* Condition::enlist(Mutex* mutex, LockStyle style) noexcept {
  Postponed::carry_out();  // what this thread has counted is for those that were here before it
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

// Under the list's lock: is it one of those that are notified when the lock is given back?
bool Condition::is_counted(const Waiter& waiter) const noexcept {
  std::uint64_t left = counted_.load(order::acquire);  // acquire, pairs with notify_at_unlock()
  for (const Waiter* other = first_; other != nullptr && left != 0; other = other->next) {
    if (other->declined) continue;
    if (other == &waiter) return true;
    --left;
  }
  return false;
}

// The wait is over. False: it has been notified, or is as good as that.
bool Condition::give_up(Waiter& waiter) noexcept {
  const std::uint64_t count = lock_list();
  const bool leaves = !waiter.is_notified() && !is_counted(waiter);
  if (leaves) unlink(waiter);
  lock_.unlock(count - (leaves ? 1 : 0), false);
  if (leaves) waiter.unref();  // the list's
  return leaves;
}

// The wait is over, and if it has been notified, that is for the next one.
void Condition::pass_on(Waiter& waiter) noexcept {
  if (give_up(waiter)) return;
  const std::uint64_t count = lock_list();
  const bool in_list = !waiter.is_notified();
  if (in_list) waiter.declined = true;
  lock_.unlock(count, false);
  if (!in_list) notify();
}

void Condition::withdraw(Waiter* waiter) noexcept {
  pass_on(*waiter);
  waiter->unref();
}

Condition::Outcome Condition::sleep(Waiter* waiter, Deadline deadline, Waiting& waiting) {
  const Awaited* awaited = waiter->mutex != nullptr ? &nobody : nullptr;
  std::uint64_t epoch = forks();
  const auto must_wait = [waiter, &epoch] { return !waiter->is_notified() && forks() == epoch; };
  Outcome outcome = Outcome::notified;
  while (!waiter->is_notified()) {
    if (forks() != epoch) [[unlikely]] {  // this thread has forked, in a signal handler
      epoch = forks();
      lock_.unlock(lock_list(), false);
      continue;
    }
    const auto parked =
        ParkingLot::park({&waiter->state, "Condition", awaited, 0, 0, this}, must_wait, deadline, waiting);
    if (parked == ParkingLot::Outcome::handed_over) {
      tell(&Observers::acquired, {waiter->mutex, waiter->mutex->what()});
      outcome = Outcome::notified_with_lock;
    } else if (parked == ParkingLot::Outcome::timed_out && give_up(*waiter)) {
      outcome = Outcome::timed_out;
      break;
    } else if (parked == ParkingLot::Outcome::timed_out) {
      break;  // it has been notified
    } else if (parked == ParkingLot::Outcome::interrupted) {
      pass_on(*waiter);
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
  return n == 0 || lock_.peek().index() == 0 ? 0 : notify_first(lock_list(), n, false);
}

void Condition::notify_at_unlock(std::size_t n) noexcept {
  if (looked_over_.load(order::acquire) != forks()) [[unlikely]]  // acquire, pairs with mend()
    lock_.unlock(lock_list(), false);
  const std::uint64_t count = lock_.peek().index();
  if (n == 0 || count == 0) return;
  const ThreadId me = this_thread_id();
  if (slot_of(me) == kNoSlot) return static_cast<void>(notify(n));  // nobody would learn of its end
  // relaxed: if it is not 0, it is its own, of which it knows the last write
  const std::uint64_t counted = counted_.load(order::relaxed);
  if (counted >= count) return;
  counted_by_.store(me, order::relaxed);  // relaxed: ordered by the next
  // release, pairs with is_counted(): of a wait that runs into it, it does not matter which was first
  counted_.store(n < count - counted ? counted + n : count, order::release);
  if (counted == 0) postponed_.put_off();
}

// The calling thread has the lock still.
void Condition::carry_out_counted() noexcept {
  const std::uint64_t count = lock_list();
  notify_first(count, counted_.load(order::relaxed), true);  // relaxed: its own
}

// Notifies the n that have waited longest, with the list's lock, which it gives back.
std::size_t Condition::notify_first(std::uint64_t count, std::size_t n, bool counted) noexcept {
  std::size_t notified = 0;
  Waiter* const first = first_;
  Waiter* end = first;
  for (; end != nullptr && notified < n; end = end->next, --count) {
    if (end->declined) continue;
    // seq_cst, pairs with is_notified()
    end->state.store(Waiter::kNotified, order::seq_cst);
    ++notified;
  }
  order_steps_for_fork();                          // who vanishes now has notified them: see mend()
  if (counted) counted_.store(0, order::relaxed);  // relaxed: for others, under the list's lock
  order_steps_for_fork();
  first_ = end;
  (end != nullptr ? end->previous : last_) = nullptr;
  lock_.unlock(count, false);
  for (Waiter* waiter = first; waiter != end;) {
    Waiter* next = waiter->next;
    if (!waiter->declined) waiter->tell();
    waiter->unref();
    waiter = next;
  }
  return notified;
}

std::size_t Condition::approx_waiting() const noexcept {
  auto* self = const_cast<Condition*>(this);
  const std::uint64_t count = self->lock_list();
  std::size_t waiting = 0;
  for (const Waiter* waiter = first_; waiter != nullptr; waiter = waiter->next)
    waiting += waiter->declined ? 0U : 1U;
  const std::uint64_t counted = counted_.load(order::relaxed);  // relaxed: as of some moment
  lock_.unlock(count, false);
  return waiting > counted ? waiting - counted : 0;
}

}  // namespace raddle
