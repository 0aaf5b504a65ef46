#include "current.hpp"

#include <pthread.h>
#include <unistd.h>

#include <cstdio>

#include "../python.hpp"
#include "checker.hpp"
#include "handoffs.hpp"
#include "lifetimes.hpp"
#include "probe.hpp"
#include "resolve.hpp"
#include "stacks.hpp"

namespace raddle::python {

namespace {

// Ends the logical thread of an OS thread that ends without having been announced. The thread state may be gone.
struct EndsThread {
  ~EndsThread() {
    detail::CheckedThread& self = detail::this_checked_thread;
    check::Engine* const engine = engine_in_use();
    if (engine != nullptr && self.engine == engine && self.thread != nullptr) engine->end_thread(*self.thread);
    self.thread = nullptr;
  }
  bool is_made = false;
};
thread_local EndsThread ends_thread;

// The engine that prepare_fork() was told to; null: none.
check::Engine* forking_engine = nullptr;

void before_fork() {
  lock_sites_for_fork();
  lock_groups_for_fork();
  lock_lifetimes_for_fork();
  lock_stacks_for_fork();
  lock_handoffs_for_fork();
  forking_engine = engine_in_use();
  if (forking_engine != nullptr) forking_engine->prepare_fork();
}

void unlock_all() {
  unlock_handoffs_after_fork();
  unlock_stacks_after_fork();
  unlock_lifetimes_after_fork();
  unlock_groups_after_fork();
  unlock_sites_after_fork();
}

void after_fork_in_parent() {
  if (forking_engine != nullptr) forking_engine->after_fork_in_parent();
  unlock_all();
}

void after_fork_in_child() {
  const detail::CheckedThread& self = detail::this_checked_thread;
  if (forking_engine != nullptr)
    forking_engine->after_fork_in_child(self.engine == forking_engine ? self.thread : nullptr);
  unlock_all();
}

}  // namespace

check::Thread* meet_engine(check::Engine& engine) noexcept {
  ends_thread.is_made = true;
  const auto system_id = static_cast<long>(PyThread_get_thread_native_id());
  char name[32] = "MainThread";
  if (system_id != static_cast<long>(getpid())) std::snprintf(name, sizeof name, "thread %ld", system_id);
  check::Thread* const thread = engine.begin_thread(nullptr, name);
  set_current_thread(engine, thread);
  return thread;
}

void watch_forks() noexcept {
  static bool is_watched = false;
  if (!is_watched) is_watched = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
}

}  // namespace raddle::python
