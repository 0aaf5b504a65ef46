// Threads that start together, for tests.
#pragma once

#include <barrier>
#include <thread>
#include <vector>

namespace raddle::test {

// Runs body(index) in `count` threads at once and waits for all of them.
template <class Body>
void in_parallel(int count, Body body) {
  std::barrier start(count);
  std::vector<std::thread> threads;
  for (int index = 0; index < count; ++index) {
    threads.emplace_back([&start, &body, index] {
      start.arrive_and_wait();
      body(index);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace raddle::test
