// What whoever profiles or records a program is told about locks and waits: one table of functions, null by
// default.
//
// A call of an observer comes from the thread that it is about: at the place in the program that is its site,
// which the observer finds by itself. It must not call the primitive, and not wait for long.
#pragma once

#include "raddle/base/atomic.hpp"

namespace raddle {

// A primitive: its address (which a later one may have again) and its kind ("Lock").
struct Observed {
  const void* primitive;
  const char* kind;
};

// Every function is there; a thread may still be inside one when the table is not installed any more.
struct Observers {
  void (*contended)(Observed) noexcept;   // an acquire has found the primitive taken, and goes on trying
  void (*acquired)(Observed) noexcept;    // the calling thread has it
  void (*released)(Observed) noexcept;    // the calling thread has given it back
  void (*wait_begun)(Observed) noexcept;  // the thread is about to sleep, unless a last look finds it need not
  void (*wait_ended)(Observed) noexcept;  // it is awake, for whatever reason
};

namespace detail {
inline constinit atomic<const Observers*> observers{nullptr};
}

// Null to end it. The table must live as long as the process.
inline void observe(const Observers* table) noexcept {
  detail::observers.store(table, order::release);  // release, pairs with the load in tell()
}

// tell(&Observers::acquired, {this, "Lock"}): one load while nobody observes.
inline void tell(void (*Observers::*what)(Observed) noexcept, Observed observed) noexcept {
  // relaxed: a hint, looked at again
  if (detail::observers.load(order::relaxed) == nullptr) [[likely]]
    return;
  const Observers* table = detail::observers.load(order::acquire);  // acquire: the table was built before
  if (table != nullptr) (table->*what)(observed);
}

}  // namespace raddle
