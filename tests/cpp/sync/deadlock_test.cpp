#include "raddle/sync/deadlock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "raddle/sync/mutex.hpp"
#include "support/locks.hpp"
#include "support/parallel.hpp"

namespace {

using raddle::Awaited;
using raddle::Deadline;
using raddle::kNoThread;
using raddle::LockOutcome;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::Waiting;
using raddle::test::comes_true;
using raddle::test::in_parallel;
using raddle::test::is_parked;
using raddle::test::kMillisecond;
using raddle::test::let_pass;
using raddle::test::lock;
using raddle::test::LookingWaiting;
using raddle::test::ToldWaiting;
using raddle::test::wait_until;
using raddle::test::wait_until_parked;

// A thread that waits for others until somebody says that it need not, or it is told of a deadlock.
class Waiter {
 public:
  Waiter() = default;
  ~Waiter() { end(); }
  Waiter(const Waiter&) = delete;

  // Begins to wait for these.
  void wait_for(std::vector<ThreadId> owners, Waiting* waiting = nullptr) {
    owners_.ids = std::move(owners);
    thread_ = std::thread([this, waiting] {
      const ThreadId me = this_thread_id();
      since = Deadline::now();
      for (bool first = true; !free; first = false) {
        if (!first) wait_until([this] { return !hold_back; });
        id = me;
        outcome = ParkingLot::park(
            {&free, "test", &owners_, 0, since}, [this] { return !free.load(); }, Deadline::never(),
            waiting != nullptr ? *waiting : told);
        if (outcome == ParkingLot::Outcome::interrupted) break;
      }
      wait_until([this] { return may_end.load(); });
    });
    wait_until([this] { return told.told || (id != kNoThread && is_parked(id)); });
  }
  void release() {
    free = true;
    ParkingLot::unpark_all(&free);
  }
  void end() {
    release();
    hold_back = false;
    may_end = true;
    if (thread_.joinable()) thread_.join();
  }
  void set_owners(std::vector<ThreadId> owners) { owners_.ids = std::move(owners); }

  std::atomic<ThreadId> id = kNoThread;
  std::atomic<std::int64_t> since = 0;
  std::atomic<bool> free = false, hold_back = false, may_end = false;
  std::atomic<ParkingLot::Outcome> outcome = ParkingLot::Outcome::not_parked;
  ToldWaiting told;

 private:
  struct Owners final : Awaited {
    void for_each_owner(Visit visit, void* context) const override {
      for (const ThreadId owner : ids)
        if (!visit(context, owner)) return;
    }
    std::vector<ThreadId> ids;
  } owners_;
  std::thread thread_;
};

// Threads in a ring, each with a lock, each waiting for the lock of the next. They begin to wait one after the
// other, `first` the first; who is told gives up, and then everybody gets what it waits for.
struct Ring {
  explicit Ring(std::size_t size) : outcomes(size), waits(size) {
    for (std::size_t i = 0; i < size; ++i) mutexes.emplace_back("test");
  }
  void run(std::size_t first) {
    const std::size_t size = mutexes.size();
    std::atomic<std::size_t> held = 0;
    std::deque<std::atomic<ThreadId>> ids(size);
    in_parallel(static_cast<int>(size), [&](int index) {
      const auto me = static_cast<std::size_t>(index);
      lock(mutexes[me]);
      ++held;
      wait_until([&] { return held == size; });
      if (me != first) wait_until_parked(ids[(me + size - 1) % size]);
      ids[me] = this_thread_id();
      Mutex& next = mutexes[(me + 1) % size];
      outcomes[me] = next.lock(LockStyle::owned, Deadline::never(), waits[me]);
      if (outcomes[me] == LockOutcome::taken) next.unlock();
      mutexes[me].unlock();
    });
  }
  void expect_one_told(std::size_t which) const {
    for (std::size_t i = 0; i < waits.size(); ++i) {
      EXPECT_EQ(waits[i].told, i == which);
      EXPECT_EQ(outcomes[i], i == which ? LockOutcome::interrupted : LockOutcome::taken);
    }
    std::set<const void*> addresses;
    for (const auto& link : waits[which].links) addresses.insert(link.address);
    EXPECT_EQ(waits[which].links.size(), waits.size());
    EXPECT_EQ(addresses.size(), waits.size());
    for (std::size_t i = 1; i < waits.size(); ++i) EXPECT_NE(waits[which].links[i].subject, nullptr);
  }

