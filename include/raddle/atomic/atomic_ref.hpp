// AtomicRef: a cell that holds one counted reference, which threads may read and replace together.
//
// The difficulty: between loading the pointer and counting the object another thread may replace it and
// drop the last reference. The method is the one that free-threaded CPython uses for its own dicts and
// lists: load, try to count, look again. It needs two things of the objects, which the Policy stands for:
//   - the memory of a dead object still looks like an object (its count can be tried) until the reading
//     thread's next safe point; there is none between the load and the try;
//   - try_acquire fails on an object whose count has reached zero, and works from any thread on an object
//     that `publish` was called on.
// If the cell still holds the same pointer after the count was taken, the object now held is the cell's
// object: the cell owns a reference all the while, so nothing else can live at that address.
//
// Policy:
//   using Object;
//   static void publish(Object*);       before the object becomes reachable through a cell
//   static void acquire(Object*);       count an object on which the caller already has a reference
//   static bool try_acquire(Object*);   see above
//   static void release(Object*);       may run any code, this cell's operations included; is a safe point
// release is called only when the cell is consistent and no pointer that was loaded from it is still uncounted.
//
// Progress: set, get_and_set, compare_and_set are wait-free apart from the policy's counts; get and a failing
// compare_and_exchange are lock-free: they retry only when another thread replaced the reference meanwhile.
// Linearization: the exchange or compare-exchange; for get and a failing compare_and_exchange the last load.
// Identity, not equality: compare_and_set compares addresses. The caller of compare_and_set owns a
// reference on `expected`, so its address cannot be reused for another object while it is compared (no ABA).
#pragma once

#include "raddle/base/atomic.hpp"

namespace raddle {

template <class Policy>
class AtomicRef {
 public:
  using Object = typename Policy::Object;

  // Takes over the caller's reference.
  explicit AtomicRef(Object* initial) noexcept : slot_(initial) { Policy::publish(initial); }
  ~AtomicRef() { Policy::release(slot_.load(order::relaxed)); }  // relaxed: nobody else is left
  AtomicRef(const AtomicRef&) = delete;
  AtomicRef& operator=(const AtomicRef&) = delete;

  // Returns a reference of the caller's own.
  Object* get() {
    for (;;) {
      Object* seen = slot_.load(order::seq_cst);
      if (acquire_if_held(seen)) return seen;
    }
  }

  // Takes over the caller's reference on `desired`.
  void set(Object* desired) { Policy::release(get_and_set(desired)); }

  // Takes over the caller's reference on `desired`, returns the cell's on the old object.
  Object* get_and_set(Object* desired) noexcept {
    Policy::publish(desired);
    // release half: pairs with the load in get(): whoever sees the pointer sees the published object.
    return slot_.exchange(desired, order::seq_cst);
  }

  // Borrows both; the cell counts `desired` only when it is installed.
  bool compare_and_set(Object* expected, Object* desired) {
    Object* seen = expected;
    offer(desired);
    const bool done = exchange_if(seen, desired);
    Policy::release(done ? expected : desired);
    return done;
  }

  // Borrows both. Returns a reference of the caller's own on the object that was there, which is
  // `expected` exactly when the exchange happened.
  Object* compare_and_exchange(Object* expected, Object* desired) {
    offer(desired);
    for (;;) {
      Object* seen = expected;
      if (exchange_if(seen, desired)) return expected;  // the cell's reference becomes the caller's
      // `desired` is released only after this: releasing may be a safe point, and `seen` is not held yet.
      if (!acquire_if_held(seen)) continue;
      Policy::release(desired);
      return seen;
    }
  }

  // For a garbage collector that has stopped every other thread.
  Object* peek() const noexcept { return slot_.load(order::relaxed); }  // relaxed: nobody else runs

 private:
  bool acquire_if_held(Object* seen) {
    if (!Policy::try_acquire(seen)) return false;
    if (slot_.load(order::seq_cst) == seen) return true;
    Policy::release(seen);
    return false;
  }

  // Counts `desired` for the cell before it is exchanged: once installed it may be replaced and released.
  static void offer(Object* desired) {
    Policy::publish(desired);
    Policy::acquire(desired);
  }

  bool exchange_if(Object*& seen, Object* desired) noexcept {
    return slot_.compare_exchange_strong(seen, desired, order::seq_cst, order::seq_cst);
  }

  atomic<Object*> slot_;
};

}  // namespace raddle
