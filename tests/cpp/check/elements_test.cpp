// Elements of sequences that are remembered together are to be seen by all rules as if each had been told alone.
#include "raddle/check/elements.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "check/actors.hpp"

namespace {

using namespace raddle::test;

Location element(std::uint64_t index, std::uintptr_t sequence = kX) {
  return {sequence, check::key_of_element(index)};
}

void store(Stage& stage, Actor& actor, std::uint64_t index, SiteId site = 10, Value value = Value::immutable) {
  EXPECT_TRUE(stage.engine.remembers_together(*actor.thread));
  const check::Access access{.where = element(index),
                             .frame = actor.frame,
                             .site = site,
                             .kind = Kind::write,
                             .value = value,
                             .element = true,
                             .atom = true};
  stage.engine.write_element(*actor.thread, access, stage.stacks);
  if (actor.thread->has_findings()) {
    for (Finding& finding : stage.engine.take_findings(*actor.thread))
      stage.findings.push_back(std::move(finding));
  }
}

// A reference to another object.
void put(Actor& actor, std::uint64_t index, SiteId site = 20) {
  actor.access({.where = element(index), .site = site, .kind = Kind::write, .element = true});
}

TEST(Elements, LostUpdateInEitherOrder) {
  for (const bool store_first : {true, false}) {
    Two two;
    if (store_first) store(two, two.b, 3);
    two.a.increment(element(3), 30);
    if (!store_first) store(two, two.b, 3);
    ASSERT_TRUE(two.only(Rule::lost_update)) << store_first;
    EXPECT_EQ(two.findings[0].evidence, Evidence::can_happen);
    EXPECT_EQ(two.findings[0].sides[0].accesses.size(), 2U);
    EXPECT_EQ(two.findings[0].sides[1].accesses[0].site, 10U);
    EXPECT_NE(two.findings[0].sides[1].accesses[0].stack, 0U);
    EXPECT_EQ(two.findings[0].sides[1].thread, two.b.thread->number());
  }
}

TEST(Elements, StoreBetweenReadAndWriteHasHappened) {
  Two two;
  store(two, two.b, 3);
  two.a.start(element(3), 30);
  store(two, two.b, 3);
  two.a.write(element(3), 31, {data(30)});
  ASSERT_TRUE(two.only(Rule::lost_update));
  EXPECT_EQ(two.findings.back().evidence, Evidence::happened);
}

TEST(Elements, OthersAreLeftAlone) {
  Two two;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    if (i % 2 == 0) store(two, two.a, i);
    if (i % 2 == 1) store(two, two.b, i);
  }
  for (std::uint64_t i = 1; i < 2000; i += 2) two.b.increment(element(i), 30);
  for (std::uint64_t i = 0; i < 2000; i += 2) two.a.increment(element(i), 40);
  EXPECT_TRUE(two.silent());
}

TEST(Elements, OfBothThreadsAreSeenByAThird) {
  Two two;
  Actor& c = two.started_by(two.main, "c");
  store(two, two.a, 700);
  store(two, two.b, 700, 11);
  c.increment(element(700), 30);
  ASSERT_TRUE(two.only(Rule::lost_update));
  EXPECT_EQ(two.findings.size(), 2U);
}

TEST(Elements, OrderedStoresAreNone) {
  Two two;
  store(two, two.b, 3);
  two.b.before(two.a);
  two.a.increment(element(3), 30);
  EXPECT_TRUE(two.silent());
  store(two, two.b, 3);  // in a later epoch, after nothing
  EXPECT_TRUE(two.only(Rule::lost_update));
}

// An element that is stored in many epochs: the latest counts, and those that were not stored again are not lost.
TEST(Elements, EpochsOneAfterAnother) {
  Two two;
  store(two, two.b, 600);
  for (int round = 0; round < 50; ++round) {
    for (std::uint64_t i = 520; i < 530; ++i) store(two, two.b, i);
    two.b.before(two.a);
  }
  two.a.increment(element(525), 30);
  EXPECT_TRUE(two.silent());
  store(two, two.b, 525);
  EXPECT_TRUE(two.only(Rule::lost_update));
  two.findings.clear();
  two.main.increment(element(600), 40);
  EXPECT_TRUE(two.only(Rule::lost_update));
  EXPECT_EQ(two.engine.summary().evicted, 0U);
}

TEST(Elements, ManySitesAndThreadsOfOneBlock) {
  Stage stage;
  Actor& main = stage.unordered("main");
  for (SiteId site = 10; site < 40; ++site) {
    Actor& actor = stage.started_by(main, "one of many");
    store(stage, actor, 5, site);
    store(stage, actor, 6, site);
  }
  EXPECT_GT(stage.engine.summary().evicted, 0U);
  stage.started_by(main, "last").increment(element(5), 50);
  EXPECT_TRUE(stage.only(Rule::lost_update));
}

TEST(Elements, SurviveTheRestOfTheirObject) {
  Two two;
  for (std::uint64_t i = 0; i < 1500; ++i) two.b.write(element(i), 20);  // each a cell
  store(two, two.b, 1);
  store(two, two.b, 1501);
  two.a.increment(element(1), 30);
  ASSERT_TRUE(two.only(Rule::lost_update));
  EXPECT_EQ(two.findings.back().sides[1].accesses[0].site, 10U);
}

TEST(Elements, OfAnObjectThatEndedAreGone) {
  Two two;
  for (std::uint64_t i = 0; i < 1000; ++i) store(two, two.b, i);
  two.engine.retire(kX);
  two.a.increment(element(3), 30);
  EXPECT_TRUE(two.silent());
  store(two, two.a, 5);
  two.engine.retire(kX);
  store(two, two.b, 5);
  EXPECT_TRUE(two.silent());
}

