#include "handoffs.hpp"

#include <cstdlib>
#include <new>

#include "raddle/check/address_filter.hpp"
#include "raddle/sync/raw_mutex.hpp"
#include "sync_elements.hpp"

namespace raddle::python {

namespace {

// Telling an element exactly begins a new clock of the thread, after which everything it does has to be looked at
// again. So it is done for the first elements of a container, and where threads share it; for others, and beyond
// a number of elements that wait, what the thread did until now and until it next synchronises goes into one
// sum, which whoever takes an element gets. That finds less, and never too much.
constexpr std::uint32_t kExactAtFirst = 16;
constexpr std::size_t kMostWaiting = 4096;

// Of one container.
struct Place {
  explicit Place(std::uintptr_t of) noexcept : container(of) {}

  std::uintptr_t container;
  Place* next = nullptr;
  check::ThreadNumber owner = 0;  // who put the first element there
  std::uint32_t count = 0;        // told exactly so far
  bool is_shared = false;         // another thread has been there
  Elements elements;
  check::ClocksRef sum;
};

// By the container's address. Its lock is held for a few steps, in which no Python runs.
struct alignas(64) Shard {
  static constexpr std::size_t kBuckets = 1024;
  RawMutex lock;
  Place** buckets = nullptr;

  // With the lock held. Null: no memory.
  Place** link_of(std::uintptr_t container) noexcept {
    if (buckets == nullptr) buckets = static_cast<Place**>(std::calloc(kBuckets, sizeof(Place*)));
    if (buckets == nullptr) return nullptr;
    Place** link = &buckets[(container >> 12 ^ container >> 4) % kBuckets];
    while (*link != nullptr && (*link)->container != container) link = &(*link)->next;
    return link;
  }
};
constexpr std::size_t kShards = 64;
constinit Shard shards[kShards];

Shard& shard_of(std::uintptr_t container) noexcept {
  return shards[(container * 0x9E3779B97F4A7C15ULL >> 40) % kShards];
}

// Of containers that have a place. Made with the first; never freed.
check::AddressFilter& with_places() noexcept {
  static auto& filter = *new check::AddressFilter;
  return filter;
}
constinit atomic<bool> are_there_any{false};
constinit atomic<std::uint32_t> ends{0};  // of containers that had a place

// What this thread has added to sums already; of no use after any of those containers ended.
struct Added {
  std::uintptr_t container = 0;
  const check::Thread* thread = nullptr;
  std::uint32_t era = 0, ends = 0;
};
constexpr unsigned kAdded = 16;
thread_local Added added[kAdded];

Added& added_to(std::uintptr_t container) noexcept { return added[(container >> 4) % kAdded]; }

bool is_added(const Telling& telling, std::uintptr_t container) noexcept {
  const Added& entry = added_to(container);
  // relaxed: an end that is not seen yet is of an object that nobody has, so not of this one
  return entry.container == container && entry.thread == &telling.thread() &&
         entry.era == telling.thread().era() && entry.ends == ends.load(order::relaxed);
}

void meet(const Telling& telling, Place& place) noexcept {
  const check::ThreadNumber me = telling.thread().number();
  if (place.owner == 0) place.owner = me;
  if (place.owner != me) place.is_shared = true;
}

bool is_exact(const Place& place) noexcept {
  return place.elements.size() < kMostWaiting && (place.count < kExactAtFirst || place.is_shared);
}

bool put_exactly(const Telling& telling, Place& place, std::uintptr_t element) noexcept {
  ++place.count;
  check::ClocksRef clocks = telling.engine().release(telling.thread());
  return clocks && place.elements.put(element, std::move(clocks));
}

}  // namespace

void put_element(const Telling& telling, PyObject* container, std::uintptr_t element) noexcept {
  const std::uintptr_t where = address(container);
  if (is_added(telling, where)) return;
  are_there_any.store(true, order::relaxed);  // relaxed: the container's end comes after its use, by other means
  Shard& shard = shard_of(where);
  shard.lock.lock();
  Place** const link = shard.link_of(where);
  if (link != nullptr && *link == nullptr) {
    *link = new (std::nothrow) Place(where);
    if (*link != nullptr) with_places().add(where);
  }
  if (link != nullptr && *link != nullptr) {
    Place& place = **link;
    meet(telling, place);
    if (!is_exact(place) || !put_exactly(telling, place, element)) {
      telling.engine().share_into(telling.thread(), place.sum);
      added_to(where) = {where, &telling.thread(), telling.thread().era(), ends.load(order::relaxed)};
    }
  }
  shard.lock.unlock();
}

void take_element(const Telling& telling, PyObject* container, std::uintptr_t element) noexcept {
  const std::uintptr_t where = address(container);
  if (!with_places().may_have(where)) return;
  check::ClocksRef clocks;
  Shard& shard = shard_of(where);
  shard.lock.lock();
  Place** const link = shard.link_of(where);
  if (link != nullptr && *link != nullptr) {
    Place& place = **link;
    meet(telling, place);
    clocks = place.elements.take_first(element);
    if (!clocks) clocks = place.sum;
    if (!place.is_shared) clocks = {};  // its own
  }
  shard.lock.unlock();
  telling.engine().acquire(telling.thread(), clocks);
}

// The clocks stay for the next who asks.
void meet_at_key(const Telling& telling, PyObject* container, std::uint64_t key) noexcept {
  const auto element = static_cast<std::uintptr_t>(key);
  take_element(telling, container, element);
  put_element(telling, container, element);
}

void forget_handoffs(PyObject* container) noexcept {
  if (!are_there_any.load(order::relaxed)) return;  // relaxed: as in put_element()
  const std::uintptr_t where = address(container);
  if (!with_places().may_have(where)) return;
  Shard& shard = shard_of(where);
  shard.lock.lock();
  Place** const link = shard.link_of(where);
  Place* const gone = link != nullptr ? *link : nullptr;
  if (gone != nullptr) *link = gone->next;
  shard.lock.unlock();
  if (gone == nullptr) return;
  with_places().remove(where);
  ends.fetch_add(1, order::relaxed);  // relaxed: see is_added()
  delete gone;
}

void lock_handoffs_for_fork() noexcept {
  for (Shard& shard : shards) shard.lock.lock();
}
void unlock_handoffs_after_fork() noexcept {
  for (Shard& shard : shards) shard.lock.unlock();
}

}  // namespace raddle::python
