// Every interleaving of three threads that wait at a BlockingQueue, on the shipped headers of the queue, the rooms
// and the lot, and locks that are one operation: everything that is put arrives once, nobody sleeps for ever.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "raddle/queue/blocking_queue.hpp"
#include "raddle/queue/fifo_queue.hpp"
#include "raddle/queue/lifo_queue.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::BlockingQueue;
using raddle::Deadline;
using raddle::PlainWaiting;
using raddle::QueueStatus;
using raddle::Waiting;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::fiber_number;
using raddle::model::Impatient;
using raddle::model::kMostThreads;
using raddle::model::Program;

static_assert(raddle::IndexLock::is_one_operation && raddle::RawMutex::is_one_operation);

using Item = std::uint32_t;
using Items = std::vector<Item>;

// The queue, and what came of the threads' calls; each thread notes its own. Aligned, so that the distances in the
// queue are always the same, and with them the lot's choice of buckets.
template <class Core>
struct alignas(raddle::kCacheLine) Shared {
  BlockingQueue<Core> queue;
  std::array<Items, kMostThreads> put, got;
  bool good = true;

  explicit Shared(std::int64_t maxsize, std::size_t items) : queue(maxsize) {
    for (Item item = 1; item <= items; ++item) {
      queue.try_put(item);
      put[kMostThreads - 1].push_back(item);
    }
  }
  static Deadline never() { return Deadline::never(); }

  Item next_item() const { return static_cast<Item>(100 * (fiber_number() + 1) + put[fiber_number()].size()); }
  // Who waits without a limit is not told that there was no room, or no item.
  bool put_one(Deadline deadline = never(), Waiting&& waiting = PlainWaiting()) {
    const Item item = next_item();
    const QueueStatus status = queue.put(item, deadline, waiting);
    good = good && (status != QueueStatus::full || !deadline.is_never());
    if (status == QueueStatus::done) put[fiber_number()].push_back(item);
    return status == QueueStatus::done;
  }
  void put_two() {
    PlainWaiting waiting;
    const std::array items{next_item(), next_item() + 1};
    const std::size_t moved = queue.put_many(items.data(), 2, never(), waiting).moved;
    put[fiber_number()].insert(put[fiber_number()].end(), items.begin(), items.begin() + moved);
  }
  bool get_one(Deadline deadline = never(), Waiting&& waiting = PlainWaiting()) {
    Item item = 0;
    const QueueStatus status = queue.get(item, deadline, waiting);
    good = good && (status != QueueStatus::empty || !deadline.is_never());
    if (status == QueueStatus::done) got[fiber_number()].push_back(item);
    return status == QueueStatus::done;
  }
  void take_all_and_close() {
    queue.close_and_take_all([](void* into, Item item) { static_cast<Items*>(into)->push_back(item); },
                             &got[fiber_number()]);
  }

  // What was put is what was got and what is left, each item once; of each thread's in order, if it is a FIFO.
  bool adds_up() {
    Items all_put, all_got;
    for (const Items& items : put) all_put.insert(all_put.end(), items.begin(), items.end());
    for (const Items& items : got) {
      all_got.insert(all_got.end(), items.begin(), items.end());
      if (!std::is_same_v<Core, raddle::FifoQueue<Item>>) continue;
      for (std::size_t i = 0; i < items.size(); ++i)
        for (std::size_t j = i + 1; j < items.size(); ++j)
          if (items[i] / 100 == items[j] / 100 && items[i] > items[j]) return false;
    }
    queue.for_each_at_rest([](void* into, Item item) { return static_cast<Items*>(into)->push_back(item), true; },
                           &all_got);
    std::sort(all_put.begin(), all_put.end());
    std::sort(all_got.begin(), all_got.end());
    return all_put == all_got;
  }
};

// What a thread does.
constexpr auto put = [](auto& shared) { shared.put_one(); };
constexpr auto put_twice = [](auto& shared) { shared.put_one(), shared.put_one(); };
constexpr auto put_two_at_once = [](auto& shared) { shared.put_two(); };
constexpr auto get = [](auto& shared) { shared.get_one(); };
constexpr auto get_twice = [](auto& shared) { shared.get_one(), shared.get_one(); };
constexpr auto get_and_finish = [](auto& shared) {
  if (shared.get_one()) shared.queue.finish_task();
};
constexpr auto close = [](auto& shared) { shared.queue.close(); };
constexpr auto take_all_and_close = [](auto& shared) { shared.take_all_and_close(); };
constexpr auto make_room = [](auto& shared) { shared.queue.set_maxsize(3); };
constexpr auto join = [](auto& shared) {
  PlainWaiting waiting;
  shared.good = shared.good && shared.queue.join(Deadline::never(), waiting) == QueueStatus::done;
};
constexpr auto wait_for_item = [](auto& shared) {
  PlainWaiting waiting;
  shared.queue.wait_for_item(Deadline::never(), waiting);
};
constexpr auto wait_for_room = [](auto& shared) {
  PlainWaiting waiting;
  shared.queue.wait_for_room(Deadline::never(), waiting);
};
// These leave as many items as they find, so that the others can end whatever becomes of these.
constexpr auto borrow = [](auto& shared) {
  if (shared.get_one()) shared.put_one();
};
constexpr auto borrow_until_timeout = [](auto& shared) {
  if (shared.get_one(Deadline::at(1))) shared.put_one();
};
constexpr auto borrow_until_interrupt = [](auto& shared) {
  if (shared.get_one(Deadline::never(), Impatient(0))) shared.put_one();
};
constexpr auto lend = [](auto& shared) {
  if (shared.put_one()) shared.get_one();
};
constexpr auto lend_until_timeout = [](auto& shared) {
  if (shared.put_one(Deadline::at(1))) shared.get_one();
};
constexpr auto lend_until_interrupt = [](auto& shared) {
  if (shared.put_one(Deadline::never(), Impatient(0))) shared.get_one();
};

