// The race detector's engine where `operator new` fails: events are dropped and counted, nothing else.
// Part of a program of its own, because it replaces operator new.
#include <gtest/gtest.h>

#include <algorithm>

#include "check/actors.hpp"
#include "support/failing_new.hpp"

namespace {

using namespace raddle::test;

TEST(EngineWithoutMemory, NothingIsWatched) {
  const FailingNew no_memory(0);
  raddle::check::Engine engine;
  EXPECT_EQ(engine.begin_thread(nullptr, "t"), nullptr);
  engine.retire(kX);
  engine.lock_ended(kLock);
  EXPECT_EQ(engine.summary().cells, 0U);
  EXPECT_TRUE(engine.finish().empty());
}

// Whatever allocation fails, the engine goes on, and finds again what there is to be found as soon as there is
// memory.
TEST(EngineWithoutMemory, EventsAreDropped) {
  bool refused_any = false;
  for (long successes = 0;; ++successes) {
    Stage stage;
    Actor& main = stage.unordered("main");
    Actor &a = stage.started_by(main, "a"), &b = stage.started_by(main, "b");
    long refused = 0;
    stage.collects = false;
    {
      const FailingNew no_memory(successes);
      for (std::uintptr_t object = kX; object < kX + 0x400; object += 0x40) {
        for (Actor* actor : {&a, &b}) {
          actor->lock(kLock).increment(field(object), 10).unlock(kLock);
          actor->increment(field(object, 101), 20);
          actor->read(field(object), 30, Guard::absent)
              .write(field(object), 31, {guard(30, Guard::absent)}, Kind::create);
          actor->act(structure(object), 40, Kind::iterate_begin).act(structure(object), 40, Kind::iterate_end);
        }
        a.before(b);
        const raddle::check::Thread* late =
            stage.engine.begin_thread(nullptr, "a name that is too long to be kept in place");
        (void)late;
      }
      (void)stage.engine.finish();
      refused = no_memory.refused();
    }
    refused_any = refused_any || refused > 0;
    stage.collects = true;
    a.increment(field(kY), 50);
    b.increment(field(kY), 50);
    const auto is_new = [](const Finding& finding) { return finding.where == field(kY); };
    EXPECT_TRUE(std::any_of(stage.findings.begin(), stage.findings.end(), is_new)) << successes;
    if (refused == 0) break;
    ASSERT_LT(successes, 5000);
  }
  EXPECT_TRUE(refused_any);
}

}  // namespace
