#include "raddle/base/thread_id.hpp"

#include <pthread.h>

namespace raddle {

constinit RADDLE_TLS_WORD thread_local ThreadId detail::this_thread_id = kNoThread;

namespace {

constinit atomic<ThreadId> next_id{1};

// Of the ids below the first only that of the survivor is a living thread's. Written only in a child that has one
// thread, so relaxed everywhere.
constinit atomic<ThreadId> first_of_this_process{0};
constinit atomic<ThreadId> survivor{kNoThread};

void forget_the_others() noexcept {
  first_of_this_process.store(next_id.load(order::relaxed), order::relaxed);
  survivor.store(detail::this_thread_id, order::relaxed);
}

[[maybe_unused]] const int fork_hook_registered = pthread_atfork(nullptr, nullptr, forget_the_others);

}  // namespace

ThreadId detail::take_thread_id() noexcept {
  this_thread_id = next_id.fetch_add(1, order::relaxed);  // relaxed: only different numbers matter
  return this_thread_id;
}

bool has_vanished(ThreadId id) noexcept {
  return id < first_of_this_process.load(order::relaxed) && id != survivor.load(order::relaxed);
}

}  // namespace raddle
