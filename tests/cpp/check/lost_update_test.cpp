// RD101, and what orders and protects.
#include <gtest/gtest.h>

#include "check/actors.hpp"

namespace {

using namespace raddle::test;

TEST(LostUpdate, OfThreadsThatDoNotOverlap) {
  Two two;
  two.a.increment(field(kX), 10);
  two.b.increment(field(kX), 10);
  ASSERT_EQ(two.findings.size(), 1U);
  const Finding& finding = two.findings[0];
  EXPECT_EQ(finding.rule, Rule::lost_update);
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_EQ(finding.evidence, Evidence::can_happen);
  EXPECT_EQ(finding.where, field(kX));
  EXPECT_EQ(finding.sides[0].accesses.size(), 2U);
  EXPECT_EQ(finding.sides[1].accesses.size(), 1U);
  EXPECT_EQ(finding.sides[0].accesses[0].site, 10U);
  EXPECT_EQ(finding.sides[0].accesses[1].site, 11U);
  EXPECT_EQ(finding.sides[1].accesses[0].site, 11U);
  EXPECT_NE(finding.sides[0].accesses[0].stack, 0U);
  EXPECT_NE(finding.sides[0].thread, finding.sides[1].thread);
  EXPECT_EQ(finding.sides[0].creator, two.main.thread->number());
  EXPECT_EQ(finding.sides[0].created_at, 7U);
  EXPECT_TRUE(finding.sides[0].thread_name == "a" || finding.sides[0].thread_name == "b");
  two.a.increment(field(kX), 10);
  EXPECT_EQ(two.findings.size(), 1U) << "the same two sites";
  EXPECT_GE(two.engine.finish()[0].count, 2U);
}

TEST(LostUpdate, OfAPlainForeignWriteInEitherOrder) {
  Two first, second;
  first.a.increment(field(kX), 10);
  first.b.write(field(kX), 20);
  EXPECT_TRUE(first.only(Rule::lost_update));
  second.b.write(field(kX), 20);
  second.a.increment(field(kX), 10);
  EXPECT_TRUE(second.only(Rule::lost_update));
  EXPECT_EQ(second.findings[0].sides[1].accesses[0].site, 20U);
}

TEST(LostUpdate, NeedsAWriteADependenceAndTheSameLocation) {
  Two two;
  two.a.increment(field(kX), 10);
  two.b.read(field(kX), 20);                        // nothing is lost by reads
  two.a.start(field(kY), 30).write(field(kY), 31);  // no link
  two.b.write(field(kY), 32);
  two.a.start(field(kX, 101), 40).write(field(kX, 102), 41, {data(40)});  // another field
  two.b.write(field(kX, 102), 42);
  two.b.write(field(kX, 101), 43);
  EXPECT_TRUE(two.silent());
}

TEST(LostUpdate, NeedsTheSameFrame) {
  Two two;
  two.a.start(field(kX), 10);
  two.a.frame = 0x7100;
  two.a.write(field(kX), 11, {data(10)});
  two.b.write(field(kX), 20);
  EXPECT_TRUE(two.silent());
}

TEST(LostUpdate, ThatHappened) {
  Two two;
  two.a.start(field(kX), 10);
  two.b.write(field(kX), 20);
  two.a.write(field(kX), 11, {data(10)});
  ASSERT_TRUE(two.only(Rule::lost_update));
  EXPECT_EQ(two.findings.back().evidence, Evidence::happened);
}

TEST(LostUpdate, ThatHappenedUpgradesWhatCouldHappen) {
  Two two;
  two.a.increment(field(kX), 10);
  two.b.write(field(kX), 20);
  two.a.start(field(kX), 10);
  two.b.write(field(kX), 20);
  two.a.write(field(kX), 11, {data(10)});
  ASSERT_EQ(two.findings.size(), 2U);
  EXPECT_EQ(two.findings[0].evidence, Evidence::can_happen);
  EXPECT_EQ(two.findings[1].evidence, Evidence::happened);
  EXPECT_EQ(two.findings[0].id, two.findings[1].id);
  const std::vector<Finding> all = two.engine.finish();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].evidence, Evidence::happened);
}

