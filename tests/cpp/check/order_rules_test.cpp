// RD104, RD105, RD201, RD202, RD301.
#include <gtest/gtest.h>

#include "check/actors.hpp"

namespace {

using namespace raddle::test;

void iterate(Actor& actor, std::uintptr_t object = kX) {
  actor.act(structure(object), 10, Kind::iterate_begin).act(structure(object), 10, Kind::iterate_end);
}

TEST(Iteration, ChangedByAnotherThreadInEitherOrder) {
  for (const Kind change : {Kind::create, Kind::remove, Kind::append_like, Kind::clear, Kind::write}) {
    for (const bool iteration_first : {true, false}) {
      Two two;
      if (iteration_first) iterate(two.a);
      two.b.act(structure(kX), 20, change);
      if (!iteration_first) iterate(two.a);
      ASSERT_TRUE(two.only(Rule::iteration_changed)) << static_cast<int>(change) << iteration_first;
      EXPECT_EQ(two.findings[0].evidence, Evidence::can_happen);
      EXPECT_EQ(two.findings[0].sides[0].accesses[0].site, 10U);
      EXPECT_EQ(two.findings[0].sides[1].accesses[0].site, 20U);
    }
  }
}

TEST(Iteration, NotChangedByStoresToKeys) {
  Two two;
  iterate(two.a);
  two.b.write(field(kX), 20);
  two.b.read(structure(kX), 21);
  EXPECT_TRUE(two.silent());
}

TEST(Iteration, AppendInProgress) {
  Two two;
  two.a.act(structure(kX), 10, Kind::iterate_begin);
  two.b.act(structure(kX), 20, Kind::append_like);
  two.a.act(structure(kX), 12, Kind::iterate_end);
  ASSERT_TRUE(two.only(Rule::iteration_changed));
  EXPECT_EQ(two.findings.back().evidence, Evidence::happened);
  EXPECT_EQ(two.findings.back().sides[0].accesses[0].site, 10U);
}

TEST(Iteration, NotUnderOneLock) {
  Two two;
  for (int round = 0; round < 2; ++round) {
    two.a.lock(kLock);
    iterate(two.a);
    two.a.unlock(kLock);
    two.b.lock(kLock).act(structure(kX), 20, Kind::append_like).unlock(kLock);
  }
  EXPECT_TRUE(two.silent());
}

TEST(Iteration, UnderALockThatIsLeftBeforeItEnds) {
  Two two;
  two.a.lock(kLock)
      .act(structure(kX), 10, Kind::iterate_begin)
      .unlock(kLock)
      .act(structure(kX), 12, Kind::iterate_end);
  two.b.lock(kLock).act(structure(kX), 20, Kind::append_like).unlock(kLock);
  EXPECT_TRUE(two.only(Rule::iteration_changed));
}

TEST(Iteration, OrderedByAnythingEvenByALockByAccident) {
  Two joined, accident;
  joined.b.act(structure(kX), 20, Kind::append_like);
  joined.b.before(joined.a);
  iterate(joined.a);
  EXPECT_TRUE(joined.silent());
  accident.b.act(structure(kX), 20, Kind::append_like).lock(kLock).unlock(kLock);
  accident.a.lock(kLock).unlock(kLock);
  iterate(accident.a);
  EXPECT_TRUE(accident.silent());
}

// Who takes the lock alone comes after those who shared it; those who share it do not come after each other.
TEST(Iteration, OrderedByASharedLockByAccident) {
  for (const bool shared : {false, true}) {
    Two two;
    iterate(two.a);
    two.a.lock(kLock, true).unlock(kLock);
    two.b.lock(kLock, shared).unlock(kLock);
    two.b.act(structure(kX), 20, Kind::remove);
    EXPECT_EQ(two.silent(), !shared);
  }
}

// It was left by a return. What comes later and in order is no change during it.
TEST(Iteration, WithoutItsEnd) {
  Two two;
  two.a.act(structure(kX), 10, Kind::iterate_begin);
  two.a.before(two.b);
  two.b.act(structure(kX), 20, Kind::remove);
  two.b.before(two.a);
  iterate(two.a);
  EXPECT_TRUE(two.silent());
}

TEST(Publication, OfAFieldWrittenAfterTheObjectWasReachable) {
  Two two;
  const auto set = [](Actor& actor, Location where, SiteId site, Kind kind) {
    actor.access({.where = where, .frame = 1, .site = site, .kind = kind, .field = true});
  };
  set(two.a, field(kY), 1, Kind::write);   // registry = object
  set(two.a, field(kX), 2, Kind::create);  // object.field = ...
  set(two.b, field(kY), 3, Kind::read);
  set(two.b, field(kX), 4, Kind::read);
  ASSERT_TRUE(two.only(Rule::premature_publication));
  EXPECT_EQ(two.findings[0].sides[0].accesses[0].site, 4U);
  EXPECT_EQ(two.findings[0].sides[1].accesses[0].site, 2U);
}

TEST(Publication, OfAFieldThatWasMissedAtFirst) {
  Two two;
  two.b.access({.where = field(kX), .site = 4, .kind = Kind::missed, .field = true});
  two.a.access({.where = field(kX), .site = 2, .kind = Kind::create, .field = true});
  ASSERT_TRUE(two.only(Rule::premature_publication));
  EXPECT_EQ(two.findings[0].evidence, Evidence::happened);
  Two test;  // hasattr asks for what need not be there
  test.b.access({.where = field(kX), .site = 4, .kind = Kind::missed, .guards_as = Guard::present, .field = true});
  test.a.access({.where = field(kX), .site = 2, .kind = Kind::create, .field = true});
  EXPECT_TRUE(test.silent());
}

// Who asks first expects to find nothing; but not of what each object is given where it is made.
TEST(Publication, OfWhatIsAskedForOnlyIfObjectsAreMadeWithIt) {
  const raddle::check::Access asked{.where = field(kX), .site = 4, .field = true, .asks = true};
  raddle::check::Access asked_in_vain = asked;
  asked_in_vain.kind = Kind::missed;
  for (const bool initial : {false, true}) {
    const raddle::check::Access first{
        .where = field(kX), .site = 2, .kind = Kind::create, .field = true, .initial = initial};
    Two before, after;
    before.b.access(asked_in_vain);
    before.a.access(first);
    after.a.access({.where = field(kY), .site = 1, .kind = Kind::write, .field = true});  // registry = object
    after.a.access(first);
    after.b.access({.where = field(kY), .site = 3, .field = true});
    after.b.access(asked);
    for (Two* two : {&before, &after})
      EXPECT_TRUE(initial ? two->only(Rule::premature_publication) : two->silent()) << initial;
  }
}

// A whole object is put in the place of another one, again and again; its fields come first.
TEST(Publication, NotOfAnImmutableSwap) {
  Two two;
  for (std::uintptr_t object = 0x30000; object < 0x30400; object += 0x40) {
    two.a.access({.where = field(object), .site = 2, .kind = Kind::create, .field = true});
    two.a.write(field(kY), 1);
    if (object % 0x80 == 0) continue;
    two.b.read(field(kY), 3);
    two.b.access({.where = field(object), .site = 4, .kind = Kind::read, .field = true});
  }
  EXPECT_TRUE(two.silent());
}

// Through a third thread, which hands on the reference or an edge.
TEST(Publication, NotThroughAThirdThread) {
  Two two;
  Actor &c = two.started_by(two.main, "c"), &d = two.started_by(two.main, "d"), &e = two.started_by(two.main, "e");
  two.a.access({.where = field(kX), .site = 2, .kind = Kind::create, .field = true});
  two.a.write(field(kY), 1);
  two.b.read(field(kY), 3).write(field(kY, 101), 5);
  c.read(field(kY, 101), 6).access({.where = field(kX), .site = 4, .kind = Kind::read, .field = true});
  two.b.before(d);
  d.access({.where = field(kX), .site = 4, .kind = Kind::read, .field = true});
  two.b.lock(kLock).unlock(kLock);
  e.lock(kLock).unlock(kLock).access({.where = field(kX), .site = 4, .kind = Kind::read, .field = true});
  EXPECT_TRUE(two.silent());
}

TEST(Publication, NotOfWhatWasThereOrIsOrdered) {
  Two two;
  two.a.access({.where = field(kX), .site = 2, .kind = Kind::write, .field = true});  // not the first write
  two.b.access({.where = field(kX), .site = 4, .kind = Kind::read, .field = true});
  two.a.access({.where = field(kX, 101), .site = 2, .kind = Kind::create, .field = true});
  two.a.before(two.b);
  two.b.access({.where = field(kX, 101), .site = 4, .kind = Kind::read, .field = true});
  two.a.access({.where = field(kX, 102), .site = 2, .kind = Kind::create});  // no field: a key of a dict
  two.b.access({.where = field(kX, 102), .site = 4, .kind = Kind::read});
  EXPECT_TRUE(two.silent());
}

TEST(InconsistentGuard, NineOfTenUnderTheLock) {
  for (const int guarded : {20, 5}) {
    Two two;
    for (int i = 0; i < guarded; ++i) {
      Actor& actor = i % 2 == 0 ? two.a : two.b;
      actor.lock(kLock).write(field(kX), 10).unlock(kLock);
    }
    two.b.lock(kLock).write(field(kX), 10).unlock(kLock);
    Actor& c = two.started_by(two.main, "c");
    c.read(field(kX), 20);
    EXPECT_TRUE(two.silent());
    const std::vector<Finding> all = two.engine.finish();
    ASSERT_EQ(all.size(), guarded == 20 ? 1U : 0U);
    if (guarded != 20) continue;
    EXPECT_EQ(all[0].rule, Rule::inconsistent_guard);
    EXPECT_EQ(all[0].severity, Severity::warning);
    EXPECT_EQ(all[0].guard_lock, kLock);
    EXPECT_EQ(all[0].guarded, 21U);
    EXPECT_EQ(all[0].total, 22U);
    EXPECT_EQ(all[0].sides[0].accesses[0].site, 20U);
    EXPECT_TRUE(all[0].sides[0].accesses[0].locks.empty());
    EXPECT_EQ(two.engine.finish().size(), 1U) << "the same again";
  }
}

// Many objects of a type, each with a lock of its own, each touched a few times and gone before the end.
TEST(InconsistentGuard, OfAGroupOfLocations) {
  Two two;
  for (std::uintptr_t i = 0; i < 10; ++i) {
    const std::uintptr_t object = 0x30000 + i * 0x40, lock = 0x900 + i * 8;
    for (Actor* actor : {&two.a, &two.b}) {
      actor->lock(lock);
      actor->access(
          {.where = field(object), .site = 10, .group = 5, .kind = Kind::write, .value = Value::immutable});
      actor->unlock(lock);
    }
    if (i == 9) two.a.access({.where = field(object), .site = 20, .group = 5});
    two.engine.retire(object);
  }
  const std::vector<Finding> all = two.engine.finish();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].rule, Rule::inconsistent_guard);
  EXPECT_EQ(all[0].group, 5U);
  EXPECT_EQ(all[0].total, 21U);
}