// At the end, besides that it adds up.
struct End {
  std::size_t left = 0;
  std::uint64_t unfinished = UINT64_MAX;  // any
  bool closed = false;
};

template <class Core, class... Threads>
std::function<Program()> around(std::int64_t maxsize, std::size_t items, End end, Threads... threads) {
  return [=] {
    auto shared = std::make_shared<Shared<Core>>(maxsize, items);
    const auto holds = [shared, end] {
      auto& queue = shared->queue;
      return shared->good && shared->adds_up() && queue.size() == end.left && queue.is_closed() == end.closed &&
             (end.unfinished == UINT64_MAX || queue.unfinished_tasks() == end.unfinished);
    };
    return Program{{[shared, threads] { threads(*shared); }...}, holds};
  };
}

template <class Core>
class BlockingQueueModel : public testing::Test {
 protected:
  template <class... Threads>
  void hold(std::int64_t maxsize, std::size_t items, End end, long at_least, Threads... threads) {
    expect_to_hold(explore(around<Core>(maxsize, items, end, threads...)), at_least);
  }
};
using Cores = testing::Types<raddle::FifoQueue<Item>, raddle::LifoQueue<Item>>;
TYPED_TEST_SUITE(BlockingQueueModel, Cores);

TYPED_TEST(BlockingQueueModel, TwoConsumersAndAProducer) {
  this->hold(0, 0, {}, 10'000, get, get, put_twice);
  this->hold(0, 0, {}, 1'500, get, get, put_two_at_once);
}
TYPED_TEST(BlockingQueueModel, AProducerWaitsForRoom) {
  this->hold(1, 1, {.left = 1}, 500, put_twice, get_twice);
  this->hold(1, 1, {}, 150, put, get, get);
  this->hold(1, 1, {.left = 1}, 4'000, put_two_at_once, get, get);
}
TYPED_TEST(BlockingQueueModel, AConsumerTimesOut) { this->hold(0, 0, {}, 8'000, borrow_until_timeout, get, put); }
TYPED_TEST(BlockingQueueModel, AConsumerIsInterrupted) {
  this->hold(0, 0, {}, 8'000, borrow_until_interrupt, get, put);
}
TYPED_TEST(BlockingQueueModel, AProducerGivesUp) {
  this->hold(1, 1, {.left = 1}, 2'000, lend_until_timeout, put, get);
  this->hold(1, 1, {.left = 1}, 2'000, lend_until_interrupt, put, get);
}
TYPED_TEST(BlockingQueueModel, JoinEndsWithTheLastTask) {
  this->hold(0, 0, {.unfinished = 0}, 150, join, get_and_finish, put);
  this->hold(0, 2, {.unfinished = 0}, 150, join, get_and_finish, get_and_finish);
  this->hold(0, 2, {.unfinished = 0, .closed = true}, 100, join, get_and_finish, take_all_and_close);
}
TYPED_TEST(BlockingQueueModel, ClosingWakesWhoWaits) {
  this->hold(0, 0, {.closed = true}, 1'000, get, get, close);
  this->hold(0, 0, {.closed = true}, 1'000, get, wait_for_item, take_all_and_close);
  this->hold(1, 1, {.closed = true}, 100, put, get, take_all_and_close);
  this->hold(1, 1, {.left = 1, .closed = true}, 700, put, wait_for_room, close);
}
TYPED_TEST(BlockingQueueModel, WhoOnlyWaitsHandsOn) {
  this->hold(0, 0, {.left = 1}, 30'000, wait_for_item, borrow, put);
  this->hold(1, 1, {}, 4'000, wait_for_room, lend, get);
}
TYPED_TEST(BlockingQueueModel, MoreRoomWakesProducers) { this->hold(1, 1, {.left = 3}, 400, put, put, make_room); }

// --- planted faults ---

// Queues that give who waits the wrong answer.
struct DeafToClosing : raddle::FifoQueue<Item> {
  using FifoQueue::FifoQueue;
  bool can_get() const noexcept { return FifoQueue::can_get() && !FifoQueue::is_closed(); }
};
struct DeafToPuts : raddle::FifoQueue<Item> {
  using FifoQueue::FifoQueue;
  bool can_get() const noexcept { return FifoQueue::is_closed(); }
};

TEST(BlockingQueueModelFaults, AClosingThatIsNotHeardIsFound) {
  expect_to_strand(around<DeafToClosing>(0, 0, {.closed = true}, get, get, close));
}
TEST(BlockingQueueModelFaults, APutThatIsNotHeardIsFound) {
  expect_to_strand(around<DeafToPuts>(0, 0, {}, get, get, put_twice));
}

}  // namespace
