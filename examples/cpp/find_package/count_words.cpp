// Four threads count; the total is read while and after they run.
#include <cstdio>
#include <thread>
#include <vector>

#include "raddle/atomic/atomic_int.hpp"
#include "raddle/atomic/sharded_counter.hpp"

int main() {
  constexpr int kThreads = 4;
  constexpr int kWords = 100'000;
  raddle::ShardedCounter words;
  raddle::AtomicInt longest;

  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&words, &longest, thread] {
      for (int i = 0; i < kWords; ++i) {
        words.increment();
        longest.max(thread * 10 + i % 10);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  const auto total = static_cast<long long>(words.get());
  std::printf("%lld words, longest %lld\n", total, static_cast<long long>(longest.get()));
  return total == kThreads * kWords && longest.get() == (kThreads - 1) * 10 + 9 ? 0 : 1;
}