// Writers put another object in the place of the one that is there, under a lock; readers take what they find.
TEST(InconsistentGuard, NotOfReadersOfWhatIsReplaced) {
  for (const Value value : {Value::mutable_, Value::unknown, Value::immutable}) {
    Two two;
    for (int i = 0; i < 20; ++i) {
      Actor& actor = i % 2 == 0 ? two.a : two.b;
      actor.lock(kLock);
      actor.access({.where = field(kX), .site = 10, .group = 5, .kind = Kind::write, .value = value});
      actor.unlock(kLock);
    }
    two.started_by(two.main, "c").access({.where = field(kX), .site = 20, .group = 5});
    EXPECT_EQ(two.engine.finish().size(), value == Value::immutable ? 1U : 0U);
  }
}

TEST(InconsistentGuard, NotWhenTheAccessWithoutItIsOrdered) {
  Two two;
  for (int i = 0; i < 20; ++i) {
    Actor& actor = i % 2 == 0 ? two.a : two.b;
    actor.lock(kLock).write(field(kX), 10).unlock(kLock);
  }
  two.a.before(two.main);
  two.b.before(two.main);
  two.main.read(field(kX), 20);
  EXPECT_TRUE(two.engine.finish().empty());
}

TEST(SharedIterator, AdvancedByTwo) {
  Two open, locked, ordered;
  const Location where{kX, raddle::check::kIterator};
  open.a.act(where, 10, Kind::advance);
  open.b.act(where, 10, Kind::advance);
  ASSERT_TRUE(open.only(Rule::shared_iterator));
  EXPECT_EQ(open.findings[0].severity, Severity::warning);
  for (Actor* actor : {&locked.a, &locked.b}) actor->lock(kLock).act(where, 10, Kind::advance).unlock(kLock);
  EXPECT_TRUE(locked.silent());
  ordered.a.act(where, 10, Kind::advance);
  ordered.a.before(ordered.b);
  ordered.b.act(where, 10, Kind::advance);
  EXPECT_TRUE(ordered.silent());
}

TEST(PlainPairs, OnlyWhenAskedFor) {
  for (const bool strict : {false, true}) {
    Two two({.strict = strict});
    two.a.write(field(kX), 10);
    two.b.read(field(kX), 20);
    two.b.read(field(kX), 20);
    EXPECT_EQ(two.findings.size(), strict ? 1U : 0U);
    EXPECT_EQ(two.silent(), !two.only(Rule::plain_pair));
    two.findings.clear();
    two.a.lock(kLock).write(field(kY), 10).unlock(kLock);
    two.b.lock(kLock).read(field(kY), 20).unlock(kLock);
    two.a.read(field(kY, 101), 10);
    two.b.read(field(kY, 101), 20);
    EXPECT_TRUE(two.silent());
  }
}

}  // namespace
