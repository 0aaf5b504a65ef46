// Waiters that are moved from one address to another in the parking lot: onto a lock.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "raddle/sync/mutex.hpp"
#include "raddle/sync/parking_lot.hpp"
#include "support/locks.hpp"

namespace {

using raddle::Deadline;
using raddle::kNoThread;
using raddle::LockStyle;
using raddle::Mutex;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::this_thread_id;
using raddle::ThreadId;
using raddle::Waiting;
using raddle::test::comes_true;
using raddle::test::kMillisecond;
using raddle::test::let_pass;
using raddle::test::lock;
using raddle::test::LookingWaiting;
using raddle::test::ToldWaiting;
using raddle::test::wait_until;
using raddle::test::wait_until_parked;

// Parks under a place of its own, then is moved onto a lock.
struct Moved {
  explicit Moved(Mutex& lock) : mutex(lock), edge(lock) {}
  ParkingLot::Outcome wait(Waiting& waiting, Deadline deadline = Deadline::never()) {
    id = this_thread_id();
    return ParkingLot::park(
        {this, "condition", nullptr, 7}, [this] { return stays || !moved; }, deadline, waiting);
  }
  bool move() {
    moved = true;
    return mutex.requeue_here(this, id, LockStyle::owned, edge);
  }

  Mutex& mutex;
  Mutex::Edge edge;
  std::atomic<ThreadId> id = kNoThread;
  std::atomic<bool> moved = false;
  bool stays = false;  // whether or not it has been moved it waits on
};

TEST(Requeue, TheLockIsHandedOverToWhoWasMoved) {
  Mutex mutex("test");
  Moved moved(mutex);
  std::atomic<bool> looked = false;
  lock(mutex);
  std::thread thread([&] {
    PlainWaiting waiting;
    EXPECT_EQ(moved.wait(waiting), ParkingLot::Outcome::handed_over);
    EXPECT_TRUE(mutex.is_mine());
    wait_until([&] { return looked.load(); });
    mutex.unlock();
  });
  wait_until_parked(moved.id);
  EXPECT_TRUE(moved.move());
  EXPECT_FALSE(moved.move());
  EXPECT_EQ(mutex.approx_waiting(), 1U);
  let_pass(2 * RADDLE_FAIR_AFTER);
  mutex.unlock();
  EXPECT_FALSE(mutex.try_lock_fast(LockStyle::owned));
  looked = true;
  thread.join();
}

TEST(Requeue, WhoWouldNotHaveToWaitIsWoken) {
  Mutex mutex("test");
  Moved moved(mutex);
  std::thread thread([&] {
    PlainWaiting waiting;
    EXPECT_EQ(moved.wait(waiting), ParkingLot::Outcome::woken);
  });
  wait_until_parked(moved.id);
  EXPECT_TRUE(moved.move());
  thread.join();
  EXPECT_FALSE(mutex.is_locked());
}

TEST(Requeue, WhoWasMovedTimesOut) {
  Mutex mutex("test");
  Moved moved(mutex);
  lock(mutex);
  std::thread thread([&] {
    PlainWaiting waiting;
    EXPECT_EQ(moved.wait(waiting, Deadline::in(30 * kMillisecond)), ParkingLot::Outcome::timed_out);
  });
  wait_until_parked(moved.id);
  moved.move();
  thread.join();
  EXPECT_EQ(mutex.approx_waiting(), 0U);
  EXPECT_TRUE(mutex.unlock());
  EXPECT_FALSE(mutex.is_locked());
}

// A look for signals takes it back to where it began, as it began.
TEST(Requeue, WhoWasMovedAndLooksForSignalsGoesBack) {
  Mutex mutex("test");
  Moved moved(mutex);
  moved.stays = true;
  lock(mutex);
  std::atomic<bool> end = false;
  std::int64_t since = 0;
  std::thread thread([&] {
    LookingWaiting waiting([&] { return end.load(); });
    EXPECT_EQ(moved.wait(waiting), ParkingLot::Outcome::interrupted);
  });
  wait_until([&] {
    if (moved.id != kNoThread)
      ParkingLot::find(moved.id, [&](const ParkingLot::Parked& parked) { since = parked.since; });
    return since != 0;
  });
  wait_until([&] { return moved.move(); });
  bool back = false;
  EXPECT_TRUE(comes_true([&] {
    ParkingLot::find(moved.id, [&](const ParkingLot::Parked& parked) {
      back = parked.address == &moved;
      if (!back) return;
      EXPECT_EQ(parked.tag, 7U);
      EXPECT_EQ(parked.since, since);
      EXPECT_EQ(parked.awaited, nullptr);
    });
    return back;
  }));
  EXPECT_EQ(mutex.approx_waiting(), 0U);
  end = true;
  thread.join();
  mutex.unlock();
}

// Somebody else than the lock's owner moves it, and that closes a cycle: only the moved thread can find it.
TEST(Requeue, AWaiterThatIsMovedIntoADeadlockIsTold) {
  Mutex kept("test"), mutex("test");
  Moved moved(mutex);
  ToldWaiting waiting;
  std::thread thread([&] {
    lock(kept);
    moved.wait(waiting);
    if (mutex.is_mine()) mutex.unlock();
    kept.unlock();
  });
  wait_until_parked(moved.id);
  std::thread owner([&] {
    lock(mutex);
    lock(kept);
    kept.unlock();
    mutex.unlock();
  });
  wait_until([&] { return kept.approx_waiting() == 1; });
  let_pass(30 * kMillisecond);
  moved.move();
  EXPECT_TRUE(comes_true([&] { return waiting.told.load(); }));
  if (!waiting.told) ParkingLot::unpark_one(&moved) || mutex.unlock();
  thread.join();
  owner.join();
}

TEST(Requeue, WhoWasMovedLearnsThatTheTakerEnds) {
  Mutex mutex("test", true);
  Moved moved(mutex);
  std::atomic<bool> taken = false, end = false;
  std::thread holder([&] {
    lock(mutex);
    taken = true;
    wait_until([&] { return end.load(); });
  });
  wait_until([&] { return taken.load(); });
  std::atomic<bool> woken = false;
  std::thread thread([&] {
    PlainWaiting waiting;
    woken = moved.wait(waiting) == ParkingLot::Outcome::woken;
  });
  wait_until_parked(moved.id);
  moved.move();
  end = true;
  holder.join();
  EXPECT_TRUE(comes_true([&] { return woken.load(); }));
  if (!woken) mutex.unlock();
  thread.join();
}

}  // namespace