// Neither the repeated read nor the repeated write may be taken for known when a foreign access came between.
TEST(LostUpdate, ThatHappenedBetweenRepeatedAccesses) {
  Two two;
  for (int round = 0; round < 3; ++round) two.a.write(field(kX), 20);
  for (int round = 0; round < 3; ++round) two.b.increment(field(kX), 10);
  for (int round = 0; round < 3; ++round) two.a.write(field(kX), 20);
  two.b.start(field(kX), 10);
  two.a.write(field(kX), 20);
  two.b.write(field(kX), 11, {data(10)});
  ASSERT_TRUE(two.only(Rule::lost_update));
  EXPECT_EQ(two.findings.back().evidence, Evidence::happened);
}

TEST(LostUpdate, NotUnderOneLock) {
  Two two;
  for (int round = 0; round < 3; ++round) {
    two.a.lock(kLock).increment(field(kX), 10).unlock(kLock);
    two.b.lock(kLock).increment(field(kX), 10).unlock(kLock);
  }
  EXPECT_TRUE(two.silent());
  EXPECT_TRUE(two.engine.finish().empty());
}

TEST(LostUpdate, UnderTwoLocks) {
  Two two;
  two.a.lock(kLock).increment(field(kX), 10).unlock(kLock);
  two.b.lock(kOther).increment(field(kX), 10).unlock(kOther);
  ASSERT_TRUE(two.only(Rule::lost_update));
  ASSERT_EQ(two.findings[0].sides[0].accesses[0].locks.size(), 1U);
  EXPECT_EQ(two.findings[0].sides[0].accesses[0].locks[0].taken_at,
            1000U + two.findings[0].sides[0].accesses[0].locks[0].lock);
}

TEST(LostUpdate, NotUnderAnInnerOrOuterLockInCommon) {
  Two two;
  two.a.lock(kLock).lock(kOther).increment(field(kX), 10).unlock(kOther).unlock(kLock);
  two.b.lock(kOther).increment(field(kX), 10).unlock(kOther);
  two.a.lock(kLock).increment(field(kY), 20).unlock(kLock);
  two.b.lock(kLock).lock(kOther).increment(field(kY), 20).unlock(kOther).unlock(kLock);
  EXPECT_TRUE(two.silent());
}

TEST(LostUpdate, NotUnderLocksReleasedInAnotherOrder) {
  Two two;
  for (int round = 0; round < 2; ++round) {
    two.a.lock(kLock).start(field(kX), 10).lock(kOther).read(field(kY), 12).unlock(kLock);
    two.a.lock(kLock).unlock(kOther).unlock(kLock);
    two.a.lock(kLock)
        .lock(kOther)
        .start(field(kX), 10)
        .unlock(kLock)
        .write(field(kX), 11, {data(10)})
        .unlock(kOther);
    two.b.lock(kOther).increment(field(kX), 10).unlock(kOther);
  }
  EXPECT_TRUE(two.silent());
}

TEST(LostUpdate, InSplitSections) {
  Two two;
  for (Actor* actor : {&two.a, &two.b}) {
    actor->lock(kLock).start(field(kX), 10).unlock(kLock);
    actor->lock(kLock).write(field(kX), 11, {data(10)}).unlock(kLock);
  }
  EXPECT_TRUE(two.only(Rule::lost_update));
}

TEST(LostUpdate, NotInSplitSectionsOfAnOuterLock) {
  Two two;
  for (Actor* actor : {&two.a, &two.b}) {
    actor->lock(kOther).lock(kLock).start(field(kX), 10).unlock(kLock);
    actor->lock(kLock).write(field(kX), 11, {data(10)}).unlock(kLock).unlock(kOther);
  }
  EXPECT_TRUE(two.silent());
}

TEST(LostUpdate, OnlyOneSideWithTheLockInEitherOrder) {
  Two first, second;
  first.a.lock(kLock).increment(field(kX), 10).unlock(kLock);
  first.b.increment(field(kX), 20);
  EXPECT_TRUE(first.only(Rule::lost_update));
  second.b.increment(field(kX), 20);
  second.a.lock(kLock).increment(field(kX), 10).unlock(kLock);
  EXPECT_TRUE(second.only(Rule::lost_update));
}

