#include "raddle/atomic/sharded_counter.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "support/parallel.hpp"

namespace {

using raddle::Int128;
using raddle::ShardedCounter;
using raddle::test::in_parallel;

// gtest cannot print 128 bits.
void expect_sum(Int128 got, Int128 want) {
  EXPECT_TRUE(got == want) << "got " << static_cast<double>(got) << ", want " << static_cast<double>(want);
}

TEST(ShardedCounter, CountsUpAndDown) {
  ShardedCounter counter(10);
  counter.increment();
  counter.increment(5);
  counter.decrement(2);
  expect_sum(counter.get(), 14);
  expect_sum(counter.reset(), 14);
  expect_sum(counter.get(), 0);
  counter.increment();
  expect_sum(counter.reset(), 1);
  expect_sum(counter.reset(), 0);
}

TEST(ShardedCounter, HasNoLimit) {
  ShardedCounter counter(INT64_MAX);
  for (int i = 0; i < 5; ++i) counter.increment(INT64_MAX);
  expect_sum(counter.get(), Int128{6} * INT64_MAX);
  for (int i = 0; i < 8; ++i) counter.decrement(INT64_MAX);
  expect_sum(counter.get(), Int128{-2} * INT64_MAX);
  counter.decrement(INT64_MIN);
  expect_sum(counter.get(), Int128{-2} * INT64_MAX - INT64_MIN);
  expect_sum(counter.reset(), Int128{-2} * INT64_MAX - INT64_MIN);
  expect_sum(counter.get(), 0);
}

TEST(ShardedCounter, AddsTheLargestStepsAtOnce) {
  ShardedCounter counter;
  std::atomic<bool> stop = false;
  in_parallel(2, [&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < 20'000; ++i) counter.decrement(INT64_MIN);
      stop = true;
    } else {
      while (!stop) ASSERT_TRUE(counter.get() % INT64_MIN == 0);
    }
  });
  expect_sum(counter.get(), Int128{-20'000} * INT64_MIN);
}

TEST(ShardedCounter, KeepsTheCountsOfEndedThreadsAndGivesTheirCellsBack) {
  ShardedCounter counter;
  constexpr int kThreads = 100;
  std::barrier all(kThreads);
  in_parallel(kThreads, [&](int) {
    counter.increment(3);
    all.arrive_and_wait();
  });
  // Nearly every thread has one: a thread that guessed wrong about the pool gets its cell with its next addition.
  EXPECT_GT(counter.approx_cells(), kThreads / 2U);
  expect_sum(counter.get(), 3 * kThreads);
  EXPECT_LE(counter.approx_cells(), 1U);
  expect_sum(counter.get(), 3 * kThreads);
}

TEST(ShardedCounter, ReusesCellsUnderChurn) {
  ShardedCounter counter;
  for (int i = 0; i < 300; ++i) std::thread([&] { counter.increment(); }).join();
  EXPECT_LE(counter.approx_cells(), 2U);
  expect_sum(counter.get(), 300);
}

TEST(ShardedCounter, ManyCountersOfOneThread) {
  std::vector<std::unique_ptr<ShardedCounter>> counters;
  for (int i = 0; i < 1000; ++i) counters.push_back(std::make_unique<ShardedCounter>(i));
  for (const auto& counter : counters) counter->increment();
  for (int i = 0; i < 1000; ++i) expect_sum(counters[static_cast<std::size_t>(i)]->get(), i + 1);
}

// Adders, short threads, a reader and a resetter at once. Exact: the sum of all resets and the rest. The reader
// must see a value between what had surely been added when it began and what could have been when it ended.
template <class Counter>
Int128 churn(Counter& counter, int rounds) {
  std::atomic<int> running = 3;
  Int128 taken = 0;
  in_parallel(4, [&](int thread) {
    if (thread == 3) {
      while (running.load() > 0) taken += counter.reset();
      return;
    }
    for (int i = 0; i < rounds; ++i) {
      if (thread == 0) {
        std::thread([&] { counter.increment(); }).join();
      } else {
        for (int j = 0; j < 50; ++j) counter.increment();
      }
    }
    --running;
  });
  return taken + counter.reset();
}

TEST(ShardedCounter, ResetLosesAndDoublesNothing) {
  constexpr int kRounds = 400;
  ShardedCounter counter;
  expect_sum(churn(counter, kRounds), kRounds * 101);
}

// The control: a counter with the same cells that zeroes them. Made to lose: a yield between load and store.
class ZeroingCounter {
 public:
  void increment() {
    const long before = cell_.load(std::memory_order_relaxed);
    if (before % 16 == 0) std::this_thread::yield();
    cell_.store(before + 1, std::memory_order_relaxed);
  }
  Int128 reset() { return cell_.exchange(0, std::memory_order_relaxed); }

 private:
  std::atomic<long> cell_{0};
};

TEST(ShardedCounter, ChurnCatchesACounterThatZeroes) {
  ZeroingCounter counter;
  EXPECT_FALSE(churn(counter, 400) == 400 * 101);
}

TEST(ShardedCounter, ReadersStayBetweenTheBounds) {
  ShardedCounter counter;
  std::atomic<std::int64_t> begun = 0, ended = 0;
  std::atomic<bool> stop = false;
  in_parallel(3, [&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < 400; ++i) {
        std::thread([&] {  // each end is a fold to come
          ++begun;
          counter.increment();
          ++ended;
        })
            .join();
      }
      stop = true;
    } else {
      while (!stop) {
        const std::int64_t least = ended.load();
        const Int128 sum = counter.get();
        const std::int64_t most = begun.load();
        ASSERT_TRUE(sum >= least && sum <= most) << least << " " << static_cast<double>(sum) << " " << most;
      }
    }
  });
  expect_sum(counter.get(), 400);
}

// The base changes its sign all the time, and with it both its halves. A reader that mixed old and new ones
// would be off by 2^64.
TEST(ShardedCounter, ReadersNeverMixOldAndNew) {
  constexpr int kStep = 5;
  ShardedCounter counter;
  std::atomic<bool> stop = false;
  in_parallel(3, [&](int thread) {
    if (thread == 0) {
      counter.increment(0);  // the first addition of a thread goes to the base; the later ones to its cell
      for (int i = 0; i < 5'000; ++i) {
        for (const int step : {kStep, -2 * kStep, kStep}) {
          counter.increment(step);
          counter.reset();
        }
      }
      stop = true;
    } else {
      while (!stop) {
        const Int128 sum = counter.get();
        ASSERT_TRUE(sum >= -2 * kStep && sum <= 2 * kStep) << static_cast<double>(sum);
      }
    }
  });
}

TEST(ShardedCounter, SpillsUnderContention) {
  ShardedCounter counter;
  in_parallel(4, [&](int) {
    for (int i = 0; i < 5'000; ++i) counter.increment(INT64_MAX / 2);
  });
  expect_sum(counter.get(), Int128{INT64_MAX / 2} * 20'000);
}

TEST(ShardedCounter, ForkedChildKeepsAllCounts) {
  ShardedCounter counter;
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> added = 0;
  std::thread adder([&] {
    while (!stop) {
      counter.increment();
      ++added;
      std::thread([&] { counter.increment(); }).join();
      ++added;
      counter.get();
    }
  });
  for (int i = 0; i < 50; ++i) {
    const std::int64_t least = added.load();
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      const Int128 sum = counter.get();
      counter.increment();
      const bool good = sum >= least && counter.reset() >= sum + 1 && counter.get() == 0;
      _exit(good ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  stop = true;
  adder.join();
  expect_sum(counter.get(), added.load());
}

}  // namespace
