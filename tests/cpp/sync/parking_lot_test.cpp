#include "raddle/sync/parking_lot.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#include "support/parallel.hpp"

namespace {

using raddle::Deadline;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::Waiting;
using raddle::test::in_parallel;
using Outcome = ParkingLot::Outcome;

constexpr std::int64_t kMillisecond = 1'000'000;

Outcome park(const void* address, Deadline deadline = Deadline::never()) {
  PlainWaiting waiting;
  return ParkingLot::park(address, "test", [] { return true; }, deadline, waiting);
}

std::size_t parked_under(const void* address) {
  std::size_t count = 0;
  ParkingLot::for_each([&](const ParkingLot::Parked& parked) { count += parked.address == address; });
  return count;
}

Outcome park(const void* address, Waiting& waiting) {
  return ParkingLot::park(address, "test", [] { return true; }, Deadline::never(), waiting);
}

void wait_until_parked(const void* address, std::size_t count) {
  while (parked_under(address) != count) std::this_thread::yield();
}

TEST(ParkingLot, ValidateDecidesWhetherToWait) {
  int place = 0;
  PlainWaiting waiting;
  EXPECT_EQ(
      ParkingLot::park(&place, "test", [] { return false; }, Deadline::never(), waiting), Outcome::not_parked);
  EXPECT_EQ(parked_under(&place), 0U);
}

TEST(ParkingLot, TimesOut) {
  int place = 0;
  const std::int64_t begin = Deadline::now();
  EXPECT_EQ(park(&place, Deadline::in(20 * kMillisecond)), Outcome::timed_out);
  EXPECT_GE(Deadline::now() - begin, 20 * kMillisecond);
  EXPECT_EQ(park(&place, Deadline::passed()), Outcome::timed_out);
  EXPECT_EQ(parked_under(&place), 0U);
}

TEST(ParkingLot, WakesInOrderAndByAddressOnly) {
  int place = 0, other = 0;
  std::atomic<int> turn = 0;
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      EXPECT_EQ(park(&place), Outcome::woken);
      order.push_back(i);
      ++turn;
    });
    wait_until_parked(&place, static_cast<std::size_t>(i) + 1);
  }
  EXPECT_FALSE(ParkingLot::unpark_one(&other));
  for (int i = 0; i < 3; ++i) {
    bool more = false;
    EXPECT_TRUE(ParkingLot::unpark_one(&place, [&](bool others) { more = others; }));
    EXPECT_EQ(more, i < 2);
    while (turn != i + 1) std::this_thread::yield();
  }
  bool called = false;
  EXPECT_FALSE(ParkingLot::unpark_one(&place, [&](bool more) { called = !more; }));
  EXPECT_TRUE(called);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST(ParkingLot, UnparksAll) {
  int place = 0;
  std::thread waker([&] {
    wait_until_parked(&place, 3);
    EXPECT_EQ(ParkingLot::unpark_all(&place), 3U);
  });
  in_parallel(3, [&](int) { EXPECT_EQ(park(&place), Outcome::woken); });
  waker.join();
  EXPECT_EQ(ParkingLot::unpark_all(&place), 0U);
}

// All are asked before the callback, and it runs before any of them does.
TEST(ParkingLot, UnparksAllAndHandsOverToSome) {
  int place = 0;
  std::atomic<int> asked = 0, running = 0;
  std::thread waker([&] {
    wait_until_parked(&place, 4);
    bool called = false;
    EXPECT_EQ(ParkingLot::unpark_all(
                  &place, [&](const ParkingLot::Parked& parked) { return ++asked, parked.tag % 2 == 0; },
                  [&] { called = asked == 4 && running == 0; }),
              4U);
    EXPECT_TRUE(called);
  });
  in_parallel(4, [&](int thread) {
    PlainWaiting waiting;
    const auto tag = static_cast<std::uint64_t>(thread);
    const Outcome outcome =
        ParkingLot::park({&place, "test", nullptr, tag}, [] { return true; }, Deadline::never(), waiting);
    ++running;
    EXPECT_EQ(outcome, thread % 2 == 0 ? Outcome::handed_over : Outcome::woken);
  });
  waker.join();
}

TEST(ParkingLot, TellsWhoWaitsForWhat) {
  int place = 0;
  const std::int64_t begin = Deadline::now();
  std::thread thread([&] { park(&place); });
  wait_until_parked(&place, 1);
  ParkingLot::for_each([&](const ParkingLot::Parked& parked) {
    if (parked.address != &place) return;
    EXPECT_STREQ(parked.what, "test");
    EXPECT_NE(parked.thread, 0U);
    EXPECT_GE(parked.since, begin);
    EXPECT_LE(parked.since, Deadline::now());
  });
  ParkingLot::unpark_one(&place);
  thread.join();
}

// Calls what it is given, and counts.
struct ScriptedWaiting final : Waiting {
  void before_sleep() override { ++sleeps; }
  void after_sleep() override { ++ends; }
  bool interrupted() override { return ++looks, on_look(); }
  std::int64_t patience() override { return kMillisecond; }

  int sleeps = 0, ends = 0, looks = 0;
  std::function<bool()> on_look = [] { return false; };
};

