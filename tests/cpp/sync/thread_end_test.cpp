#include "raddle/sync/thread_end.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace raddle {
namespace {

// A thread that ends when it is told to.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {
    while (id_ == kNoThread) std::this_thread::yield();
  }
  ~Worker() { end(); }
  ThreadId id() const { return id_; }
  void end() {
    go_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    id_ = this_thread_id();
    while (!go_) std::this_thread::yield();
  }
  std::atomic<ThreadId> id_{kNoThread};
  std::atomic<bool> go_{false};
  std::thread thread_;
};

TEST(ThreadEnd, IsWaitedFor) {
  Worker worker;
  PlainWaiting waiting;
  EXPECT_EQ(ThreadEnd(worker.id()).wait(Deadline::passed(), waiting), ThreadEndOutcome::timed_out);
  EXPECT_EQ(ThreadEnd(worker.id()).wait(Deadline::in(1'000'000), waiting), ThreadEndOutcome::timed_out);
  std::thread ender([&] { worker.end(); });
  EXPECT_EQ(ThreadEnd(worker.id()).wait(Deadline::never(), waiting), ThreadEndOutcome::ended);
  ender.join();
  EXPECT_EQ(ThreadEnd(worker.id()).wait(Deadline::never(), waiting), ThreadEndOutcome::ended);
}

TEST(ThreadEnd, WakesEverybody) {
  Worker worker;
  std::vector<std::thread> crew;
  for (int i = 0; i < 4; ++i) {
    crew.emplace_back([&] {
      PlainWaiting waiting;
      EXPECT_EQ(ThreadEnd(worker.id()).wait(Deadline::never(), waiting), ThreadEndOutcome::ended);
    });
  }
  worker.end();
  for (std::thread& thread : crew) thread.join();
}

// Beginning to wait and ending meet at every moment.
TEST(ThreadEnd, IsNotMissed) {
  for (int round = 0; round < 200; ++round) {
    Worker worker;
    std::thread ender([&] { worker.end(); });
    PlainWaiting waiting;
    EXPECT_EQ(ThreadEnd(worker.id()).wait(Deadline::never(), waiting), ThreadEndOutcome::ended);
    ender.join();
  }
}

TEST(ThreadEnd, NamesTheThread) {
  Worker worker;
  const ThreadEnd end(worker.id());
  EXPECT_TRUE(end.is_owned_by(worker.id()));
  EXPECT_FALSE(end.is_owned_by(this_thread_id()));
}

}  // namespace
}  // namespace raddle
