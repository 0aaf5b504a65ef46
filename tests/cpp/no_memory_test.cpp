// What happens where `operator new` fails. A program of its own, because it replaces operator new, which
// ThreadSanitizer's runtime does too.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

#include "raddle/atomic/sharded_counter.hpp"
#include "raddle/base/slot_table.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/base/thread_slot.hpp"
#include "raddle/queue/fifo_queue.hpp"
#include "raddle/queue/lifo_queue.hpp"
#include "raddle/queue/priority_queue.hpp"
#include "raddle/sync/mutex.hpp"
#include "support/failing_new.hpp"
#include "support/locks.hpp"
#include "support/parallel.hpp"
#include "support/queues.hpp"

namespace {

using raddle::kNoSlot;
using raddle::QueueStatus;
using raddle::ShardedCounter;
using raddle::ThreadSlots;
using raddle::test::FailingNew;
using raddle::test::in_parallel;
using raddle::test::Token;

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

TEST(SlotTable, WithoutMemoryThereIsNoCell) {
  struct alignas(raddle::kCacheLine) Cell {
    int value = 0;
  };
  raddle::SlotTable<Cell, 4> table;
  {
    const FailingNew no_memory(0);
    EXPECT_EQ(table.make(0), nullptr);
  }
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_NE(table.make(0), nullptr);
  table.clear();
}

// A thread without a record locks as others do; only its end is not noticed.
TEST(ThreadId, WithoutMemoryAThreadHasNoRecord) {
  constexpr int kThreads = 700;
  std::atomic<int> without = 0;
  std::barrier taken(kThreads);
  raddle::Mutex mutex("test", true);
  int count = 0;
  in_parallel(kThreads, [&](int) {
    const FailingNew no_memory(0);
    const raddle::ThreadId id = raddle::this_thread_id();
    if (raddle::record_of(id) == nullptr) ++without;
    EXPECT_EQ(raddle::test::lock(mutex), raddle::LockOutcome::taken);
    ++count;
    EXPECT_TRUE(mutex.unlock());
    EXPECT_FALSE(raddle::has_ended(id));
    taken.arrive_and_wait();
  });
  EXPECT_GT(without, 0);
  EXPECT_EQ(count, kThreads);
}

// Has no memory while it sleeps, where it looks for a deadlock, in the first of its sleeps.
struct ForgetfulWaiting final : raddle::test::ToldWaiting {
  explicit ForgetfulWaiting(long successes_) : successes(successes_) {}
  void before_sleep() override { no_memory = std::make_unique<FailingNew>(sleeps++ < 3 ? successes : 1'000'000); }
  void after_sleep() override {
    refused += no_memory->refused();
    no_memory.reset();
  }
  std::int64_t patience() override { return 15 * raddle::test::kMillisecond; }

  const long successes;
  int sleeps = 0;
  long refused = 0;
  std::unique_ptr<FailingNew> no_memory;
};

// Whichever allocation of the search fails: it looks again later.
TEST(Deadlock, IsFoundWhenThereIsMemoryAgain) {
  for (long successes = 0;; ++successes) {
    ASSERT_LT(successes, 100);
    raddle::Mutex a("test"), b("test");
    std::thread other([&] {
      raddle::test::lock(a);
      raddle::test::wait_until([&] { return b.is_locked(); });
      EXPECT_EQ(raddle::test::lock(b), raddle::LockOutcome::taken);
      b.unlock();
      a.unlock();
    });
    raddle::test::wait_until([&] { return a.is_locked(); });
    raddle::test::lock(b);
    raddle::test::wait_until([&] { return b.approx_waiting() == 1; });
    ForgetfulWaiting waiting(successes);
    EXPECT_EQ(a.lock(raddle::LockStyle::owned, raddle::Deadline::never(), waiting),
              raddle::LockOutcome::interrupted);
    b.unlock();
    other.join();
    if (waiting.refused == 0) break;
    EXPECT_GT(waiting.sleeps, 1);
  }
}

template <class Queue>
class QueuesWithoutMemory : public testing::Test {};
using Kinds = testing::Types<raddle::FifoQueue<Token>, raddle::LifoQueue<Token>,
                             raddle::PriorityQueue<Token, raddle::test::LeastFirst>>;
TYPED_TEST_SUITE(QueuesWithoutMemory, Kinds);

// A put that is refused has put nothing, what is in the queue stays, and with memory it goes on.
TYPED_TEST(QueuesWithoutMemory, RefuseAndKeep) {
  TypeParam queue;
  std::vector<Token> kept;
  for (Token next = 0; next < 200; ++next) {
    QueueStatus status;
    bool refused;
    {
      const FailingNew no_memory(0);
      status = queue.try_put(next);
      refused = no_memory.refused() != 0;
    }
    EXPECT_EQ(status, refused ? QueueStatus::no_memory : QueueStatus::done);
    EXPECT_EQ(queue.size(), kept.size() + (refused ? 0 : 1));
    if (refused) {
      EXPECT_EQ(queue.try_put(next), QueueStatus::done);
    }
    kept.push_back(next);
  }
  Token taken[200];
  std::size_t moved;
  {
    const FailingNew no_memory(0);
    moved = queue.try_get_many(taken, 200).moved;
  }
  EXPECT_EQ(moved, 200U);
  std::sort(taken, taken + 200);
  EXPECT_TRUE(std::equal(kept.begin(), kept.end(), taken, taken + 200));
}

}  // namespace
