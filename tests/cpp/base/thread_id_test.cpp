#include "raddle/base/thread_id.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <barrier>
#include <set>
#include <thread>
#include <vector>

#include "raddle/sync/mutex.hpp"
#include "support/locks.hpp"
#include "support/parallel.hpp"
#include "support/queues.hpp"

namespace {

using raddle::find_thread;
using raddle::has_ended;
using raddle::has_vanished;
using raddle::kNoSlot;
using raddle::kNoThread;
using raddle::record_of;
using raddle::slot_of;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::ThreadRecord;
using raddle::ThreadSlots;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;

std::uint64_t my_ident() { return reinterpret_cast<std::uint64_t>(pthread_self()); }

TEST(ThreadRecord, TellsOfALiveThread) {
  const ThreadId id = this_thread_id();
  const ThreadRecord* record = record_of(id);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(slot_of(id), ThreadSlots::current());
  EXPECT_EQ(record->id.load(std::memory_order::relaxed), id);
  EXPECT_FALSE(has_ended(id));
  EXPECT_FALSE(has_vanished(id));
  EXPECT_EQ(find_thread(my_ident()), id);
  EXPECT_EQ(find_thread(1), kNoThread);
}

// Also when a later thread has its slot.
TEST(ThreadRecord, AThreadThatEndedHasEndedForEver) {
  this_thread_id();
  std::vector<ThreadId> ended;
  for (int i = 0; i < 5; ++i) std::thread([&] { ended.push_back(this_thread_id()); }).join();
  std::thread([&] {
    const ThreadId later = this_thread_id();
    EXPECT_EQ(slot_of(later), slot_of(ended.back()));
    EXPECT_EQ(record_of(later), record_of(ended.back()));
    for (const ThreadId id : ended) {
      EXPECT_TRUE(has_ended(id));
      EXPECT_NE(id, later);
    }
    EXPECT_FALSE(has_ended(later));
    EXPECT_EQ(find_thread(my_ident()), later);
  }).join();
  EXPECT_EQ(std::set<ThreadId>(ended.begin(), ended.end()).size(), 5U);
}

TEST(ThreadRecord, EveryLiveThreadIsFound) {
  constexpr int kThreads = 200;  // more than the table's first chunks have room for
  std::barrier all(kThreads);
  in_parallel(kThreads, [&](int) {
    const ThreadId id = this_thread_id();
    all.arrive_and_wait();
    EXPECT_EQ(find_thread(my_ident()), id);
    EXPECT_FALSE(has_ended(id));
    all.arrive_and_wait();
  });
}

// What a thread wrote before it ended is visible to who learns of its end. ThreadSanitizer is the judge.
TEST(ThreadRecord, WhoLearnsOfAnEndSeesWhatWasDone) {
  for (int i = 0; i < 50; ++i) {
    long written = 0;
    std::atomic<ThreadId> id = kNoThread;
    std::thread thread([&] {
      id.store(this_thread_id(), std::memory_order::relaxed);
      written = 7;
    });
    raddle::test::wait_until([&] {
      const ThreadId seen = id.load(std::memory_order::relaxed);
      return seen != kNoThread && has_ended(seen);
    });
    EXPECT_EQ(written, 7);
    thread.join();
  }
}

// Ids are looked for while threads come and go: never one that belongs to another identity.
TEST(ThreadRecord, FindsNoneOfAnotherIdentity) {
  std::atomic<bool> end = false;
  const ThreadId mine = this_thread_id();
  const std::uint64_t ident = my_ident();
  std::thread looker([&] {
    while (!end) EXPECT_EQ(find_thread(ident), mine);
  });
  const auto look_for_oneself = [] {
    const ThreadId id = this_thread_id();
    EXPECT_EQ(find_thread(my_ident()), id);
  };
  for (int i = 0; i < 300; ++i) std::thread(look_for_oneself).join();
  end = true;
  looker.join();
}

TEST(ThreadRecord, InAChildOnlyTheForkingThreadIsLeft) {
  std::atomic<bool> end = false;
  std::atomic<ThreadId> other = kNoThread;
  std::atomic<std::uint64_t> ident = 0;
  std::thread thread([&] {
    ident = my_ident();
    other = this_thread_id();
    raddle::test::wait_until([&] { return end.load(); });
  });
  raddle::test::wait_until([&] { return other != kNoThread; });
  const ThreadId mine = this_thread_id();
  EXPECT_TRUE(holds_in_child([&] {
    return has_vanished(other) && has_ended(other) && find_thread(ident) == kNoThread && !has_ended(mine) &&
           this_thread_id() == mine && find_thread(my_ident()) == mine;
  }));
  end = true;
  thread.join();
}

pthread_key_t late_key;
std::atomic<ThreadId> late_id = kNoThread;
raddle::Mutex late_mutex("test", true);
void use_late(void*) {
  late_id = this_thread_id();
  raddle::test::lock(late_mutex);
  late_mutex.unlock();
}

// A destructor that runs after ours does what it does as another thread, which nobody sees end.
TEST(ThreadId, AThreadThatIsEndingGetsAnotherOne) {
  this_thread_id();  // makes the registry's key first, and keys are destroyed in that order
  ASSERT_EQ(pthread_key_create(&late_key, use_late), 0);
  ThreadId id = kNoThread;
  std::thread([&] {
    id = this_thread_id();
    pthread_setspecific(late_key, &late_key);
  }).join();
  pthread_key_delete(late_key);
  EXPECT_NE(late_id, id);
  EXPECT_EQ(slot_of(late_id), kNoSlot);
  EXPECT_EQ(record_of(late_id), nullptr);
  EXPECT_FALSE(has_ended(late_id));
  EXPECT_TRUE(has_ended(id));
  EXPECT_FALSE(late_mutex.is_locked());
}

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
