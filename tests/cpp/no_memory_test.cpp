// What happens where `operator new` fails. A program of its own, because it replaces operator new, which
// ThreadSanitizer's runtime does too.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "raddle/atomic/sharded_counter.hpp"
#include "raddle/base/thread_slot.hpp"
#include "support/failing_new.hpp"
#include "support/parallel.hpp"

namespace {

using raddle::kNoSlot;
using raddle::ShardedCounter;
using raddle::ThreadSlots;
using raddle::test::FailingNew;
using raddle::test::in_parallel;

TEST(ThreadSlots, WithoutMemoryAThreadHasNone) {
  // All slots of the words that exist are taken, so that the next thread needs a new word.
  constexpr int kThreads = 600;
  std::atomic<int> without = 0;
  std::barrier taken(kThreads);
  in_parallel(kThreads, [&](int) {
    const FailingNew no_memory(0);
    if (ThreadSlots::current() == kNoSlot) ++without;
    taken.arrive_and_wait();
  });
  EXPECT_GT(without, 0);
  std::thread([] { EXPECT_NE(ThreadSlots::current(), kNoSlot); }).join();
}

// Whatever allocation fails, nothing is lost and nothing is thrown.
TEST(ShardedCounter, CountsWithoutMemory) {
  bool refused_any = false;
  for (long successes = 0;; ++successes) {
    ShardedCounter counter;
    // New threads: the first addition of each asks for memory.
    constexpr int kThreads = 20;
    std::barrier all(kThreads);
    std::atomic<long> refusals = 0;
    in_parallel(kThreads, [&](int) {
      {
        const FailingNew no_memory(successes);
        for (int i = 0; i < 100; ++i) counter.increment();
        refusals += no_memory.refused();
      }
      all.arrive_and_wait();
    });
    EXPECT_TRUE(counter.get() == 100 * kThreads);
    refused_any = refused_any || refusals > 0;
    if (refusals == 0) break;
    ASSERT_LT(successes, 1000);
  }
  EXPECT_TRUE(refused_any);
}

}  // namespace
