#include "raddle/sync/parking_lot.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raddle/base/cache_line.hpp"
#include "raddle/diag/observers.hpp"
#include "raddle/sync/deadlock.hpp"
#include "raddle/sync/postponed.hpp"
#include "raddle/sync/raw_mutex.hpp"
#include "raddle/sync/wait_note.hpp"

namespace raddle {

namespace {

// A waiting thread. It lives on that thread's stack, for as long as park() runs.
struct Node {
  Node(const ParkingLot::Wait& wait, bool has_deadline, Waiting& waiting) noexcept
      : parked{wait.address,
               wait.what,
               wait.awaited,
               wait.tag,
               this_thread_id(),
               static_cast<std::uint64_t>(syscall(SYS_gettid)),
               wait.since != 0 ? wait.since : Deadline::now(),
               0,
               has_deadline,
               &waiting},
        address(wait.address),
        watched(wait.awaited != nullptr) {}

  // The word the thread sleeps on:   0 in a queue   1 in another one, to which it has been moved   2 taken out by
  // whoever woke it   3 and given what it waits for
  static constexpr std::uint32_t kQueued = 0, kMoved = 1, kWoken = 2, kHandedOver = 3;
  static constexpr bool is_woken(std::uint32_t state) noexcept { return state >= kWoken; }

  ParkingLot::Parked parked;    // guarded by the bucket's mutex, like everything else but `state`
  atomic<const void*> address;  // parked.address, for the thread itself, which does not know its bucket
  WaitWord state{kQueued};
  atomic<bool> must_look{false};  // set by who has found a deadlock that it cannot be told of
  bool handed_over = false;
  bool watched;  // counted among those that wait for threads that are known (WaitNote)
  Node* next = nullptr;
  Node* previous = nullptr;
};

struct alignas(kCacheLine) Bucket {
  RawMutex mutex;
  Node* first = nullptr;
  Node* last = nullptr;

  void append(Node& node) noexcept { insert_before(nullptr, node); }
  // Before those that wait for the same and came later.
  void insert_by_age(Node& node) noexcept {
    Node* later = find(node.parked.address, first);
    while (later != nullptr && later->parked.since <= node.parked.since)
      later = find(node.parked.address, later->next);
    insert_before(later, node);
  }
  void remove(Node& node) noexcept {
    (node.previous != nullptr ? node.previous->next : first) = node.next;
    (node.next != nullptr ? node.next->previous : last) = node.previous;
  }
  Node* find(const void* address, Node* from) const noexcept {
    while (from != nullptr && from->parked.address != address) from = from->next;
    return from;
  }

 private:
  void insert_before(Node* next, Node& node) noexcept {
    Node* previous = next != nullptr ? next->previous : last;
    node.previous = previous;
    node.next = next;
    (previous != nullptr ? previous->next : first) = &node;
    (next != nullptr ? next->previous : last) = &node;
  }
};

// Enough that two addresses rarely share one; a shared one costs a longer walk, nothing else.
constexpr std::size_t kBucketBits = 8;
constinit Bucket buckets[std::size_t{1} << kBucketBits];

Bucket& bucket_of(const void* address) noexcept {
  // Fibonacci hashing: the upper bits of the product depend on all bits of the address.
  const auto product = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address)) * 0x9E3779B97F4A7C15U;
  return buckets[product >> (64 - kBucketBits)];
}

void reset_in_child() noexcept {
  for (Bucket& bucket : buckets) {
    bucket.mutex.reset();
    bucket.first = bucket.last = nullptr;
  }
}

// What a thread has put off is done before it forks, when the threads vanish that it is about; and before it ends,
// when others may take over the locks that it has, and what it has put off with them.
void carry_out_postponed() noexcept { Postponed::carry_out(); }

[[maybe_unused]] const int fork_hooks_registered = pthread_atfork(carry_out_postponed, nullptr, reset_in_child);

// Takes the node out of its queue; false if it is not in it any more, because a wake-up came first.
bool leave(Node& node) noexcept {
  for (;;) {
    const void* address = node.address.load(order::relaxed);  // relaxed: checked under the lock
    Bucket& bucket = bucket_of(address);
    const RawLock lock(bucket.mutex);
    if (node.address.load(order::relaxed) != address) continue;         // it was moved; written under this lock
    if (Node::is_woken(node.state.load(order::relaxed))) return false;  // relaxed: likewise
    bucket.remove(node);
    return true;
  }
}

void release(Node& node, bool handed_over) noexcept {
  const WaitWord* word = &node.state;
  // release, pairs with the acquire in park_if(): what was done before the wake-up is visible. From here on the
  // node may be gone.
  node.state.store(handed_over ? Node::kHandedOver : Node::kWoken, order::release);
  wake(word);
}

[[maybe_unused]] const bool end_hook_registered =
    (call_at_thread_end(carry_out_postponed, ParkingLot::wake_those_who_wait_for), true);

