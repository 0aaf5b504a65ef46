#include "raddle/sync/index_lock.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support/parallel.hpp"
#include "support/queues.hpp"

namespace {

using raddle::IndexLock;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;

TEST(IndexLock, KeepsIndexAndClosed) {
  IndexLock lock;
  EXPECT_EQ(lock.lock().index(), 0U);
  lock.unlock(7, false);
  EXPECT_EQ(lock.peek().index(), 7U);
  EXPECT_FALSE(lock.peek().closed());
  EXPECT_FALSE(lock.lock().abandoned());
  constexpr std::uint64_t kLast = (std::uint64_t{1} << 54) - 1;
  lock.unlock(kLast, true);
  EXPECT_EQ(lock.peek().index(), kLast);
  EXPECT_TRUE(lock.lock().closed());
}

// More threads than cores: some find it held, sleep and must be woken.
TEST(IndexLock, Excludes) {
  constexpr int kThreads = 8, kRounds = 20'000;
  IndexLock lock;
  std::uint64_t count = 0;  // guarded by the lock
  in_parallel(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      const std::uint64_t index = lock.lock().index();
      ASSERT_EQ(index, count);
      ++count;
      if (i % 1000 == 0) std::this_thread::yield();  // let others run into it
      lock.unlock(index + 1, false);
    }
  });
  EXPECT_EQ(lock.peek().index(), std::uint64_t{kThreads} * kRounds);
}

TEST(IndexLock, IsTakenOverFromAThreadThatVanished) {
  IndexLock lock;
  const auto take_over = [&](bool abandoned) {
    const IndexLock::State state = lock.lock();
    const bool good = state.index() == 3 && state.abandoned() == abandoned;
    lock.unlock(3, false);
    return good && !lock.lock().abandoned();
  };
  lock.lock();
  lock.unlock(3, false);
  EXPECT_TRUE(holds_in_child([&] { return take_over(false); }));
  std::thread([&] { lock.lock(); }).join();  // never unlocked by it
  EXPECT_TRUE(holds_in_child([&] { return take_over(true); }));
  // In a grandchild too, where the child has not touched it.
  EXPECT_TRUE(holds_in_child([&] { return holds_in_child([&] { return take_over(true); }); }));
  lock.unlock(3, false);
}

}  // namespace
