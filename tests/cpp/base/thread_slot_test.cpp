#include "raddle/base/thread_slot.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <mutex>
#include <set>
#include <thread>

#include "support/parallel.hpp"

namespace {

using raddle::kNoSlot;
using raddle::ThreadSlot;
using raddle::ThreadSlots;
using raddle::test::in_parallel;

ThreadSlot slot_of_a_new_thread() {
  ThreadSlot slot = kNoSlot;
  std::thread([&slot] { slot = ThreadSlots::current(); }).join();
  return slot;
}

TEST(ThreadSlots, StaysTheSameForAThread) { EXPECT_EQ(ThreadSlots::current(), ThreadSlots::current()); }

TEST(ThreadSlots, LiveThreadsHaveDifferentSlots) {
  constexpr int kThreads = 150;  // more than two words of the registry
  std::barrier all_have_one(kThreads);
  std::mutex mutex;
  std::set<ThreadSlot> slots;
  in_parallel(kThreads, [&](int) {
    const ThreadSlot slot = ThreadSlots::current();
    {
      const std::lock_guard guard(mutex);
      slots.insert(slot);
    }
    all_have_one.arrive_and_wait();
  });
  EXPECT_EQ(slots.size(), kThreads);
  EXPECT_FALSE(slots.contains(kNoSlot));
}

TEST(ThreadSlots, AreReusedAfterTheThreadEnds) {
  ThreadSlots::current();
  const ThreadSlot first = slot_of_a_new_thread();
  EXPECT_EQ(slot_of_a_new_thread(), first);
}

TEST(ThreadSlots, AreInUseWhileTheThreadLives) {
  const ThreadSlot mine = ThreadSlots::current();
  const ThreadSlot ended = slot_of_a_new_thread();
  const ThreadSlots::Lock lock;
  EXPECT_TRUE(lock.in_use(mine));
  EXPECT_FALSE(lock.in_use(ended));
  EXPECT_FALSE(lock.in_use(kNoSlot));
}

// Writes by the last holder of a slot are visible to the next one without further ordering. The plain
// variable makes ThreadSanitizer the judge.
TEST(ThreadSlots, HandOverOrdersTheHoldersOfASlot) {
  static long last_writer[1024];
  in_parallel(2, [](int) {
    for (int i = 0; i < 200; ++i) {
      std::thread([] {
        const ThreadSlot slot = ThreadSlots::current();
        ASSERT_LT(slot, std::size(last_writer));
        ++last_writer[slot];
      }).join();
    }
  });
}

pthread_key_t late_key;
std::atomic<ThreadSlot> late_slot{0};
void use_slot_late(void*) { late_slot = ThreadSlots::current(); }

// A destructor of thread-specific data may run after ours has given the slot back. There is none to be had then:
// no later destructor of ours might come to take it back.
TEST(ThreadSlots, AThreadThatIsEndingHasNone) {
  ThreadSlots::current();  // makes the registry's key first, and keys are destroyed in that order
  ASSERT_EQ(pthread_key_create(&late_key, use_slot_late), 0);
  ThreadSlot used = kNoSlot;
  std::thread([&used] {
    used = ThreadSlots::current();
    pthread_setspecific(late_key, &late_key);
  }).join();
  pthread_key_delete(late_key);
  EXPECT_EQ(late_slot.load(), kNoSlot);
  const ThreadSlots::Lock lock;
  EXPECT_FALSE(lock.in_use(used));
}

TEST(ThreadSlots, ForkedChildKeepsOnlyTheForkingThreadsSlot) {
  const ThreadSlot mine = ThreadSlots::current();
  std::barrier step(2);
  ThreadSlot other = kNoSlot;
  std::thread thread([&] {
    other = ThreadSlots::current();
    step.arrive_and_wait();
    step.arrive_and_wait();
  });
  step.arrive_and_wait();
  const pid_t child = fork();
  if (child == 0) {
    bool good = ThreadSlots::current() == mine && ThreadSlots::approx_live() == 1;
    const ThreadSlots::Lock lock;
    good = good && lock.in_use(mine) && !lock.in_use(other);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  step.arrive_and_wait();
  thread.join();
}

}  // namespace