// Sleeps in the queue until woken or until `until`. True: it has turned out to be a deadlock.
bool sleep(Node& node, Deadline until, DeadlockWatch& watch) noexcept {
  for (bool moved = false;;) {
    // acquire, pairs with release() and requeue_first(): see there
    const std::uint32_t state = node.state.load(order::acquire);
    if (Node::is_woken(state)) return false;
    if (state == Node::kMoved && !moved) {
      moved = true;
      if (!node.parked.has_deadline) watch.begin();
    }
    if (node.must_look.load(order::relaxed)) {  // relaxed, both: a request, which is repeated
      node.must_look.store(false, order::relaxed);
      watch.look_now();
    }
    const Deadline next = earlier(until, watch.next());
    if (!next.has_passed())
      sleep_on(node.state, state, next);
    else if (until.has_passed())
      return false;
    else if (watch.look(node.parked.thread_id))
      return true;
  }
}

// This thread has closed a cycle and cannot be told of it. The others may have looked before that, and for the
// last time: so they look again now. One that is just about to sleep may miss it; it is asked again, after
// look_later().
void make_the_others_look(Deadlock& deadlock) noexcept {
  for (const Deadlock::Link& link : deadlock.links()) {
    const ThreadRecord* record = record_of(link.thread);
    if (link.thread == this_thread_id() || record == nullptr) continue;
    const void* address = record->waits_at.load(order::acquire);  // acquire, pairs with WaitNote
    Bucket& bucket = bucket_of(address);
    const RawLock lock(bucket.mutex);
    for (Node* node = bucket.first; node != nullptr; node = node->next) {
      if (node->parked.thread_id != link.thread || node->parked.has_deadline) continue;
      node->must_look.store(true, order::relaxed);  // relaxed: as in sleep()
      wake(&node->state);
    }
  }
}

// Must somebody act who may be waiting by now?
bool awaits_others_than_me(const Awaited* awaited) noexcept {
  bool others = false;
  if (awaited == nullptr) return others;
  awaited->for_each_owner(
      [](void* context, ThreadId owner) {
        bool& found = *static_cast<bool*>(context);
        found = owner != this_thread_id();
        return !found;
      },
      &others);
  return others;
}

// Two buckets, locked in the order of their addresses.
class TwoLocks {
 public:
  TwoLocks(Bucket& a, Bucket& b) noexcept : first_(&a < &b ? a : b), second_(&a < &b ? b : a) {
    first_.mutex.lock();
    if (&first_ != &second_) second_.mutex.lock();
  }
  ~TwoLocks() {
    if (&first_ != &second_) second_.mutex.unlock();
    first_.mutex.unlock();
  }
  TwoLocks(const TwoLocks&) = delete;
  TwoLocks& operator=(const TwoLocks&) = delete;

 private:
  Bucket& first_;
  Bucket& second_;
};

}  // namespace

bool Awaited::is_owned_by(ThreadId id) const {
  struct Search {
    ThreadId id;
    bool found = false;
  } search{id};
  for_each_owner(
      [](void* context, ThreadId owner) {
        Search& here = *static_cast<Search*>(context);
        here.found = owner == here.id;
        return !here.found;
      },
      &search);
  return search.found;
}

ParkingLot::Outcome ParkingLot::park_if(const Wait& wait, bool (*validate)(void*), void* context,
                                        Deadline deadline, Waiting& waiting) {
  Postponed::carry_out();
  Node node(wait, !deadline.is_never(), waiting);
  WaitNote note(node.parked.thread_id, wait.address, node.watched);
  const std::int64_t since = node.parked.since;
  const bool watches = wait.awaited != nullptr && deadline.is_never();
  DeadlockWatch watch(watches, node.parked.since);
  const Observed told{wait.primitive != nullptr ? wait.primitive : wait.address, wait.what};
  const auto end = [&](Outcome outcome) {
    note.end(node.watched);
    return outcome;
  };
  for (bool first_time = true;; first_time = false) {
    if (!first_time) {  // it may have been moved, and goes back to where it began
      node.parked.address = wait.address;
      node.parked.awaited = wait.awaited;
      node.parked.tag = wait.tag;
      node.parked.since = since;
      node.address.store(wait.address, order::relaxed);  // relaxed, both: in no queue
      node.state.store(Node::kQueued, order::relaxed);
      note.move_to(wait.address);
    }
    waiting.before_queue();
    // Who looked for a cycle while this thread waited for something else, in a signal handler, has not found it.
    if (!first_time && watches && note.has_waited_since(node.parked.turn)) watch.look_now();
    tell(&Observers::wait_begun, told);
    const auto enter = [&] {
      Bucket& bucket = bucket_of(wait.address);
      const RawLock lock(bucket.mutex);
      if (!validate(context)) return false;
      node.parked.turn = note.next_turn();
      if (first_time && wait.since == 0)
        bucket.append(node);
      else
        bucket.insert_by_age(node);  // it keeps its turn
      return true;
    };
    if (!enter()) {
      tell(&Observers::wait_ended, told);
      return end(Outcome::not_parked);
    }
    const std::int64_t patience = waiting.patience();
    const Deadline until = patience == INT64_MAX ? deadline : earlier(deadline, Deadline::in(patience));
    waiting.before_sleep();
    const bool deadlock = sleep(node, until, watch);
    const bool woken = Node::is_woken(node.state.load(order::acquire)) || !leave(node);  // acquire: as in sleep()
    const bool timed_out = !woken && deadline.has_passed();
    waiting.after_sleep();
    tell(&Observers::wait_ended, told);
    if (woken)
      return end(node.state.load(order::acquire) == Node::kHandedOver ? Outcome::handed_over : Outcome::woken);
    if (timed_out) return end(Outcome::timed_out);
    if (deadlock) {
      if (waiting.deadlocked(watch.found())) return end(Outcome::interrupted);
      make_the_others_look(watch.found());
      watch.look_later();
    }
    if (waiting.interrupted()) return end(Outcome::interrupted);
  }
}

