#include "raddle/sync/rw_lock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/parallel.hpp"

namespace {

using raddle::Deadline;
using raddle::kNoThread;
using raddle::PlainWaiting;
using raddle::RWLock;
using raddle::Waiting;
using raddle::test::in_parallel;
using Outcome = RWLock::Outcome;

constexpr std::int64_t kMicrosecond = 1'000;

Outcome read(RWLock& lock, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return lock.read(deadline, waiting);
}
Outcome write(RWLock& lock, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return lock.write(deadline, waiting);
}
Outcome upgradable(RWLock& lock, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return lock.upgradable(deadline, waiting);
}

// What another thread could take now: 'r', 'u', 'w'.
std::string free_for_others(RWLock& lock) {
  std::string free;
  std::thread([&] {
    if (read(lock, Deadline::passed()) == Outcome::taken) free += 'r', lock.unlock_read();
    if (upgradable(lock, Deadline::passed()) == Outcome::taken) free += 'u', lock.unlock_upgradable();
    if (write(lock, Deadline::passed()) == Outcome::taken) free += 'w', lock.unlock_write();
  }).join();
  return free;
}

void until_waiting(const RWLock& lock, std::size_t count) {
  while (lock.approx_waiting() != count) std::this_thread::yield();
}

TEST(RWLock, ReadersShareAWriterIsAlone) {
  RWLock lock;
  EXPECT_EQ(free_for_others(lock), "ruw");
  ASSERT_EQ(read(lock), Outcome::taken);
  EXPECT_EQ(free_for_others(lock), "ru");
  EXPECT_EQ(lock.approx_readers(), 1U);
  EXPECT_FALSE(lock.unlock_write());
  EXPECT_TRUE(lock.unlock_read());
  ASSERT_EQ(write(lock), Outcome::taken);
  EXPECT_EQ(free_for_others(lock), "");
  EXPECT_EQ(lock.approx_writer(), raddle::this_thread_id());
  std::thread([&] {
    EXPECT_FALSE(lock.unlock_read());
    EXPECT_FALSE(lock.unlock_write());
    EXPECT_FALSE(lock.unlock_upgradable());
  }).join();
  EXPECT_FALSE(lock.unlock_read());
  EXPECT_TRUE(lock.unlock_write());
  EXPECT_FALSE(lock.unlock_write());
  EXPECT_EQ(free_for_others(lock), "ruw");
}

TEST(RWLock, AThreadMayComeBack) {
  RWLock lock;
  ASSERT_EQ(write(lock), Outcome::taken);
  ASSERT_EQ(write(lock), Outcome::taken);
  ASSERT_EQ(read(lock), Outcome::taken);
  ASSERT_EQ(upgradable(lock), Outcome::taken);
  EXPECT_TRUE(lock.unlock_write());
  EXPECT_EQ(free_for_others(lock), "");
  EXPECT_TRUE(lock.unlock_write());
  EXPECT_EQ(free_for_others(lock), "r");
  EXPECT_TRUE(lock.unlock_upgradable());
  EXPECT_EQ(free_for_others(lock), "ru");
  ASSERT_EQ(read(lock), Outcome::taken);
  EXPECT_TRUE(lock.unlock_read());
  EXPECT_EQ(free_for_others(lock), "ru");
  EXPECT_TRUE(lock.unlock_read());
  EXPECT_EQ(free_for_others(lock), "ruw");
}

TEST(RWLock, AReaderComesBackBehindAWaitingWriter) {
  RWLock lock;
  ASSERT_EQ(read(lock), Outcome::taken);
  std::thread writer([&] {
    EXPECT_EQ(write(lock), Outcome::taken);
    lock.unlock_write();
  });
  until_waiting(lock, 1);
  EXPECT_EQ(free_for_others(lock), "");
  EXPECT_EQ(read(lock), Outcome::taken);
  EXPECT_TRUE(lock.unlock_read());
  EXPECT_TRUE(lock.unlock_read());
  writer.join();
}

TEST(RWLock, AReaderMustNotBeginToWrite) {
  RWLock lock;
  ASSERT_EQ(read(lock), Outcome::taken);
  EXPECT_EQ(write(lock), Outcome::deadlock);
  EXPECT_EQ(write(lock, Deadline::in(kMicrosecond * 1000)), Outcome::deadlock);
  EXPECT_EQ(write(lock, Deadline::passed()), Outcome::timed_out);
  EXPECT_EQ(upgradable(lock), Outcome::deadlock);
  EXPECT_EQ(free_for_others(lock), "ru");
  EXPECT_TRUE(lock.unlock_read());
  EXPECT_EQ(free_for_others(lock), "ruw");
}

TEST(RWLock, DowngradeLetsReadersInAndNoWriter) {
  RWLock lock;
  int value = 0;
  ASSERT_EQ(write(lock), Outcome::taken);
  std::thread writer([&] {
    EXPECT_EQ(write(lock), Outcome::taken);
    value = 2;
    lock.unlock_write();
  });
  std::thread reader([&] {
    EXPECT_EQ(read(lock), Outcome::taken);
    EXPECT_EQ(value, 1);
    lock.unlock_read();
  });
  until_waiting(lock, 2);
  value = 1;
  EXPECT_TRUE(lock.downgrade());
  EXPECT_FALSE(lock.is_writing());
  reader.join();
  EXPECT_EQ(value, 1);
  EXPECT_TRUE(lock.unlock_write());  // what is left of it
  writer.join();
  EXPECT_EQ(free_for_others(lock), "ruw");
}

TEST(RWLock, ADowngradedWriteIsGivenBackEitherWay) {
  RWLock lock;
  ASSERT_EQ(write(lock), Outcome::taken);
  ASSERT_EQ(write(lock), Outcome::taken);
  EXPECT_TRUE(lock.downgrade());
  EXPECT_TRUE(lock.unlock_write());  // the inner one
  EXPECT_TRUE(lock.is_writing());
  EXPECT_TRUE(lock.downgrade());
  EXPECT_EQ(free_for_others(lock), "ru");
  EXPECT_TRUE(lock.unlock_read());
  EXPECT_FALSE(lock.unlock_write());
  EXPECT_EQ(free_for_others(lock), "ruw");
}

TEST(RWLock, AnUpgradableIsTheOnlyOneAndWaitsForReaders) {
  RWLock lock;
  ASSERT_EQ(upgradable(lock), Outcome::taken);
  EXPECT_EQ(free_for_others(lock), "r");
  std::atomic<bool> reading = false, leave = false, left = false;
  std::thread reader([&] {
    EXPECT_EQ(read(lock), Outcome::taken);
    reading = true;
    while (!leave) std::this_thread::yield();
    left = true;
    lock.unlock_read();
  });
  while (!reading) std::this_thread::yield();
  EXPECT_EQ(write(lock, Deadline::in(kMicrosecond)), Outcome::timed_out);
  EXPECT_EQ(free_for_others(lock), "r");
  leave = true;
  EXPECT_EQ(write(lock), Outcome::taken);
  EXPECT_TRUE(left);
  EXPECT_EQ(free_for_others(lock), "");
  EXPECT_TRUE(lock.unlock_write());
  EXPECT_EQ(free_for_others(lock), "r");
  EXPECT_TRUE(lock.unlock_upgradable());
  reader.join();
}

TEST(RWLock, TellsWhoIsUpgradable) {
  RWLock lock;
  EXPECT_EQ(lock.approx_upgradable(), kNoThread);
  for (int round = 0; round != 2; ++round) {
    ASSERT_EQ(upgradable(lock), Outcome::taken);
    std::thread([&] { EXPECT_NE(lock.approx_upgradable(), kNoThread); }).join();
    EXPECT_EQ(lock.approx_upgradable(), raddle::this_thread_id());
    EXPECT_EQ(lock.approx_readers(), 0U);
    ASSERT_EQ(upgradable(lock), Outcome::taken);
    EXPECT_TRUE(lock.unlock_upgradable());
    EXPECT_EQ(lock.approx_upgradable(), raddle::this_thread_id());
    EXPECT_TRUE(lock.unlock_upgradable());
    EXPECT_EQ(lock.approx_upgradable(), kNoThread);
  }
  ASSERT_EQ(write(lock), Outcome::taken);
  EXPECT_EQ(lock.approx_upgradable(), kNoThread);
  EXPECT_TRUE(lock.unlock_write());
  std::thread([&] { EXPECT_EQ(upgradable(lock), Outcome::taken); }).join();
  EXPECT_EQ(write(lock), Outcome::owner_died);
  ASSERT_EQ(write(lock), Outcome::taken);
  EXPECT_EQ(lock.approx_upgradable(), kNoThread);
  EXPECT_TRUE(lock.unlock_write());
}

TEST(RWLock, AWriterThatGivesUpLetsReadersIn) {
  RWLock lock;
  ASSERT_EQ(read(lock), Outcome::taken);
  std::thread writer([&] { EXPECT_EQ(write(lock, Deadline::in(100'000 * kMicrosecond)), Outcome::timed_out); });
  until_waiting(lock, 1);
  std::thread reader([&] {
    EXPECT_EQ(read(lock), Outcome::taken);
    lock.unlock_read();
  });
  writer.join();
  reader.join();
  EXPECT_TRUE(lock.unlock_read());
  EXPECT_EQ(free_for_others(lock), "ruw");
}

// Writers take turns without a pause; a reader that is parked sees two of them begin at most.
TEST(RWLock, WritersDoNotStarveAReader) {
  RWLock lock;
  std::atomic<int> begun = 0;
  std::atomic<bool> stop = false;
  int most = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] {
      while (!stop) {
        ASSERT_EQ(write(lock), Outcome::taken);
        ++begun;
        for (int pause = 0; pause < 300; ++pause) raddle::pause();
        lock.unlock_write();
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    // Notes how many had begun when the thread went to sleep.
    struct Noting final : Waiting {
      explicit Noting(std::atomic<int>& count) : begun(count) {}
      void before_sleep() override { at_sleep = begun; }
      void after_sleep() override {}
      bool interrupted() override { return false; }
      std::int64_t patience() override { return INT64_MAX; }
      std::atomic<int>& begun;
      int at_sleep = -1;
    } waiting(begun);
    ASSERT_EQ(lock.read(Deadline::never(), waiting), Outcome::taken);
    if (waiting.at_sleep >= 0) most = std::max(most, begun - waiting.at_sleep);
    lock.unlock_read();
    std::this_thread::yield();
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_LE(most, 2);
}

TEST(RWLock, ReadersDoNotStarveAWriter) {
  RWLock lock;
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        ASSERT_EQ(read(lock), Outcome::taken);
        for (int pause = 0; pause < 300; ++pause) raddle::pause();
        lock.unlock_read();
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(write(lock), Outcome::taken);
    lock.unlock_write();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

// Gives up now and then.
class Fickle final : public Waiting {
 public:
  explicit Fickle(unsigned number) : number_(number) {}
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return ++number_ % 3 == 0; }
  std::int64_t patience() override { return 20 * kMicrosecond; }
  bool may_spin() override { return number_ % 2 == 0; }

 private:
  unsigned number_;
};

struct Shared {
  RWLock lock;
  int value = 0, twin = 0;  // guarded
  std::atomic<int> readers = 0, writers = 0;

  void while_reading() {
    ++readers;
    ASSERT_EQ(writers, 0);
    ASSERT_EQ(value, twin);
    --readers;
  }
  void while_writing() {
    ASSERT_EQ(++writers, 1);
    ASSERT_EQ(readers, 0);
    ++value;
    if (value % 64 == 0) std::this_thread::yield();
    ++twin;
    --writers;
  }
};

void do_anything(Shared& shared, unsigned number, int& written) {
  RWLock& lock = shared.lock;
  Fickle waiting(number);
  const Deadline deadline = number % 4 == 0   ? Deadline::never()
                            : number % 4 == 1 ? Deadline::passed()
                                              : Deadline::in(number % 50 * kMicrosecond);
  switch (number / 4 % 6) {
    case 0:
      if (lock.write(deadline, waiting) != Outcome::taken) return;
      ++written;
      shared.while_writing();
      if (number % 5 == 0) {
        ASSERT_TRUE(lock.downgrade());
        shared.while_reading();
      }
      ASSERT_TRUE(lock.unlock_write());
      return;
    case 1:
      if (lock.upgradable(deadline, waiting) != Outcome::taken) return;
      shared.while_reading();
      if (lock.write(deadline, waiting) == Outcome::taken) {
        ++written;
        shared.while_writing();
        ASSERT_TRUE(lock.unlock_write());
      }
      shared.while_reading();
      ASSERT_TRUE(lock.unlock_upgradable());
      return;
    default:
      if (lock.read(deadline, waiting) != Outcome::taken) return;
      shared.while_reading();
      ASSERT_TRUE(lock.unlock_read());
  }
}

TEST(RWLock, ExcludesWithTimeoutsAndInterrupts) {
  constexpr int kThreads = 5, kRounds = 20'000;
  Shared shared;
  std::atomic<int> written = 0;
  in_parallel(kThreads, [&](int index) {
    std::minstd_rand random(static_cast<unsigned>(index) + 1);
    int mine = 0;
    for (int i = 0; i < kRounds; ++i) do_anything(shared, static_cast<unsigned>(random()) / 7, mine);
    written += mine;
  });
  EXPECT_EQ(shared.value, written);
  EXPECT_EQ(shared.value, shared.twin);
  EXPECT_GT(written, kThreads * kRounds / 100);
  EXPECT_EQ(free_for_others(shared.lock), "ruw");
  EXPECT_EQ(shared.lock.approx_waiting(), 0U);
}

}  // namespace
