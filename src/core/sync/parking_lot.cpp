#include "raddle/sync/parking_lot.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raddle/base/cache_line.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace raddle {

namespace {

// A waiting thread. It lives on that thread's stack, for as long as park() runs.
struct Node {
  Node(const void* address_, const char* what_) noexcept
      : parked{address_, what_, static_cast<std::uint64_t>(syscall(SYS_gettid)), Deadline::now()} {}

  // The word the thread sleeps on:   0 in the queue   1 taken out by whoever woke it
  static constexpr std::uint32_t kQueued = 0, kWoken = 1;

  ParkingLot::Parked parked;
  WaitWord state{kQueued};
  Node* next = nullptr;  // guarded by the bucket's mutex, like everything else but `state`
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

[[maybe_unused]] const int fork_hook_registered = pthread_atfork(nullptr, nullptr, reset_in_child);

// Takes the node out of its queue; false if it is not in it any more, because a wake-up came first.
bool leave(Bucket& bucket, Node& node) noexcept {
  const RawLock lock(bucket.mutex);
  if (node.state.load(order::relaxed) != Node::kQueued) return false;  // relaxed: written under this lock
  bucket.remove(node);
  return true;
}

void release(Node& node) noexcept {
  const WaitWord* word = &node.state;
  // release, pairs with the acquire in park_if(): what was done before the wake-up is visible. From here on the
  // node may be gone.
  node.state.store(Node::kWoken, order::release);
  wake(word);
}

}  // namespace

ParkingLot::Outcome ParkingLot::park_if(const void* address, const char* what, bool (*validate)(void*),
                                        void* context, Deadline deadline, Waiting& waiting) {
  Bucket& bucket = bucket_of(address);
  Node node(address, what);
  for (bool first_time = true;; first_time = false) {
    {
      const RawLock lock(bucket.mutex);
      if (!validate(context)) return Outcome::not_parked;
      if (first_time)
        bucket.append(node);
      else
        bucket.insert_by_age(node);  // it keeps its turn
    }
    const std::int64_t patience = waiting.patience();
    const Deadline until = patience == INT64_MAX ? deadline : earlier(deadline, Deadline::in(patience));
    waiting.before_sleep();
    // acquire, pairs with release(): see there
    while (node.state.load(order::acquire) == Node::kQueued && !until.has_passed())
      sleep_on(node.state, Node::kQueued, until);
    const bool woken = node.state.load(order::acquire) == Node::kWoken || !leave(bucket, node);
    const bool timed_out = !woken && deadline.has_passed();
    waiting.after_sleep();
    if (woken) return Outcome::woken;
    if (timed_out) return Outcome::timed_out;
    if (waiting.interrupted()) return Outcome::interrupted;
  }
}

bool ParkingLot::unpark_first(const void* address, void (*callback)(void*, bool), void* context) {
  Bucket& bucket = bucket_of(address);
  const RawLock lock(bucket.mutex);
  Node* node = bucket.find(address, bucket.first);
  const bool more = node != nullptr && bucket.find(address, node->next) != nullptr;
  if (node != nullptr) bucket.remove(*node);
  callback(context, more);
  if (node == nullptr) return false;
  release(*node);
  return true;
}

std::size_t ParkingLot::unpark_everyone(const void* address, void (*callback)(void*), void* context) {
  Bucket& bucket = bucket_of(address);
  const RawLock lock(bucket.mutex);
  callback(context);
  std::size_t count = 0;
  for (Node* node = bucket.find(address, bucket.first); node != nullptr; ++count) {
    Node* next = bucket.find(address, node->next);
    bucket.remove(*node);
    release(*node);
    node = next;
  }
  return count;
}

void ParkingLot::walk(void (*visit)(void*, const Parked&), void* context) {
  for (Bucket& bucket : buckets) {
    const RawLock lock(bucket.mutex);
    for (const Node* node = bucket.first; node != nullptr; node = node->next) visit(context, node->parked);
  }
}

}  // namespace raddle
