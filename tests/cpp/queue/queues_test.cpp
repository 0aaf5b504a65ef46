// What all queues promise, on each of them: nothing lost, nothing twice, Full and Empty only when true.
#include "support/queues.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <type_traits>
#include <vector>

#include "raddle/queue/blocking_queue.hpp"
#include "raddle/queue/fifo_queue.hpp"
#include "raddle/queue/lifo_queue.hpp"
#include "raddle/queue/priority_queue.hpp"
#include "support/parallel.hpp"

namespace {

using raddle::BlockingQueue;
using raddle::Deadline;
using raddle::PlainWaiting;
using raddle::QueueProgress;
using raddle::QueueStatus;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using raddle::test::Token;
using raddle::test::token;

using Fifo = BlockingQueue<raddle::FifoQueue<Token>>;
using Lifo = BlockingQueue<raddle::LifoQueue<Token>>;
using Priority = BlockingQueue<raddle::PriorityQueue<Token, raddle::test::LeastFirst>>;

template <class Queue>
class Queues : public testing::Test {
 protected:
  static constexpr Deadline kNow = Deadline::passed();
  static constexpr Deadline kEver = Deadline::never();
  PlainWaiting patience;

  static std::vector<Token> numbers(std::size_t count) {
    std::vector<Token> result;
    for (Token i = 0; i < count; ++i) result.push_back(i);
    return result;
  }
  // The order in which items come out that were put as 0, 1, 2, ...
  static std::vector<Token> in_order(std::size_t count) {
    std::vector<Token> result = numbers(count);
    if (std::is_same_v<Queue, Lifo>) std::reverse(result.begin(), result.end());
    return result;
  }
};
using Kinds = testing::Types<Fifo, Lifo, Priority>;
TYPED_TEST_SUITE(Queues, Kinds);

TYPED_TEST(Queues, KeepTheirOrder) {
  // Counts around the sizes of blocks, by single calls and by many at once.
  for (const std::size_t count : std::vector<std::size_t>{1, 15, 16, 17, 48, 49, 3000}) {
    TypeParam queue;
    for (const Token i : this->numbers(count)) ASSERT_EQ(queue.try_put(i), QueueStatus::done);
    EXPECT_EQ(queue.size(), count);
    std::vector<Token> taken(count + 1);
    const QueueProgress got = queue.try_get_many(taken.data(), count + 1);
    EXPECT_EQ(got.moved, count);
    EXPECT_EQ(got.status, QueueStatus::empty);
    taken.resize(count);
    EXPECT_EQ(taken, this->in_order(count));

    const std::vector<Token> items = this->numbers(count);
    EXPECT_EQ(queue.put_many(items.data(), count, this->kNow, this->patience).moved, count);
    for (const Token expected : this->in_order(count)) {
      Token item;
      ASSERT_EQ(queue.try_get(item), QueueStatus::done);
      EXPECT_EQ(item, expected);
    }
    EXPECT_EQ(queue.size(), 0U);
  }
}

TYPED_TEST(Queues, ObeyMaxsize) {
  for (const std::int64_t maxsize : {1, 2, 16, 17}) {
    TypeParam queue(maxsize);
    for (int round = 0; round < 3; ++round) {
      const std::vector<Token> items = this->numbers(static_cast<std::size_t>(maxsize) + 5);
      const QueueProgress put = queue.put_many(items.data(), items.size(), this->kNow, this->patience);
      EXPECT_EQ(put.moved, static_cast<std::size_t>(maxsize));
      EXPECT_EQ(put.status, QueueStatus::full);
      EXPECT_EQ(queue.try_put(99), QueueStatus::full);
      Token item;
      EXPECT_EQ(queue.try_get(item), QueueStatus::done);
      EXPECT_EQ(queue.try_put(99), QueueStatus::done);
      EXPECT_EQ(queue.try_put(99), QueueStatus::full);
      while (queue.try_get(item) == QueueStatus::done) continue;
    }
  }
}

TYPED_TEST(Queues, ChangeOfMaxsizeWakesProducers) {
  TypeParam queue(1);
  ASSERT_EQ(queue.try_put(1), QueueStatus::done);
  std::thread producer([&] { EXPECT_EQ(queue.put(2, Deadline::never(), this->patience), QueueStatus::done); });
  while (queue.approx_waiting_producers() == 0) std::this_thread::yield();
  queue.set_maxsize(2);
  producer.join();
  EXPECT_EQ(queue.size(), 2U);
  queue.set_maxsize(1);  // below the size: nothing is lost
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.try_put(3), QueueStatus::full);
  queue.set_maxsize(0);
  EXPECT_EQ(queue.try_put(3), QueueStatus::done);
}

