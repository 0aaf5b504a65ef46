#include "raddle/base/fork.hpp"

#include <pthread.h>

namespace raddle {

constinit atomic<std::uint64_t> detail::forks{0};

namespace {

void count_in_child() noexcept {
  detail::forks.store(forks() + 1, order::relaxed);  // relaxed: there is one thread
}

[[maybe_unused]] const int fork_hook_registered = pthread_atfork(nullptr, nullptr, count_in_child);

}  // namespace

}  // namespace raddle