TEST(ParkingLot, GivesUpWhenInterrupted) {
  int place = 0;
  ScriptedWaiting waiting;
  waiting.on_look = [&] { return waiting.looks == 3; };
  EXPECT_EQ(
      ParkingLot::park(&place, "test", [] { return true; }, Deadline::never(), waiting), Outcome::interrupted);
  EXPECT_EQ(waiting.sleeps, 3);
  EXPECT_EQ(waiting.ends, 3);
  EXPECT_EQ(parked_under(&place), 0U);
}

// No wake-up can go to a thread that is busy with a signal handler, and none is needed: it looks again.
TEST(ParkingLot, IsInNoQueueWhileSignalsAreLookedAt) {
  int place = 0;
  bool ready = false;
  ScriptedWaiting waiting;
  waiting.on_look = [&] {
    EXPECT_EQ(parked_under(&place), 0U);
    EXPECT_FALSE(ParkingLot::unpark_one(&place));
    ready = waiting.looks == 2;
    return false;
  };
  EXPECT_EQ(
      ParkingLot::park(&place, "test", [&] { return !ready; }, Deadline::never(), waiting), Outcome::not_parked);
  EXPECT_EQ(waiting.looks, 2);
}

// Whether it came first or second.
TEST(ParkingLot, KeepsItsTurnWhenSignalsAreLookedAt) {
  for (const bool looks_first : {true, false}) {
    int place = 0;
    std::atomic<bool> end = false;
    ScriptedWaiting looking;
    looking.on_look = [&] { return end.load(); };
    const auto look_out = [&] { park(&place, looking); };
    const auto sleep_on = [&] { park(&place); };
    std::thread first = looks_first ? std::thread(look_out) : std::thread(sleep_on);
    wait_until_parked(&place, 1);
    std::thread second = looks_first ? std::thread(sleep_on) : std::thread(look_out);
    for (int seen = 0; seen < 20;) {
      std::vector<std::int64_t> since;
      ParkingLot::for_each([&](const ParkingLot::Parked& parked) {
        if (parked.address == &place) since.push_back(parked.since);
      });
      if (since.size() != 2) continue;  // one looks for signals just now, or is not there yet
      ++seen;
      EXPECT_LE(since[0], since[1]);
    }
    end = true;
    (looks_first ? first : second).join();
    ParkingLot::unpark_one(&place);
    (looks_first ? second : first).join();
  }
}

// A handler that waits itself, for the same place, gets the wake-up.
TEST(ParkingLot, WaitsNest) {
  int place = 0;
  ScriptedWaiting waiting;
  std::thread waker([&] {
    wait_until_parked(&place, 1);
    while (!ParkingLot::unpark_one(&place)) std::this_thread::yield();
  });
  waiting.on_look = [&] {
    if (waiting.looks == 1) {
      EXPECT_EQ(park(&place), Outcome::woken);
    }
    return waiting.looks == 2;
  };
  // If the waker comes before the first look, the outer wait has it and there is no inner one.
  const Outcome outcome = park(&place, waiting);
  EXPECT_TRUE(outcome == Outcome::woken || outcome == Outcome::interrupted);
  waker.join();
}

TEST(ParkingLot, ForkEmptiesTheQueuesOfTheChild) {
  int place = 0;
  std::thread parked([&] { park(&place); });
  wait_until_parked(&place, 1);
  std::atomic<bool> stop = false;
  std::thread busy([&] {  // holds bucket locks when the fork comes
    while (!stop) parked_under(&place);
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(10);
      const bool empty = parked_under(&place) == 0 && !ParkingLot::unpark_one(&place);
      const bool works = park(&place, Deadline::in(kMillisecond)) == Outcome::timed_out;
      _exit(empty && works ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  stop = true;
  busy.join();
  ParkingLot::unpark_one(&place);
  parked.join();
}

TEST(ParkingLot, AWaitThatForksInAHandlerLooksAgainInTheChild) {
  int place = 0;
  ScriptedWaiting waiting;
  pid_t child = -1;
  waiting.on_look = [&] {
    if (waiting.looks == 1) child = fork();
    if (child == 0) alarm(10);
    return child != 0 && waiting.looks == 3;
  };
  const Outcome outcome = ParkingLot::park(&place, "test", [&] { return child != 0; }, Deadline::never(), waiting);
  if (child == 0) _exit(outcome == Outcome::not_parked ? 0 : 1);
  EXPECT_EQ(outcome, Outcome::interrupted);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// Tokens are handed from thread to thread; every wake-up that is lost strands the test.
TEST(ParkingLot, NoWakeUpIsLost) {
  std::atomic<int> tokens = 0;
  constexpr int kTokens = 20'000;
  in_parallel(4, [&](int thread) {
    if (thread < 2) {
      for (int i = 0; i < kTokens; ++i) {
        ++tokens;
        ParkingLot::unpark_one(&tokens);
      }
      return;
    }
    for (int taken = 0; taken < kTokens;) {
      int seen = tokens.load();
      if (seen > 0 && tokens.compare_exchange_strong(seen, seen - 1)) {
        ++taken;
        continue;
      }
      ScriptedWaiting waiting;
      waiting.on_look = [&] { return waiting.looks % 3 == 0; };
      ParkingLot::park(&tokens, "test", [&] { return tokens.load() == 0; }, Deadline::never(), waiting);
    }
  });
  EXPECT_EQ(tokens, 0);
}

}  // namespace
