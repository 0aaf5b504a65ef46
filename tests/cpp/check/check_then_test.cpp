// RD102 and RD103.
#include <gtest/gtest.h>

#include "check/actors.hpp"

namespace {

using namespace raddle::test;

// `if k in d: del d[k]` in one thread and a change in another one, in either order.
struct Case {
  Guard guard;
  Kind foreign;
  Value value;
  bool reported;
};
class CheckThenAct : public testing::TestWithParam<Case> {};

TEST_P(CheckThenAct, DependsOnWhetherTheChangeFlipsTheGuard) {
  const Case& given = GetParam();
  for (const bool pair_first : {true, false}) {
    Two two;
    const auto pair = [&] {
      two.a.read(field(kX), 10, given.guard).act(field(kX), 11, Kind::read, {guard(10, given.guard)});
    };
    const auto change = [&] { two.b.write(field(kX), 20, {}, given.foreign, given.value); };
    if (pair_first) pair();
    change();
    if (!pair_first) pair();
    EXPECT_EQ(!two.silent(), given.reported) << pair_first;
    if (given.reported) {
      EXPECT_TRUE(two.only(Rule::check_then_act));
      EXPECT_EQ(two.findings[0].guard, given.guard);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Guards, CheckThenAct,
                         testing::Values(Case{Guard::present, Kind::remove, Value::unknown, true},
                                         Case{Guard::present, Kind::write, Value::mutable_, false},
                                         Case{Guard::present, Kind::create, Value::unknown, false},
                                         Case{Guard::not_none, Kind::write, Value::none, true},
                                         Case{Guard::not_none, Kind::write, Value::falsy, false},
                                         Case{Guard::not_none, Kind::write, Value::unknown, false},
                                         Case{Guard::not_none, Kind::remove, Value::unknown, true},
                                         Case{Guard::truthy, Kind::write, Value::none, true},
                                         Case{Guard::truthy, Kind::write, Value::falsy, true},
                                         Case{Guard::truthy, Kind::write, Value::mutable_, false},
                                         Case{Guard::non_empty, Kind::remove, Value::unknown, true},
                                         Case{Guard::non_empty, Kind::append_like, Value::unknown, false}));

TEST(CheckThenActs, NotWithoutADependentAct) {
  Two two;
  two.a.read(field(kX), 10, Guard::present).read(field(kX), 11);
  two.b.act(field(kX), 20, Kind::remove);
  EXPECT_TRUE(two.silent());
}

TEST(CheckThenActs, NotAStoreThatLeavesTheFindingTrue) {
  Two two;
  two.a.read(field(kX), 10, Guard::present).write(field(kX), 11, {guard(10, Guard::present)});
  two.b.act(field(kX), 20, Kind::remove);
  EXPECT_TRUE(two.silent());
}

TEST(CheckThenActs, ClaimedOnceByTwo) {
  Two two;
  for (Actor* actor : {&two.a, &two.b}) {
    actor->read(field(kX), 10, Guard::truthy)
        .write(field(kX), 11, {guard(10, Guard::truthy)}, Kind::write, Value::falsy);
  }
  EXPECT_TRUE(two.only(Rule::check_then_act));
}

TEST(CheckThenActs, PopsOfTwo) {
  Two open, locked;
  for (Actor* actor : {&open.a, &open.b}) {
    actor->read(structure(kX), 10, Guard::non_empty)
        .act(structure(kX), 11, Kind::remove, {guard(10, Guard::non_empty)});
  }
  EXPECT_TRUE(open.only(Rule::check_then_act));
  for (Actor* actor : {&locked.a, &locked.b}) {
    actor->lock(kLock).read(structure(kX), 10, Guard::non_empty);
    actor->act(structure(kX), 11, Kind::remove, {guard(10, Guard::non_empty)}).unlock(kLock);
  }
  EXPECT_TRUE(locked.silent());
}

TEST(CheckThenActs, ThatHappened) {
  Two two;
  two.a.read(field(kX), 10, Guard::present);
  two.b.act(field(kX), 20, Kind::remove);
  two.a.act(field(kX), 11, Kind::remove, {guard(10, Guard::present)});
  ASSERT_TRUE(two.only(Rule::check_then_act));
  EXPECT_EQ(two.findings.back().evidence, Evidence::happened);
}

TEST(CheckThenActs, ClearRemovesEveryKey) {
  for (const bool pair_first : {true, false}) {
    Two two;
    const auto pair = [&] {
      two.a.read(field(kX), 10, Guard::present).act(field(kX), 11, Kind::read, {guard(10, Guard::present)});
    };
    two.main.write(field(kX), 1, {}, Kind::create);
    two.main.before(two.a).before(two.b);
    if (pair_first) pair();
    two.b.act(structure(kX), 20, Kind::clear);
    if (!pair_first) pair();
    EXPECT_TRUE(two.only(Rule::check_then_act)) << pair_first;
  }
}

// The write that takes away is remembered although the same thread has stored something since.
TEST(CheckThenActs, AResetThatIsFollowedByAStore) {
  Two two;
  two.b.write(field(kX), 1, {}, Kind::write, Value::mutable_);
  two.b.write(field(kX), 20, {}, Kind::write, Value::none).write(field(kX), 21, {}, Kind::write, Value::mutable_);
  two.a.read(field(kX), 10, Guard::not_none).act(field(kX), 11, Kind::read, {guard(10, Guard::not_none)});
  ASSERT_TRUE(two.only(Rule::check_then_act));
  EXPECT_EQ(two.findings[0].sides[1].accesses[0].site, 20U);
}

void create_if_missing(Actor& actor, Value value = Value::mutable_) {
  actor.read(field(kX), 10, Guard::absent, Kind::missed)
      .write(field(kX), 11, {guard(10, Guard::absent)}, Kind::create, value);
}

TEST(CheckThenCreate, ByTwo) {
  Two two;
  create_if_missing(two.a);
  create_if_missing(two.b);
  ASSERT_TRUE(two.only(Rule::check_then_create));
  EXPECT_EQ(two.findings[0].severity, Severity::error);
}

TEST(CheckThenCreate, OfWhatCannotBeChangedIsANote) {
  Two two;
  create_if_missing(two.a, Value::immutable);
  create_if_missing(two.b, Value::immutable);
  ASSERT_TRUE(two.only(Rule::check_then_create));
  EXPECT_EQ(two.findings[0].severity, Severity::note);
}

// The second thread found it there: had it come earlier, it would have created it too.
TEST(CheckThenCreate, TwoExecutionsOfTheTestOneCreation) {
  for (const bool creator_first : {true, false}) {
    Two two;
    if (creator_first) create_if_missing(two.a);
    two.b.read(field(kX), 10, Guard::absent);
    if (!creator_first) create_if_missing(two.a);
    EXPECT_TRUE(two.only(Rule::check_then_create)) << creator_first;
  }
}

TEST(CheckThenCreate, NotAnotherTestOfTheSameLocation) {
  Two two;
  create_if_missing(two.a);
  two.b.read(field(kX), 30, Guard::absent);
  EXPECT_TRUE(two.silent());
}

TEST(CheckThenCreate, NotUnderALockNorInOrder) {
  Two locked, ordered;
  for (Actor* actor : {&locked.a, &locked.b}) {
    actor->lock(kLock);
    create_if_missing(*actor);
    actor->unlock(kLock);
  }
  locked.a.lock(kLock).read(field(kX), 10, Guard::absent).unlock(kLock);
  EXPECT_TRUE(locked.silent());
  create_if_missing(ordered.a);
  ordered.a.before(ordered.b);
  ordered.b.read(field(kX), 10, Guard::absent);
  EXPECT_TRUE(ordered.silent());
}

TEST(CheckThenCreate, InSplitSections) {
  Two two;
  for (Actor* actor : {&two.a, &two.b}) {
    actor->lock(kLock).read(field(kX), 10, Guard::absent).unlock(kLock);
    if (actor == &two.b) break;  // it found what the first one had created
    actor->lock(kLock)
        .write(field(kX), 11, {guard(10, Guard::absent)}, Kind::create, Value::mutable_)
        .unlock(kLock);
  }
  EXPECT_TRUE(two.only(Rule::check_then_create));
}

// Only the inner test has a dependent act.
TEST(CheckThenCreate, NotDoubleCheckedLocking) {
  Two two;
  for (Actor* actor : {&two.a, &two.b, &two.a, &two.b}) {
    actor->read(field(kX), 9, Guard::is_none);
    actor->lock(kLock).read(field(kX), 10, Guard::is_none);
    if (actor == &two.a) {
      actor->write(field(kX), 11, {guard(10, Guard::is_none)}, Kind::write, Value::mutable_);
    }
    actor->unlock(kLock);
    actor->read(field(kX), 12);
  }
  EXPECT_TRUE(two.silent());
  EXPECT_TRUE(two.engine.finish().empty());
}

TEST(CheckThenCreate, AgainstAnAtomicCreation) {
  Two two;
  create_if_missing(two.a);
  two.b.write(field(kX), 20, {}, Kind::create, Value::mutable_);
  EXPECT_TRUE(two.only(Rule::check_then_create));
}

TEST(CheckThenCreate, NotTwoAtomicCreations) {
  Two two;
  two.a.write(field(kX), 20, {}, Kind::create, Value::mutable_);
  two.b.read(field(kX), 20);
  EXPECT_TRUE(two.silent());
}

}  // namespace