  std::deque<Mutex> mutexes;
  std::vector<LockOutcome> outcomes;
  std::deque<ToldWaiting> waits;
};

TEST(Deadlock, OfTwoTheLatestIsTold) {
  for (const std::size_t first : {0U, 1U}) {
    Ring ring(2);
    ring.run(first);
    ring.expect_one_told(1 - first);
  }
}
TEST(Deadlock, OfThreeTheLatestIsTold) {
  Ring ring(3);
  ring.run(1);
  ring.expect_one_told(0);
}
TEST(Deadlock, OfSixtyFourTheLatestIsTold) {
  Ring ring(64);
  ring.run(40);
  ring.expect_one_told(39);
}

TEST(Deadlock, AThreadThatWaitsForItselfIsTold) {
  Mutex mutex("test");
  lock(mutex);
  ToldWaiting waiting;
  EXPECT_EQ(mutex.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::interrupted);
  ASSERT_EQ(waiting.links.size(), 1U);
  EXPECT_EQ(waiting.links[0].thread, this_thread_id());
  mutex.unlock();
}

// Who must have what it waits for cannot be told. The other one looked long ago, when there was no cycle.
TEST(Deadlock, IfTheLatestCannotBeToldAnotherIs) {
  Mutex a("test"), b("test");
  lock(a);
  std::atomic<ThreadId> id = kNoThread;
  ToldWaiting told;
  std::thread other([&] {
    lock(b);
    id = this_thread_id();
    EXPECT_EQ(a.lock(LockStyle::owned, Deadline::never(), told), LockOutcome::interrupted);
    b.unlock();
  });
  wait_until_parked(id);
  let_pass(50 * kMillisecond);
  EXPECT_EQ(lock(b), LockOutcome::taken);
  EXPECT_TRUE(told.told);
  b.unlock();
  a.unlock();
  other.join();
}

// While this thread waits for something else, in a signal handler, it seems to be on no way.
TEST(Deadlock, IsFoundByWhoComesBackFromAnotherWait) {
  Mutex a("test"), b("test");
  lock(a);
  std::atomic<bool> has_b = false, handles = false;
  std::atomic<int> told = 0;
  std::thread other([&] {
    lock(b);
    has_b = true;
    wait_until([&] { return handles.load(); });
    ToldWaiting waiting;
    if (a.lock(LockStyle::owned, Deadline::never(), waiting) == LockOutcome::taken)
      a.unlock();
    else
      ++told;
    b.unlock();
  });
  struct Handling final : ToldWaiting {
    bool interrupted() override { return ++looks == 50 ? handle() : void(), false; }
    std::int64_t patience() override { return kMillisecond; }
    int looks = 0;
    std::function<void()> handle = [] {};
  } waiting;
  waiting.handle = [&] {
    handles = true;
    PlainWaiting nested;
    std::atomic<bool> never = false;
    ParkingLot::park(&never, "test", [] { return true; }, Deadline::in(100 * kMillisecond), nested);
  };
  wait_until([&] { return has_b.load(); });
  if (b.lock(LockStyle::owned, Deadline::never(), waiting) == LockOutcome::taken)
    b.unlock();
  else
    ++told;
  a.unlock();
  other.join();
  EXPECT_EQ(told, 1);
}

TEST(Deadlock, WhatWasTakenAsASignalIsWaitedForByNobodyInParticular) {
  Mutex mutex("test");
  lock(mutex, Deadline::never(), LockStyle::signal);
  std::atomic<ThreadId> me = this_thread_id();
  std::thread other([&] {
    wait_until_parked(me);
    let_pass(50 * kMillisecond);
    mutex.unlock();
  });
  ToldWaiting waiting;
  EXPECT_EQ(mutex.lock(LockStyle::signal, Deadline::never(), waiting), LockOutcome::taken);
  EXPECT_FALSE(waiting.told);
  other.join();
}

TEST(Deadlock, AWaitWithATimeLimitEndsByItself) {
  Mutex a("test"), b("test");
  lock(a);
  std::atomic<bool> has_b = false;
  ToldWaiting endless, limited;
  std::thread other([&] {
    lock(b);
    has_b = true;
    EXPECT_EQ(a.lock(LockStyle::owned, Deadline::never(), endless), LockOutcome::taken);
    a.unlock();
    b.unlock();
  });
  wait_until([&] { return has_b && a.approx_waiting() == 1; });
  EXPECT_EQ(b.lock(LockStyle::owned, Deadline::in(60 * kMillisecond), limited), LockOutcome::timed_out);
  a.unlock();
  other.join();
  EXPECT_FALSE(endless.told || limited.told);
}

// Ways that lead to this thread, which runs, are no cycles, however many there are.
TEST(Deadlock, WhereverItIsWaitedForAThreadThatRunsIsNone) {
  const ThreadId me = this_thread_id();
  Waiter one, several, second, third;
  one.wait_for({me});
  several.wait_for({me, one.id});
  second.wait_for({several.id});
  third.wait_for({one.id, second.id, me});
  let_pass(40 * kMillisecond);
  EXPECT_FALSE(one.told.told || several.told.told || second.told.told || third.told.told);
}

// A thread that awaits three, of which the last waits for it.
TEST(Deadlock, GoesThroughOneOfSeveralOwners) {
  Mutex held("test");
  Waiter idle, several;
  const ThreadId runs = this_thread_id();
  idle.wait_for({runs});
  std::atomic<ThreadId> holder = kNoThread;
  std::atomic<bool> back = false;
  std::thread thread([&] {
    const LockOutcome taken = lock(held);
    holder = this_thread_id();
    wait_until([&] { return several.id != kNoThread; });
    struct One final : Awaited {
      explicit One(ThreadId id) : owner(id) {}
      void for_each_owner(Visit visit, void* context) const override { visit(context, owner); }
      const ThreadId owner;
    } one(several.id);
    ToldWaiting waiting;
    ParkingLot::park({&one, "test", &one}, [] { return true; }, Deadline::never(), waiting);
    back = waiting.told.load();
    EXPECT_EQ(taken, LockOutcome::taken);
    held.unlock();
  });
  wait_until([&] { return holder != kNoThread; });
  several.wait_for({runs, idle.id, holder});
  EXPECT_TRUE(comes_true([&] { return back.load(); }));
  EXPECT_FALSE(several.told.told || idle.told.told);
  thread.join();
}

// The latest looks when another one is just busy with a signal handler, for long.
TEST(Deadlock, IsFoundLaterWhenAThreadOnTheWayLooksForSignals) {
  Mutex a("test"), b("test");
  std::atomic<bool> has_a = false, in_handler = false, go_on = false;
  std::thread first([&] {
    lock(a);
    has_a = true;
    wait_until([&] { return b.is_locked(); });
    LookingWaiting waiting([&] {
      in_handler = true;
      wait_until([&] { return go_on.load(); });
      return false;
    });
    EXPECT_EQ(b.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::taken);
    b.unlock();
    a.unlock();
  });
  wait_until([&] { return has_a.load(); });
  lock(b);
  wait_until([&] { return in_handler.load(); });
  std::thread handler([&] {
    wait_until([&] { return a.approx_waiting() == 1; });
    let_pass(40 * kMillisecond);  // it has looked by now
    go_on = true;
  });
  ToldWaiting waiting;
  EXPECT_EQ(a.lock(LockStyle::owned, Deadline::never(), waiting), LockOutcome::interrupted);
  b.unlock();
  handler.join();
  first.join();
}

// The latest looks while another one is awake for a moment, woken in vain. That one comes back in its old turn,
// and so it is not the latest; the latest looks no more.
TEST(Deadlock, IsFoundByWhoWasAwakeWhenTheLatestLooked) {
  Waiter early, late;
  early.hold_back = true;
  early.wait_for({});
  ParkingLot::unpark_one(&early.free);
  wait_until([&] { return !is_parked(early.id); });
  late.wait_for({early.id});
  early.set_owners({late.id});
  let_pass(40 * kMillisecond);
  EXPECT_FALSE(late.told.told);
  early.hold_back = false;
  EXPECT_TRUE(comes_true([&] { return early.told.told || late.told.told; }));
}

// The latest waits for something that it must have before it may go on: then another one is told.
TEST(Deadlock, AnotherIsToldIfTheLatestCannotBe) {
  Mutex a("test"), b("test");
  std::atomic<bool> has_a = false;
  ToldWaiting waiting;
  std::atomic<LockOutcome> outcome = LockOutcome::taken;
  std::thread first([&] {
    lock(a);
    has_a = true;
    wait_until([&] { return b.is_locked(); });
    outcome = b.lock(LockStyle::owned, Deadline::never(), waiting);
    if (outcome == LockOutcome::taken) b.unlock();
    a.unlock();
  });
  wait_until([&] { return has_a.load(); });
  lock(b);
  wait_until([&] { return b.approx_waiting() == 1; });
  std::atomic<bool> end = false;
  std::thread rescuer([&] {  // if nobody is told, the test fails instead of hanging
    if (!comes_true([&] { return waiting.told || end; })) b.unlock();
  });
  EXPECT_EQ(lock(a), LockOutcome::taken);
  EXPECT_EQ(outcome, LockOutcome::interrupted);
  end = true;
  a.unlock();
  b.unlock();
  first.join();
  rescuer.join();
}

// In two cycles, the latest of one of them only: when the other cycle is gone, this one is still to be found.
TEST(Deadlock, AThreadInTwoCyclesIsToldOfTheSecond) {
  struct Both final : Awaited {
    void for_each_owner(Visit visit, void* context) const override {
      for (const auto* id : {&later, &earlier})
        if (*id != kNoThread && !visit(context, *id)) return;
    }
    std::atomic<ThreadId> later = kNoThread, earlier = kNoThread;
  } both;
  std::atomic<ThreadId> me = kNoThread;
  std::atomic<bool> go_on = false, free = false;
  ToldWaiting waiting;
  std::thread thread([&] {
    me = this_thread_id();
    wait_until([&] { return go_on.load(); });
    ParkingLot::park({&both, "test", &both}, [&] { return !free.load(); }, Deadline::never(), waiting);
  });
  wait_until([&] { return me != kNoThread; });
  Waiter earlier, later;
  earlier.wait_for({me});
  both.earlier = earlier.id.load();
  // It knows of the later one when it waits already.
  go_on = true;
  wait_until([&] { return waiting.told || earlier.told.told || is_parked(me); });
  later.wait_for({me});
  both.later = later.id.load();
  // On a slow machine the earlier one may think that this one will not be told.
  EXPECT_TRUE(comes_true([&] { return waiting.told || earlier.told.told; }));
  free = true;
  ParkingLot::unpark_all(&both);
  thread.join();
}

// --- stress ---

// Threads that take two of three locks for long, and give up now and then. In one order nobody is ever told; in
// any order somebody is, and everybody ends.
int count_told(bool in_order) {
  std::deque<Mutex> mutexes;
  for (int i = 0; i < 3; ++i) mutexes.emplace_back("test");
  std::atomic<int> told = 0;
  in_parallel(4, [&](int thread) {
    std::minstd_rand random(static_cast<unsigned>(thread) + 1);
    struct Both final : Waiting {
      void before_sleep() override {}
      void after_sleep() override {}
      bool interrupted() override { return random() % 20 == 0; }
      std::int64_t patience() override { return looks ? kMillisecond : INT64_MAX; }
      bool deadlocked(raddle::Deadlock& deadlock) override { return waiting.deadlocked(deadlock); }
      explicit Both(std::minstd_rand& r, bool l) : random(r), looks(l) {}
      std::minstd_rand& random;
      bool looks;
      ToldWaiting waiting;
    };
    for (int i = 0; i < 40; ++i) {
      std::size_t first = random() % 3, second = (first + 1 + random() % 2) % 3;
      if (in_order && first > second) std::swap(first, second);
      Both waiting(random, thread == 0);
      if (mutexes[first].lock(LockStyle::owned, Deadline::never(), waiting) == LockOutcome::taken) {
        if (i % 4 == 0) let_pass(3 * kMillisecond);
        if (mutexes[second].lock(LockStyle::owned, Deadline::never(), waiting) == LockOutcome::taken) {
          let_pass(static_cast<std::int64_t>(random() % 8) * kMillisecond);
          mutexes[second].unlock();
        }
        mutexes[first].unlock();
      }
      if (waiting.waiting.told) ++told;
    }
  });
  return told;
}
TEST(Deadlock, LocksThatAreTakenInOneOrderNeverAre) { EXPECT_EQ(count_told(true), 0); }
TEST(Deadlock, LocksThatAreTakenInAnyOrderAreSometimes) { EXPECT_GT(count_told(false), 0); }

}  // namespace
