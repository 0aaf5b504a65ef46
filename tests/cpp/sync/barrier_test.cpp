#include "raddle/sync/barrier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "support/parallel.hpp"
#include "support/queues.hpp"

namespace {

using raddle::Barrier;
using raddle::Deadline;
using raddle::PlainWaiting;
using raddle::Waiting;
using raddle::test::holds_in_child;
using raddle::test::in_parallel;
using Outcome = Barrier::Outcome;

constexpr auto nothing = [] { return true; };

// Arrives, and does the action if it is the last. Its index, or -1: broken.
template <class Action = decltype(nothing)>
int arrive(Barrier& barrier, Deadline deadline = Deadline::never(), Action action = nothing) {
  PlainWaiting waiting;
  Barrier::Arrival arrival;
  Outcome outcome = barrier.wait(arrival, deadline, waiting);
  if (outcome == Outcome::last) outcome = barrier.finish(arrival, action());
  return outcome == Outcome::released ? static_cast<int>(arrival.index()) : -1;
}
void until_arrived(Barrier& barrier, std::uint64_t count) {
  while (barrier.waiting() != count) std::this_thread::yield();
}

TEST(Barrier, LetsAllGoWhenAllAreThere) {
  constexpr int kThreads = 4, kRounds = 2'000;
  Barrier barrier(kThreads);
  std::vector<int> rounds(kThreads);
  std::atomic<long> indexes = 0;
  in_parallel(kThreads, [&](int me) {
    for (int round = 1; round <= kRounds; ++round) {
      rounds[static_cast<std::size_t>(me)] = round;
      indexes += arrive(barrier);
      for (const int other : rounds) ASSERT_EQ(other, round);
      indexes += arrive(barrier);
    }
  });
  EXPECT_EQ(indexes, 2L * kRounds * (0 + 1 + 2 + 3));
  EXPECT_EQ(barrier.waiting(), 0U);
}

TEST(Barrier, OnePartyDoesNotWait) {
  Barrier barrier(1);
  int done = 0;
  EXPECT_EQ(arrive(barrier, Deadline::never(), [&] { return ++done, true; }), 0);
  EXPECT_EQ(done, 1);
}

// More threads than parties: rounds follow each other, and their actions.
TEST(Barrier, NoTwoActionsAtOnce) {
  constexpr int kThreads = 6, kRounds = 2'000;
  Barrier barrier(2);
  std::atomic<int> inside = 0;
  int actions = 0;  // guarded by the barrier
  const auto action = [&] {
    EXPECT_EQ(++inside, 1);
    ++actions;
    if (actions % 100 == 0) std::this_thread::yield();
    --inside;
    return actions < kRounds;  // the last one breaks it, or a thread would be left alone
  };
  in_parallel(kThreads, [&](int) {
    while (arrive(barrier, Deadline::never(), action) >= 0) {
    }
  });
  EXPECT_EQ(actions, kRounds);
}

TEST(Barrier, ATimeLimitBreaksIt) {
  Barrier barrier(3);
  std::thread other([&] { EXPECT_EQ(arrive(barrier), -1); });
  until_arrived(barrier, 1);
  EXPECT_EQ(arrive(barrier, Deadline::in(1'000'000)), -1);
  other.join();
  EXPECT_TRUE(barrier.is_broken());
  EXPECT_EQ(arrive(barrier), -1);
  barrier.reset();
  EXPECT_FALSE(barrier.is_broken());
  in_parallel(3, [&](int) { EXPECT_GE(arrive(barrier), 0); });
}

TEST(Barrier, AnActionThatFailsBreaksIt) {
  Barrier barrier(2);
  in_parallel(2, [&](int) { EXPECT_EQ(arrive(barrier, Deadline::never(), [] { return false; }), -1); });
  EXPECT_TRUE(barrier.is_broken());
}

// Who is in a full round does not break it: it waits for the action's end. Who comes meanwhile waits too.
TEST(Barrier, AFullRoundIsNotBrokenByTimeLimits) {
  Barrier barrier(2);
  std::atomic<bool> acting = false, go_on = false;
  const Deadline deadline = Deadline::in(300'000'000);  // until then the other arrives, also where many tests run
  std::thread first([&] { EXPECT_EQ(arrive(barrier, deadline), 0); });
  until_arrived(barrier, 1);
  std::thread last([&] {
    EXPECT_EQ(arrive(barrier, Deadline::never(),
                     [&] {
                       acting = true;
                       while (!go_on || !deadline.has_passed()) std::this_thread::yield();
                       return true;
                     }),
              1);
  });
  while (!acting) std::this_thread::yield();
  EXPECT_EQ(arrive(barrier, Deadline::in(3'000'000)), -1);  // not in it, and breaks what follows
  EXPECT_TRUE(barrier.is_broken());
  go_on = true;
  first.join();
  last.join();
  EXPECT_EQ(barrier.waiting(), 0U);
}

TEST(Barrier, ResetAndAbortEndTheRound) {
  Barrier barrier(2);
  for (const bool breaks : {false, true}) {
    std::thread other([&] { EXPECT_EQ(arrive(barrier), -1); });
    until_arrived(barrier, 1);
    breaks ? barrier.abort() : barrier.reset();
    other.join();
    EXPECT_EQ(barrier.is_broken(), breaks);
    EXPECT_EQ(barrier.waiting(), 0U);
  }
}

// A slow thread learns what became of its own round, though the next one has been broken.
TEST(Barrier, EachRoundHasItsOwnResult) {
  constexpr int kRounds = 500;
  Barrier barrier(2);
  for (int round = 0; round < kRounds; ++round) {
    std::thread other([&] { EXPECT_GE(arrive(barrier), 0); });
    EXPECT_GE(arrive(barrier), 0);
    barrier.abort();
    barrier.reset();
    other.join();
  }
}

// A wait that forks, as a signal handler may do, and counts in the child.
class Forking final : public Waiting {
 public:
  explicit Forking(Barrier& barrier) : barrier_(barrier) {}
  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override {
    if (done_) return false;
    done_ = true;
    EXPECT_TRUE(holds_in_child([&] {
      const bool counted = barrier_.waiting() == 1;
      std::thread other([&] { arrive(barrier_); });
      other.join();
      return counted && barrier_.waiting() == 0;
    }));
    // Not before the fork: sanitizers want the forking thread alone, if the child starts threads.
    late_ = std::thread([this] { EXPECT_EQ(arrive(barrier_), 1); });
    return false;
  }
  void join() { late_.join(); }
  std::int64_t patience() override { return 1'000'000; }

