// Memory limits, reused addresses, many threads, forks.
#include <gtest/gtest.h>

#include <vector>

#include "check/actors.hpp"

namespace {

using namespace raddle::test;
using raddle::check::ClocksRef;
using raddle::check::Summary;

TEST(Shadow, AReusedAddressIsANewObject) {
  Two two;
  two.a.increment(field(kX), 10);
  two.engine.retire(kX);
  EXPECT_EQ(two.engine.summary().cells, 0U);
  two.b.increment(field(kX), 10);
  EXPECT_TRUE(two.silent());
  two.a.increment(field(kX), 10);
  EXPECT_TRUE(two.only(Rule::lost_update)) << "but what is remembered of the old one is no excuse";
}

TEST(Shadow, ARepeatedAccessToAReusedAddressIsRecorded) {
  Two two;
  two.a.write(field(kX), 10).write(field(kX), 10);
  two.engine.retire(kX);
  two.a.write(field(kX), 10);
  two.b.start(field(kX), 20).write(field(kX), 21, {data(20)});
  EXPECT_TRUE(two.only(Rule::lost_update));
}

TEST(Shadow, APendingReadOfAnObjectThatIsGoneStartsNoPair) {
  Two two;
  two.a.start(field(kX), 10);
  two.engine.retire(kX);
  two.b.write(field(kX), 20);
  two.a.write(field(kX), 11, {data(10)});
  EXPECT_TRUE(two.silent());
}

TEST(Shadow, RetireOfWhatIsNotThere) {
  Two two;
  for (std::uintptr_t object = 0x100; object < 0x10000; object += 0x10) two.engine.retire(object);
  two.a.write(field(kX), 1);
  two.engine.retire(kY);
  EXPECT_EQ(two.engine.summary().cells, 1U);
}

TEST(Shadow, ManyKeysOfManyObjects) {
  Two two;
  for (std::uintptr_t object = 1; object <= 500; ++object) {
    for (std::uint64_t key = 0; key < 40; ++key) two.a.write(field(object * 0x40, 100 + key * 8), 1);
  }
  EXPECT_EQ(two.engine.summary().cells, 20'000U);
  for (std::uintptr_t object = 1; object <= 500; ++object) {
    two.b.start(field(object * 0x40, 108), 2).write(field(object * 0x40, 108), 3, {data(2)});
  }
  EXPECT_EQ(two.engine.finish()[0].count, 500U);
  for (std::uintptr_t object = 1; object <= 500; ++object) two.engine.retire(object * 0x40);
  const Summary summary = two.engine.summary();
  EXPECT_EQ(summary.cells, 0U);
  EXPECT_EQ(summary.evicted, 0U);
}

TEST(Shadow, TinyLimitForgetsAndGoesOn) {
  for (const std::size_t limit : {std::size_t{0}, std::size_t{1} << 14, std::size_t{1} << 18}) {
    Two two({.memory = limit});
    for (std::uintptr_t object = 1; object <= 20'000; ++object) two.a.increment(field(object * 0x40), 10);
    const Summary summary = two.engine.summary();
    EXPECT_GT(summary.evicted, 10'000U);
    EXPECT_EQ(summary.cells + summary.evicted, 20'000U);
    EXPECT_LT(summary.bytes, limit * 2 + 40'000) << limit;
    two.a.increment(field(kX), 20);
    two.b.increment(field(kX), 20);
    EXPECT_TRUE(two.only(Rule::lost_update)) << "what comes now is found all the same";
  }
}

TEST(Shadow, OneObjectWithMoreKeysThanTheLimit) {
  Two two({.memory = std::size_t{1} << 16});
  for (std::uint64_t key = 0; key < 20'000; ++key) two.a.write(field(kX, 100 + key), 10);
  EXPECT_GT(two.engine.summary().evicted, 10'000U);
  EXPECT_LT(two.engine.summary().bytes, 500'000U);
}

TEST(Shadow, AForgottenFirstWriteIsNotTakenForALaterOne) {
  Two two({.memory = 0});
  two.a.access({.where = field(kX), .site = 1, .kind = Kind::create, .field = true});
  for (std::uintptr_t object = 1; object <= 1000; ++object) two.a.write(field(0x100000 + object * 0x40), 10);
  two.a.access({.where = field(kX), .site = 2, .kind = Kind::create, .field = true});
  two.b.access({.where = field(kX), .site = 3, .field = true});
  EXPECT_TRUE(two.silent());
}

TEST(Stacks, AreCapturedOnceForAnAccessThatRepeats) {
  Two two;
  for (int round = 0; round < 100; ++round) two.a.write(field(kX), 10);
  EXPECT_EQ(two.stacks.captured, 1U);
  for (int round = 0; round < 100; ++round) two.a.lock(kLock).write(field(kX), 10).unlock(kLock);
  EXPECT_EQ(two.stacks.captured, 1U) << "same site, frame and location";
  two.a.frame += 0x80;
  two.a.lock(kLock).write(field(kX), 10).unlock(kLock);
  EXPECT_EQ(two.stacks.captured, 2U);
}

TEST(Threads, AThousandAtOnce) {
  Stage stage;
  Actor& main = stage.unordered("main");
  std::vector<Actor*> actors;
  for (int i = 0; i < 1000; ++i) actors.push_back(&stage.started_by(main, std::to_string(i)));
  for (Actor* actor : actors) actor->lock(kLock).increment(field(kX), 10).unlock(kLock);
  for (Actor* actor : actors) actor->end_before(main);
  main.increment(field(kX), 30);
  EXPECT_TRUE(stage.silent());
  EXPECT_EQ(stage.engine.summary().unwatched, 0U);
  EXPECT_EQ(stage.engine.summary().dropped, 0U);
  Actor &a = stage.started_by(main, "a"), &b = stage.started_by(main, "b");
  a.increment(field(kY), 10);
  b.increment(field(kY), 10);
  EXPECT_TRUE(stage.only(Rule::lost_update));
}

TEST(Threads, MoreThanCanBeWatched) {
  Stage stage;
  std::vector<Actor*> actors;
  for (int i = 0; i < 1100; ++i) actors.push_back(&stage.unordered("t"));
  for (Actor* actor : actors) actor->lock(kLock).increment(field(kX), 10).unlock(kLock);
  EXPECT_TRUE(stage.silent());
  EXPECT_EQ(stage.engine.summary().unwatched, 1100U - raddle::check::kMaxSlots);
  for (Actor* actor : actors) (void)stage.engine.end_thread(*actor->thread);
}

// Without any order between them: slots come round when all have been used.
TEST(Threads, SlotsAreReused) {
  Stage stage;
  for (int i = 0; i < 5000; ++i) {
    Actor& actor = stage.unordered("t");
    actor.lock(kLock).increment(field(kX), 10).unlock(kLock);
    (void)stage.engine.end_thread(*actor.thread);
  }
  EXPECT_TRUE(stage.silent());
  EXPECT_EQ(stage.engine.summary().unwatched, 0U);
  Actor &a = stage.unordered("a"), &b = stage.unordered("b");
  a.increment(field(kY), 10);
  b.increment(field(kY), 10);
  EXPECT_TRUE(stage.only(Rule::lost_update));
}

TEST(Threads, TheNamesOfThoseWhoseSlotIsUsedAgain) {
  Stage stage;
  Actor& main = stage.unordered("main");
  const ClocksRef start = stage.engine.release(*main.thread);
  Actor first(stage, stage.engine.begin_thread(start.get(), "first"));
  first.increment(field(kX), 10);
  ClocksRef ended = stage.engine.end_thread(*first.thread);
  Actor second(stage, stage.engine.begin_thread(ended.get(), "second"));  // takes the slot
  second.read(field(kY), 1);
  Actor third(stage, stage.engine.begin_thread(start.get(), "third"));
  third.increment(field(kX), 10);
  ASSERT_TRUE(stage.only(Rule::lost_update));
  const Finding& finding = stage.findings[0];
  EXPECT_TRUE(finding.sides[0].thread_name == "first" || finding.sides[1].thread_name == "first");
}

TEST(Fork, TheChildIsAfterEverythingThatTheParentDid) {
  Two two;
  two.a.increment(field(kX), 10).lock(kLock);
  two.engine.prepare_fork();
  two.engine.after_fork_in_child(two.b.thread);
  two.b.increment(field(kX), 10);
  EXPECT_TRUE(two.silent());
  two.b.lock(kLock).increment(field(kX), 10).unlock(kLock);
  Actor& c = two.started_by(two.b, "c");
  two.b.increment(field(kY), 10);
  c.increment(field(kY), 10);
  EXPECT_TRUE(two.only(Rule::lost_update));
}

TEST(Fork, TheParentGoesOn) {
  Two two;
  two.a.increment(field(kX), 10);
  two.engine.prepare_fork();
  two.engine.after_fork_in_parent();
  two.b.increment(field(kX), 10);
  EXPECT_TRUE(two.only(Rule::lost_update));
}

}  // namespace