TYPED_TEST(Queues, DeliverEachItemOnce) {
  constexpr int kProducers = 3, kConsumers = 3;
  constexpr std::uint64_t kEach = 6000;
  for (const std::int64_t maxsize : {1, 7, 0}) {
    TypeParam queue(maxsize);
    std::vector<std::vector<Token>> arrived(kConsumers);
    std::atomic<int> producing = kProducers;
    in_parallel(kProducers + kConsumers, [&](int index) {
      PlainWaiting waiting;
      if (index < kProducers) {
        for (std::uint64_t i = 0; i < kEach;) {
          Token batch[5];
          std::size_t n = 0;
          for (; n < 1 + i % 5 && i + n < kEach; ++n) batch[n] = token(static_cast<std::uint64_t>(index), i + n);
          ASSERT_EQ(queue.put_many(batch, n, Deadline::never(), waiting).moved, n);
          i += n;
        }
        if (producing.fetch_sub(1) == 1) queue.close();
        return;
      }
      std::vector<Token>& mine = arrived[static_cast<std::size_t>(index - kProducers)];
      for (;;) {
        Token batch[7];
        const QueueStatus waited = queue.wait_for_item(Deadline::never(), waiting);
        if (waited == QueueStatus::closed) return;
        ASSERT_EQ(waited, QueueStatus::done);
        const std::size_t n = queue.try_get_many(batch, 1 + mine.size() % 7).moved;
        mine.insert(mine.end(), batch, batch + n);
      }
    });
    raddle::test::expect_each_once(arrived, kProducers, kEach);
    if (std::is_same_v<TypeParam, Fifo>) raddle::test::expect_in_order(arrived, kProducers);
    EXPECT_EQ(queue.size(), 0U);
  }
}

// A thread that has put an item and is told that the queue is empty, or has taken one and is told that it is full,
// caught the queue lying: only items of its own are there.
TYPED_TEST(Queues, EmptyAndFullOnlyWhenTrue) {
  constexpr int kThreads = 4, kRounds = 8000;
  TypeParam queue(kThreads);
  in_parallel(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      Token item;
      ASSERT_EQ(queue.try_put(1), QueueStatus::done) << "at most one item of each thread is in it";
      ASSERT_EQ(queue.try_get(item), QueueStatus::done) << "at least one item is in it";
    }
  });
}

TYPED_TEST(Queues, CloseLetsTheRestOut) {
  TypeParam queue;
  Token item = 0;
  EXPECT_EQ(queue.try_get(item), QueueStatus::empty);
  queue.try_put(5);
  queue.close();
  EXPECT_TRUE(queue.is_closed());
  EXPECT_EQ(queue.try_put(6), QueueStatus::closed);
  EXPECT_EQ(queue.get(item, Deadline::never(), this->patience), QueueStatus::done);
  EXPECT_EQ(item, 5U);
  EXPECT_EQ(queue.get(item, Deadline::never(), this->patience), QueueStatus::closed);
  EXPECT_EQ(queue.wait_for_item(Deadline::never(), this->patience), QueueStatus::closed);
  EXPECT_EQ(queue.wait_for_room(Deadline::never(), this->patience), QueueStatus::closed);
}

TYPED_TEST(Queues, CloseWakesAllWhoWait) {
  TypeParam full(1), empty;
  full.try_put(1);
  std::thread closer([&] {
    while (full.approx_waiting_producers() < 2 || empty.approx_waiting_consumers() < 2) std::this_thread::yield();
    full.close();
    empty.close();
  });
  in_parallel(4, [&](int index) {
    PlainWaiting waiting;
    Token item;
    const QueueStatus status =
        index < 2 ? full.put(2, Deadline::never(), waiting) : empty.get(item, Deadline::never(), waiting);
    EXPECT_EQ(status, QueueStatus::closed);
  });
  closer.join();
}

TYPED_TEST(Queues, CloseAndTakeAll) {
  for (const std::size_t count : std::vector<std::size_t>{0, 1, 16, 100}) {
    TypeParam queue;
    const std::vector<Token> items = this->numbers(count);
    queue.put_many(items.data(), count, this->kNow, this->patience);
    std::vector<Token> taken;
    const auto sink = [](void* context, Token item) {
      static_cast<std::vector<Token>*>(context)->push_back(item);
    };
    EXPECT_EQ(queue.close_and_take_all(sink, &taken), QueueStatus::done);
    std::sort(taken.begin(), taken.end());
    EXPECT_EQ(taken, items);
    EXPECT_EQ(queue.unfinished_tasks(), 0U);
    EXPECT_EQ(queue.size(), 0U);
    Token item;
    EXPECT_EQ(queue.try_get(item), QueueStatus::closed);
    EXPECT_EQ(queue.try_put(1), QueueStatus::closed);
    EXPECT_EQ(queue.close_and_take_all(sink, &taken), QueueStatus::done);
  }
}