// The one unprotected pair is remembered beside the later protected ones of the same sites.
TEST(LostUpdate, UnprotectedOnceAndThenProtected) {
  Two two;
  two.a.increment(field(kX), 10);
  for (int round = 0; round < 9; ++round) two.a.lock(kLock).increment(field(kX), 10).unlock(kLock);
  two.b.lock(kLock).write(field(kX), 20).unlock(kLock);
  EXPECT_TRUE(two.only(Rule::lost_update));
}

TEST(LostUpdate, OrderedByALockOnlyByAccident) {
  Two two;
  two.a.increment(field(kX), 10).lock(kLock).unlock(kLock);
  two.b.lock(kLock).unlock(kLock).increment(field(kX), 10);
  EXPECT_TRUE(two.only(Rule::lost_update));
}

TEST(LostUpdate, OrderedByAFlagThatIsPassedUnderALock) {
  Two two;
  two.a.increment(field(kX), 10).lock(kLock).write(field(kY), 20).unlock(kLock);
  two.b.lock(kLock).read(field(kY), 21).unlock(kLock).increment(field(kX), 10);
  EXPECT_TRUE(two.silent());
}

// The section goes on when the one around it is left, and its end is the end for what was recorded before, too.
TEST(LostUpdate, OrderedByAFlagUnderALockThatOutlastsAnOuterOne) {
  Two two;
  two.a.increment(field(kX), 10).lock(kOther).lock(kLock).write(field(kY), 20).unlock(kOther);
  two.a.read(field(kY, 101), 22).unlock(kLock);
  two.b.lock(kLock).read(field(kY), 21).unlock(kLock).increment(field(kX), 10);
  EXPECT_TRUE(two.silent());
}

// A conflict passes on what the other thread has learnt, by a lock or by an edge.
TEST(LostUpdate, OrderedByTwoFlags) {
  Two two;
  Actor& c = two.started_by(two.main, "c");
  two.a.increment(field(kX), 10).lock(kLock).write(field(kY), 20).unlock(kLock);
  two.b.lock(kLock).read(field(kY), 21).unlock(kLock).lock(kOther).write(field(kY, 101), 22).unlock(kOther);
  c.lock(kOther).read(field(kY, 101), 23).unlock(kOther).increment(field(kX), 10);
  two.b.before(two.main);
  two.main.increment(field(kX), 30);
  EXPECT_FALSE(two.silent()) << "c is not before main";
  for (const Finding& finding : two.findings) {
    for (const auto& side : finding.sides) EXPECT_NE(side.thread, two.a.thread->number());
  }
}

TEST(LostUpdate, OrderedByForkAndJoin) {
  Stage stage;
  Actor& main = stage.unordered("main");
  main.increment(field(kX), 10);
  Actor& child = stage.started_by(main, "child");
  child.increment(field(kX), 10);
  child.end_before(main);
  main.increment(field(kX), 10);
  EXPECT_TRUE(stage.silent());
}

TEST(LostUpdate, NotOrderedByForkAlone) {
  Stage stage;
  Actor& main = stage.unordered("main");
  Actor& child = stage.started_by(main, "child");
  main.increment(field(kX), 10);
  child.increment(field(kX), 10);
  EXPECT_TRUE(stage.only(Rule::lost_update));
}

TEST(LostUpdate, OrderedByAnEventThatSeveralSet) {
  Two two;
  raddle::check::ClocksRef event;
  Actor& waiter = two.started_by(two.main, "waiter");
  two.a.increment(field(kX), 10);
  two.engine.release_into(*two.a.thread, event);
  const raddle::check::ClocksRef early = event;
  two.b.increment(field(kY), 12);
  two.engine.release_into(*two.b.thread, event);
  two.engine.acquire(*waiter.thread, event);
  waiter.increment(field(kX), 14).increment(field(kY), 16);
  EXPECT_TRUE(two.silent());
  Actor& second = two.started_by(two.main, "second");
  two.engine.acquire(*second.thread, early);
  second.write(field(kY), 18);
  EXPECT_TRUE(two.only(Rule::lost_update)) << "the earlier reference did not change";
}

TEST(LostUpdate, ReleaseCoversOnlyWhatWasBefore) {
  Two two;
  two.a.before(two.b);
  two.a.increment(field(kX), 10);
  two.b.increment(field(kX), 10);
  EXPECT_TRUE(two.only(Rule::lost_update));
}

