// The engine in use, and the logical thread that the calling thread is. For probes and for synchronisation.
//
// A thread that nothing has announced (made by C code, or alive before the checker) becomes a logical thread that
// comes after nothing when it is first asked for. A task of an executor takes the place of its worker's logical
// thread while it runs.
#pragma once

#include "raddle/base/atomic.hpp"
#include "raddle/check/engine.hpp"

namespace raddle::python {

namespace detail {
// Set by start(), null after finish(). An engine is never freed: a late thread may be inside one of its calls.
inline constinit atomic<check::Engine*> engine_in_use{nullptr};

struct CheckedThread {
  check::Thread* thread = nullptr;        // of `engine`
  const check::Engine* engine = nullptr;  // a later start() makes another one
  std::uint32_t off = 0;                  // thread_off() less thread_on(): nothing is told meanwhile
};
// constinit and without destructor: one word from the thread pointer away.
inline constinit thread_local CheckedThread this_checked_thread;
}  // namespace detail

// Null: no checker is at work.
inline check::Engine* engine_in_use() noexcept {
  return detail::engine_in_use.load(order::acquire);  // acquire, pairs with start(): the engine was built before
}

check::Thread* meet_engine(check::Engine& engine) noexcept;  // slow path of current_thread(); null without memory

// The calling thread's logical thread. Null: nothing is to be told (off, or no memory).
inline check::Thread* current_thread(check::Engine& engine) noexcept {
  const detail::CheckedThread& self = detail::this_checked_thread;
  if (self.off != 0) [[unlikely]]
    return nullptr;
  if (self.engine == &engine) [[likely]]
    return self.thread;
  return meet_engine(engine);
}

// Makes it current; returns what was (null: none of this engine).
inline check::Thread* set_current_thread(check::Engine& engine, check::Thread* thread) noexcept {
  detail::CheckedThread& self = detail::this_checked_thread;
  check::Thread* const before = self.engine == &engine ? self.thread : nullptr;
  self.engine = &engine;
  self.thread = thread;
  return before;
}

// The stack of the calling thread, for reports; 0 if there is none. Defined beside the probes.
check::StackId capture_stack() noexcept;

}  // namespace raddle::python