TYPED_TEST(Queues, CloseAndTakeAllAmidTraffic) {
  constexpr std::uint64_t kEach = 300;
  for (int round = 0; round < 40; ++round) {
    TypeParam queue(round % 2 == 0 ? 0 : 5);
    std::vector<std::vector<Token>> arrived(3);
    std::uint64_t put_by[2] = {0, 0};
    in_parallel(5, [&](int index) {
      PlainWaiting waiting;
      if (index < 2) {
        std::uint64_t& i = put_by[index];
        while (i < kEach && queue.put(token(static_cast<std::uint64_t>(index), i), Deadline::never(), waiting) ==
                                QueueStatus::done)
          ++i;
      } else if (index < 4) {
        Token item;
        while (queue.get(item, Deadline::never(), waiting) == QueueStatus::done)
          arrived[static_cast<std::size_t>(index - 2)].push_back(item);
      } else {
        while (queue.unfinished_tasks() < 100) std::this_thread::yield();
        queue.close_and_take_all(
            [](void* context, Token item) { static_cast<std::vector<Token>*>(context)->push_back(item); },
            &arrived[2]);
      }
    });
    std::uint64_t count = 0;
    for (const std::vector<Token>& one : arrived) count += one.size();
    EXPECT_EQ(count, put_by[0] + put_by[1]);
    EXPECT_EQ(queue.size(), 0U);
  }
}

TYPED_TEST(Queues, TimeOutWithoutTakingAWakeUp) {
  TypeParam queue;
  Token item;
  for (int i = 0; i < 300; ++i) {
    // One consumer whose time ends about when the item comes, one that waits for ever: one of them gets it.
    std::atomic<int> got = 0;
    std::thread patient([&] {
      PlainWaiting waiting;
      Token mine;
      if (queue.get(mine, Deadline::never(), waiting) == QueueStatus::done) ++got;
    });
    std::thread hasty([&] {
      PlainWaiting waiting;
      Token mine;
      if (queue.get(mine, Deadline::in(i * 500), waiting) == QueueStatus::done) ++got;
    });
    queue.try_put(1);
    hasty.join();
    if (got == 1 && queue.size() == 0) queue.try_put(2);  // for whoever is left
    patient.join();
    EXPECT_GE(got.load(), 1);
    while (queue.try_get(item) == QueueStatus::done) continue;
  }
}

TYPED_TEST(Queues, CountTasks) {
  TypeParam queue;
  EXPECT_FALSE(queue.finish_task());
  EXPECT_EQ(queue.join(Deadline::never(), this->patience), QueueStatus::done);
  queue.try_put(1);
  queue.try_put(2);
  EXPECT_EQ(queue.unfinished_tasks(), 2U);
  EXPECT_EQ(queue.join(Deadline::in(1'000'000), this->patience), QueueStatus::empty);
  std::thread joiner([&] { EXPECT_EQ(queue.join(Deadline::never(), this->patience), QueueStatus::done); });
  EXPECT_TRUE(queue.finish_task());
  EXPECT_TRUE(queue.finish_task());
  joiner.join();
  EXPECT_FALSE(queue.finish_task());
}

// A fork at any moment of other threads' calls leaves the child a queue that works and holds whole items.
TYPED_TEST(Queues, ForkUnderLoad) {
  TypeParam queue;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (std::uint64_t index = 0; index < 3; ++index) {
    threads.emplace_back([&, index] {
      PlainWaiting waiting;
      for (std::uint64_t i = 0; !stop; ++i) {
        Token batch[41];
        for (std::uint64_t n = 0; n < 40; ++n) batch[n] = token(index, i * 40 + n);
        queue.put_many(batch, 40, Deadline::never(), waiting);
        queue.try_get_many(batch, 39 + (i + index) % 3);
      }
    });
  }
  for (int round = 0; round < 60; ++round) {
    EXPECT_TRUE(holds_in_child([&] {
      if (queue.try_put(token(9, 9)) != QueueStatus::done) return false;
      std::vector<Token> all(queue.size());
      const std::size_t n = queue.try_get_many(all.data(), all.size()).moved;
      if (n != all.size() || queue.size() != 0) return false;
      std::sort(all.begin(), all.end());
      return std::adjacent_find(all.begin(), all.end()) == all.end();  // nothing twice
    }));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