TEST(LostUpdate, ALockReleasedByAnotherThreadIsASignal) {
  Two two;
  two.a.lock(kLock);                             // taken to be waited for
  two.b.increment(field(kX), 10).unlock(kLock);  // the signal
  two.a.lock(kLock).increment(field(kX), 10);
  EXPECT_TRUE(two.silent());
  EXPECT_TRUE(two.engine.holds_any(*two.a.thread));
  two.a.unlock(kLock);
  EXPECT_FALSE(two.engine.holds_any(*two.a.thread));
}

TEST(LostUpdate, AReleasedLockNoLongerProtects) {
  Two two;
  two.a.lock(kLock);
  two.b.unlock(kLock);
  two.a.increment(field(kX), 10);
  Actor& c = two.started_by(two.main, "c");
  c.lock(kOther).unlock(kOther);
  two.a.lock(kOther);
  two.a.increment(field(kX), 10);
  c.lock(kLock).increment(field(kX), 10).unlock(kLock);
  EXPECT_TRUE(two.only(Rule::lost_update));
}

TEST(LostUpdate, SharedHoldsProtectOnlyAgainstExclusiveOnes) {
  Two readers, both;
  readers.a.lock(kLock, true).increment(field(kX), 10).unlock(kLock);
  readers.b.lock(kLock, true).increment(field(kX), 10).unlock(kLock);
  EXPECT_TRUE(readers.only(Rule::lost_update));
  both.a.lock(kLock, true).increment(field(kX), 10).unlock(kLock);
  both.b.lock(kLock).increment(field(kX), 10).unlock(kLock);
  both.a.lock(kLock, true).read(field(kX), 12).unlock(kLock);
  EXPECT_TRUE(both.silent());
}

TEST(LostUpdate, ReentrantLocks) {
  Two two;
  for (Actor* actor : {&two.a, &two.b}) {
    actor->lock(kLock)
        .lock(kLock)
        .start(field(kX), 10)
        .unlock(kLock)
        .write(field(kX), 11, {data(10)})
        .unlock(kLock);
  }
  EXPECT_TRUE(two.silent());
}

TEST(LostUpdate, ALockAtAReusedAddressIsAnotherOne) {
  Two two;
  two.a.write(field(kY), 9).lock(kLock).unlock(kLock);
  two.engine.lock_ended(kLock);
  two.b.lock(kLock).unlock(kLock);
  two.b.act(structure(kY), 30, Kind::iterate_begin).act(structure(kY), 30, Kind::iterate_end);
  two.a.act(structure(kY), 31, Kind::append_like);
  EXPECT_TRUE(two.only(Rule::iteration_changed));
}

// Tasks of an executor: threads of their own on one OS thread, ordered by submission and result only.
TEST(LostUpdate, TasksOfOneWorkerAreNotOrdered) {
  Stage stage;
  Actor& main = stage.unordered("main");
  const raddle::check::ClocksRef submitted = stage.engine.release(*main.thread);
  Actor& worker = stage.started_by(main, "worker");
  for (int task = 0; task < 2; ++task) {
    raddle::check::Thread* thread = stage.engine.begin_task(submitted.get(), "task", main.thread->number());
    ASSERT_NE(thread, nullptr);
    Actor actor(stage, thread);
    actor.increment(field(kX), 10);
    const raddle::check::ClocksRef done = stage.engine.end_task(*thread);
    if (task == 0) worker.read(field(kY), 1);
  }
  EXPECT_TRUE(stage.only(Rule::lost_update));
}

TEST(LostUpdate, TasksOrderedByTheirResults) {
  Stage stage;
  Actor& main = stage.unordered("main");
  for (int task = 0; task < 2000; ++task) {
    const raddle::check::ClocksRef submitted = stage.engine.release(*main.thread);
    Actor actor(stage, stage.engine.begin_task(submitted.get(), "task", main.thread->number()));
    actor.increment(field(kX), 10);
    actor.end_before(main);
  }
  EXPECT_TRUE(stage.silent());
  EXPECT_EQ(stage.engine.summary().threads, 2001U);
  EXPECT_EQ(stage.engine.summary().unwatched, 0U);
}

}  // namespace
