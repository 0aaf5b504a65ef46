#include "raddle/base/thread_id.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support/queues.hpp"

namespace {

using raddle::has_vanished;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::test::holds_in_child;

TEST(ThreadId, IsNeverUsedTwice) {
  ThreadId first = 0, second = 0;
  std::thread([&] { first = this_thread_id(); }).join();
  std::thread([&] { second = this_thread_id(); }).join();
  EXPECT_NE(first, second);
  EXPECT_EQ(this_thread_id(), this_thread_id());
}

TEST(ThreadId, TellsWhoSurvivedAFork) {
  const ThreadId mine = this_thread_id();
  ThreadId other = 0;
  std::thread([&] { other = this_thread_id(); }).join();
  EXPECT_FALSE(has_vanished(other));
  EXPECT_TRUE(holds_in_child([&] {
    ThreadId later = 0;
    std::thread([&] { later = this_thread_id(); }).join();
    const bool here = this_thread_id() == mine && !has_vanished(mine) && has_vanished(other);
    return here && later != other && !has_vanished(later) &&
           holds_in_child([&] { return has_vanished(later) && !has_vanished(mine); });
  }));
}

}  // namespace
