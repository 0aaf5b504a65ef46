// See sync_elements.hpp; and what the methods of queues do with it.
//
// The clocks are put down before the element goes into the queue, so that whoever gets it finds them, and taken up
// after it came out. queue.Queue does both inside the queue's own lock (its _put and _get are what is watched):
// elements and clocks go in and out in the same order. Queues in C have no such place. There the order of two
// threads that put the same object at the same time may be taken for the other one; with a GIL not even then, as
// none runs in between.
#include "sync_elements.hpp"

#include <cstdlib>
#include <new>

#include "sync_around.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

Elements::~Elements() {
  for (std::size_t i = 0; i < bucket_count_; ++i) {
    for (Node* node = buckets_[i].first; node != nullptr;) {
      Node* next = node->next;
      delete node;
      node = next;
    }
  }
  std::free(buckets_);
}

std::size_t Elements::index_of(std::uintptr_t element) const noexcept {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  return static_cast<std::size_t>((element >> 4) * kGolden >> 20) & (bucket_count_ - 1);
}

void Elements::append(Node* node) noexcept {
  Bucket& bucket = buckets_[index_of(node->element)];
  node->next = nullptr;
  *bucket.end = node;
  bucket.end = &node->next;
}

bool Elements::grow() noexcept {
  constexpr std::size_t kSmallest = 8;
  const std::size_t count = bucket_count_ == 0 ? kSmallest : 2 * bucket_count_;
  auto* buckets = static_cast<Bucket*>(std::malloc(count * sizeof(Bucket)));
  if (buckets == nullptr) return bucket_count_ != 0;
  Bucket* const old = buckets_;
  const std::size_t old_count = bucket_count_;
  buckets_ = buckets;
  bucket_count_ = count;
  for (std::size_t i = 0; i < count; ++i) buckets[i] = {nullptr, &buckets[i].first};
  for (std::size_t i = 0; i < old_count; ++i) {
    for (Node* node = old[i].first; node != nullptr;) {
      Node* next = node->next;
      append(node);
      node = next;
    }
  }
  std::free(old);
  return true;
}

bool Elements::put(std::uintptr_t element, check::ClocksRef clocks) noexcept {
  if (size_ >= bucket_count_ && !grow()) return false;
  Node* node = new (std::nothrow) Node{element, std::move(clocks), nullptr};
  if (node == nullptr) return false;
  append(node);
  ++size_;
  return true;
}

check::ClocksRef Elements::take(std::uintptr_t element, bool last) noexcept {
  if (bucket_count_ == 0) return {};
  Bucket& bucket = buckets_[index_of(element)];
  Node** found = nullptr;
  for (Node** link = &bucket.first; *link != nullptr; link = &(*link)->next) {
    if ((*link)->element != element) continue;
    found = link;
    if (!last) break;
  }
  if (found == nullptr) return {};
  Node* node = *found;
  *found = node->next;
  if (bucket.end == &node->next) bucket.end = found;
  check::ClocksRef clocks = std::move(node->clocks);
  delete node;
  --size_;
  return clocks;
}

namespace {

void put(check::Engine& engine, check::Thread& thread, PyObject* queue, PyObject* element) noexcept {
  check::ClocksRef clocks = engine.release(thread);
  with_place(queue, true, [&](Place& place) {
    if (place.elements == nullptr) place.elements = new (std::nothrow) Elements;
    if (place.elements != nullptr) place.elements->put(address_of(element), std::move(clocks));
  });
}

check::ClocksRef take(PyObject* queue, PyObject* element, bool last) noexcept {
  check::ClocksRef clocks;
  with_place(queue, false, [&](Place& place) {
    if (place.elements == nullptr) return;
    clocks =
        last ? place.elements->take_last(address_of(element)) : place.elements->take_first(address_of(element));
  });
  return clocks;
}

void putting(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  if (call.first == nullptr) return;
  call.word = address_of(call.first);
  put(engine, thread, call.self, call.first);
}

// It did not go in after all.
void put_or_not(check::Engine&, check::Thread&, Call& call, PyObject* result) noexcept {
  if (result != nullptr || call.word == 0) return;
  const KeepException kept;
  take(call.self, reinterpret_cast<PyObject*>(call.word), true);
}

void got(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) engine.acquire(thread, take(call.self, result, false));
}

void got_last(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) engine.acquire(thread, take(call.self, result, true));
}

// The same for the public methods of a queue in Python whose class has a _put of its own.
bool has_own_put(PyObject* queue) noexcept {
  static constinit PyObject* name = nullptr;
  if (name == nullptr) name = PyUnicode_InternFromString("_put");
  PyObject* method = name != nullptr ? _PyType_Lookup(Py_TYPE(queue), name) : nullptr;
  return method != nullptr && !is_around(method);
}
void putting_if_own(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  if (has_own_put(call.self)) putting(engine, thread, call);
}
void put_or_shut_down(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) return;
  put_or_not(engine, thread, call, result);
  acquire_key(engine, thread, call);
}
void got_if_own(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr) return acquire_key(engine, thread, call);
  if (has_own_put(call.self)) got(engine, thread, call, result);
}

// A list of elements that came out.
void got_many(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == nullptr || !PyList_CheckExact(result)) return;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(result); ++i)
    engine.acquire(thread, take(call.self, PyList_GET_ITEM(result, i), false));
}

}  // namespace

const Behaviour element_behaviours[] = {
    {"put", putting, put_or_not},        {"get", nullptr, got},
    {"get_last", nullptr, got_last},     {"put_if_own", putting_if_own, put_or_shut_down},
    {"get_if_own", nullptr, got_if_own}, {"get_many", nullptr, got_many},
    {nullptr, nullptr, nullptr},
};

}  // namespace raddle::python