TEST(Elements, OfAnObjectThatWasForgotten) {
  Two two({.memory = 1 << 20});
  store(two, two.b, 3);
  for (std::uintptr_t object = 0x100000; object < 0x4000000; object += 0x100) two.a.write(field(object), 50);
  EXPECT_GT(two.engine.summary().evicted, 0U);
  for (std::uint64_t i = 0; i < 100'000; ++i) store(two, two.b, i);  // the layer that was known may be another's
  two.b.before(two.a);
  for (std::uint64_t i = 0; i < 100'000; i += 1000) two.a.increment(element(i), 30);
  EXPECT_TRUE(two.silent());
}

TEST(Elements, FalsyAndOtherStoresUndoDifferentGuards) {
  Two two;
  store(two, two.b, 3, 10, Value::none);
  store(two, two.b, 3, 11, Value::immutable);
  two.a.read(element(3), 30, Guard::not_none);
  two.a.act(element(3), 31, Kind::read, {guard(30, Guard::not_none)});
  ASSERT_TRUE(two.only(Rule::check_then_act));
  EXPECT_EQ(two.findings[0].sides[1].accesses[0].site, 10U);
}

TEST(Elements, NotTogetherUnderLocksNorForRule301) {
  Two two;
  two.a.lock(kLock);
  EXPECT_FALSE(two.engine.remembers_together(*two.a.thread));
  two.a.unlock(kLock);
  EXPECT_TRUE(two.engine.remembers_together(*two.a.thread));
  Two strict({.strict = true});
  EXPECT_FALSE(strict.engine.remembers_together(*strict.a.thread));
}

// --- What elements tell those who read them. ---

check::Access first_write(std::uintptr_t object, SiteId site) {
  return {.where = field(object), .site = site, .kind = Kind::create, .field = true};
}
check::Access field_read(std::uintptr_t object, SiteId site) {
  return {.where = field(object), .site = site, .field = true};
}

TEST(Elements, TellOfWhatWasDoneBefore) {
  Two two;
  two.b.access(first_write(kY, 40));
  put(two.b, 3);
  two.engine.read_element(*two.a.thread, kX);
  two.a.access(field_read(kY, 50));
  EXPECT_TRUE(two.silent());
}

TEST(Elements, DoNotTellOfWhatWasDoneAfter) {
  Two two;
  put(two.b, 3);
  two.b.access(first_write(kY, 40));
  two.engine.read_element(*two.a.thread, kX);
  two.a.access(field_read(kY, 50));
  EXPECT_TRUE(two.only(Rule::premature_publication));
}

// The same store and the same read again: both are known by then.
TEST(Elements, TellOfTheLatestStore) {
  Two two;
  for (std::uintptr_t object = kY; object < kY + 0x1000; object += 0x100) {
    two.b.access(first_write(object, 40));
    put(two.b, 3);
    two.engine.read_element(*two.a.thread, kX);
    two.engine.read_element(*two.a.thread, kX);
    two.a.access(field_read(object, 50));
  }
  EXPECT_TRUE(two.silent());
}

TEST(Elements, TellOfAllWhoStored) {
  Stage stage;
  Actor& main = stage.unordered("main");
  std::vector<Actor*> writers;
  for (int i = 0; i < 12; ++i) writers.push_back(&stage.started_by(main, "writer"));
  Actor& reader = stage.started_by(main, "reader");
  stage.engine.read_element(*reader.thread, kX);
  for (std::size_t i = 0; i < writers.size(); ++i) {
    writers[i]->access(first_write(kY + 0x100 * i, 40));
    put(*writers[i], i);
  }
  stage.engine.read_element(*reader.thread, kX);
  for (std::size_t i = 0; i < writers.size(); ++i) reader.access(field_read(kY + 0x100 * i, 50));
  EXPECT_TRUE(stage.silent());
}

TEST(Elements, TellOfWhatTheWriterWasTold) {
  Two two;
  Actor& c = two.started_by(two.main, "c");
  c.access(first_write(kY, 40));
  put(c, 1);
  two.engine.read_element(*two.b.thread, kX);
  two.b.access({.where = element(0, kY + 0x800), .site = 20, .kind = Kind::write, .element = true});
  two.engine.read_element(*two.a.thread, kY + 0x800);
  two.a.access(field_read(kY, 50));
  EXPECT_TRUE(two.silent());
}

// One thread stores, the other makes cells for the same elements: one of them sees the other. Both may, so it is
// what was found that counts, not how often: each element has sites of its own.
TEST(Elements, CellsAreMadeWhileOthersStore) {
  constexpr std::uint64_t kCount = 4096;
  for (int round = 0; round < 20; ++round) {
    Two two;
    two.collects = false;
    std::atomic<int> ready{0};
    std::thread other([&] {
      ready.fetch_add(1);
      while (ready.load() < 2) {
      }
      CountedStacks stacks;
      for (std::uint64_t i = 0; i < kCount; ++i) {
        const check::Access access{.where = element(i),
                                   .frame = 1,
                                   .site = 10,
                                   .kind = Kind::write,
                                   .value = Value::immutable,
                                   .element = true,
                                   .atom = true};
        two.engine.write_element(*two.b.thread, access, stacks);
      }
    });
    ready.fetch_add(1);
    while (ready.load() < 2) {
    }
    for (std::uint64_t i = kCount; i-- > 0;) two.a.increment(element(i), static_cast<SiteId>(30 + 2 * i));
    other.join();
    std::set<std::uint64_t> found;
    for (const Finding& finding : two.engine.finish())
      if (finding.rule == Rule::lost_update) found.insert(finding.where.key);
    EXPECT_EQ(found.size(), kCount) << round;
  }
}

}  // namespace