 private:
  Barrier& barrier_;
  bool done_ = false;
  std::thread late_;
};

TEST(Barrier, InAChildOnlyTheForkingThreadHasArrived) {
  Barrier barrier(3);
  std::thread other([&] { EXPECT_GE(arrive(barrier), 0); });
  until_arrived(barrier, 1);
  EXPECT_TRUE(holds_in_child([&] {
    return barrier.waiting() == 0 && arrive(barrier, Deadline::in(1'000'000)) == -1 && barrier.is_broken();
  }));
  std::thread last([&] { EXPECT_GE(arrive(barrier), 0); });
  EXPECT_GE(arrive(barrier), 0);
  other.join();
  last.join();

  Barrier pair(2);
  Forking waiting(pair);
  Barrier::Arrival arrival;
  EXPECT_EQ(pair.wait(arrival, Deadline::never(), waiting), Outcome::released);
  waiting.join();
}

// However far another thread has come with the end of the round when it vanishes, the wait can be ended in the
// child.
class ForkingOnce final : public Waiting {
 public:
  ForkingOnce(Barrier& barrier, bool& good) : barrier_(barrier), good_(good) {}
  void before_sleep() override {}
  void after_sleep() override {}
  std::int64_t patience() override { return 1; }
  bool interrupted() override {
    if (in_child || done_) return false;
    done_ = true;
    if (const pid_t child = fork(); child != 0) {
      int status = 0;
      waitpid(child, &status, 0);
      good_ = good_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    } else {
      in_child = true;
      alarm(10);
      barrier_.abort();
    }
    return false;
  }
  bool in_child = false;

 private:
  Barrier& barrier_;
  bool& good_;
  bool done_ = false;
};

TEST(Barrier, AForkWhileARoundIsEndedLeavesNobodyInIt) {
  Barrier barrier(2);
  bool good = true;
  std::atomic<bool> end = false;
  std::thread other([&] {
    unsigned steps = 0;
    while (!end) {
      barrier.reset();
      if (++steps % 16 == 0) std::this_thread::yield();
    }
  });
  for (int round = 0; round < 300 && good; ++round) {
    ForkingOnce waiting(barrier, good);
    Barrier::Arrival arrival;
    barrier.wait(arrival, Deadline::never(), waiting);
    if (waiting.in_child) _exit(0);
  }
  end = true;
  other.join();
  EXPECT_TRUE(good);
}

}  // namespace