bool ParkingLot::unpark_first(const void* address, bool (*callback)(void*, const Parked*, bool), void* context) {
  Bucket& bucket = bucket_of(address);
  const RawLock lock(bucket.mutex);
  Node* node = bucket.find(address, bucket.first);
  const bool more = node != nullptr && bucket.find(address, node->next) != nullptr;
  if (node != nullptr) bucket.remove(*node);
  const bool handed_over = callback(context, node != nullptr ? &node->parked : nullptr, more);
  if (node == nullptr) return false;
  release(*node, handed_over);
  return true;
}

std::size_t ParkingLot::unpark_everyone(const void* address, bool (*hand_over)(void*, const Parked&),
                                        void (*callback)(void*), void* context) {
  Bucket& bucket = bucket_of(address);
  const RawLock lock(bucket.mutex);
  Node* first = nullptr;  // of those that have left the queue, by `next`
  Node** last = &first;
  for (Node* node = bucket.find(address, bucket.first); node != nullptr;) {
    Node* next = bucket.find(address, node->next);
    bucket.remove(*node);
    node->next = nullptr;
    node->handed_over = hand_over(context, node->parked);
    *last = node;
    last = &node->next;
    node = next;
  }
  callback(context);
  std::size_t count = 0;
  for (Node* node = first; node != nullptr; ++count) {
    Node* next = node->next;
    release(*node, node->handed_over);
    node = next;
  }
  return count;
}

bool ParkingLot::requeue_first(const void* address, const Wait& next, bool (*must_wait)(void*), void* context) {
  Bucket& from = bucket_of(address);
  Bucket& to = bucket_of(next.address);
  const TwoLocks locks(from, to);
  Node* node = from.find(address, from.first);
  if (node == nullptr) return false;
  from.remove(*node);
  if (next.awaited != nullptr && !node->watched) {  // before must_wait(), which may ask for the end of a thread
    WaitNote::watch();
    node->watched = true;
  }
  if (!must_wait(context)) {
    release(*node, false);
    return true;
  }
  node->parked.address = next.address;
  node->parked.awaited = next.awaited;
  node->parked.tag = next.tag;
  node->parked.since = Deadline::now();               // here it waits from now on
  node->address.store(next.address, order::relaxed);  // relaxed: read under one of the two locks
  WaitNote::move(record_of(node->parked.thread_id), next.address);
  to.append(*node);
  node->state.store(Node::kMoved, order::release);  // release, pairs with sleep(): it is in the other queue
  // This may have closed a cycle, which nobody but the moved thread can find: so it must be awake to begin its
  // watch.
  if (!node->parked.has_deadline && awaits_others_than_me(next.awaited)) wake(&node->state);
  return true;
}

void ParkingLot::wake_those_who_wait_for(ThreadId id) noexcept {
  if (!WaitNote::anybody_is_watched()) return;
  for (Bucket& bucket : buckets) {
    const RawLock lock(bucket.mutex);
    for (Node* node = bucket.first; node != nullptr;) {
      Node* next = node->next;
      if (node->parked.awaited != nullptr && node->parked.awaited->is_owned_by(id)) {
        bucket.remove(*node);
        release(*node, false);
      }
      node = next;
    }
  }
}

ParkingLot::Whereabouts ParkingLot::find_thread_parked(ThreadId id, void (*visit)(void*, const Parked&),
                                                       void* context) {
  const ThreadRecord* record = record_of(id);
  // acquire, pairs with take_thread_id(): what the record says is of this thread, or a later one
  if (record == nullptr || record->id.load(order::acquire) != id) return Whereabouts::running;
  const void* address = record->waits_at.load(order::acquire);  // acquire, pairs with WaitNote
  if (address == nullptr) return Whereabouts::running;
  Bucket& bucket = bucket_of(address);
  const RawLock lock(bucket.mutex);
  for (const Node* node = bucket.first; node != nullptr; node = node->next) {
    if (node->parked.thread_id != id || node->parked.address != address) continue;
    visit(context, node->parked);
    return Whereabouts::parked;
  }
  return Whereabouts::unsettled;
}

void ParkingLot::walk(void (*visit)(void*, const Parked&), void* context) {
  for (Bucket& bucket : buckets) {
    const RawLock lock(bucket.mutex);
    for (const Node* node = bucket.first; node != nullptr; node = node->next) visit(context, node->parked);
  }
}

}  // namespace raddle
