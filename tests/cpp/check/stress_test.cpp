// The race detector's engine in the hands of many threads at once: for sanitizers, and for what must hold in every
// order.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>
#include <vector>

#include "check/actors.hpp"
#include "support/parallel.hpp"

namespace {

using namespace raddle::test;
namespace check = raddle::check;

constexpr int kThreads = 4;
constexpr std::uintptr_t kObjects = 0x100000;

struct Stacks final : check::StackSource {
  check::StackId capture() noexcept override { return 1; }
};

class Player {
 public:
  Player(check::Engine& engine, check::Thread& thread) : engine_(engine), thread_(thread) {}

  void access(check::Access access, std::initializer_list<PairLink> links = {}) {
    access.links = links.begin();
    access.link_count = static_cast<std::uint8_t>(links.size());
    engine_.access(thread_, access, stacks_);
    if (thread_.has_findings()) taken += engine_.take_findings(thread_).size();
  }
  void increment(Location where, SiteId site) {
    access({.where = where, .frame = 1, .site = site, .starts_pair = true});
    access({.where = where, .frame = 1, .site = site + 1, .kind = Kind::write}, {data(site)});
  }
  void lock(std::mutex& mutex, std::uintptr_t lock) {
    mutex.lock();
    engine_.lock_acquired(thread_, lock, false, 5);
  }
  void unlock(std::mutex& mutex, std::uintptr_t lock) {
    engine_.lock_released(thread_, lock);
    mutex.unlock();
  }
  std::size_t taken = 0;

 private:
  check::Engine& engine_;
  check::Thread& thread_;
  Stacks stacks_;
};

// Correct programs stay silent in every order: increments under locks, objects of one thread, reads of all.
TEST(EngineStress, ProtectedAccessesOfManyThreads) {
  check::Engine engine;
  check::Thread* main = engine.begin_thread(nullptr, "main");
  std::vector<check::Thread*> threads;
  for (int i = 0; i < kThreads; ++i) {
    const check::ClocksRef from = engine.release(*main);
    threads.push_back(engine.begin_thread(from.get(), "t"));
  }
  constexpr int kLocks = 3;
  std::mutex mutexes[kLocks];
  raddle::test::in_parallel(kThreads, [&](int index) {
    Player player(engine, *threads[static_cast<std::size_t>(index)]);
    std::mt19937 random(static_cast<unsigned>(index));
    for (unsigned round = 0; round < 3000; ++round) {
      const auto which = static_cast<unsigned>(random() % kLocks);
      player.lock(mutexes[which], 0x500 + which * 8);
      player.increment(field(kObjects + which * 0x40), 10);
      if (random() % 4 == 0) {
        player.access({.where = structure(kObjects + which * 0x40), .site = 14, .kind = Kind::append_like});
      } else {
        player.access({.where = structure(kObjects + which * 0x40), .site = 15, .kind = Kind::iterate_begin});
        player.access({.where = structure(kObjects + which * 0x40), .site = 15, .kind = Kind::iterate_end});
      }
      player.unlock(mutexes[which], 0x500 + which * 8);
      const std::uintptr_t own = 0x900000 + static_cast<std::uintptr_t>(index) * 0x10000 + round % 50 * 0x40;
      player.increment(field(own), 20);
      if (round % 50 == 49) engine.retire(own);
      player.access({.where = field(kObjects + 0x4000), .site = 30});
    }
    EXPECT_EQ(player.taken, 0U);
  });
  EXPECT_TRUE(engine.finish().empty());
  EXPECT_EQ(engine.summary().dropped, 0U);
}

// Anything at all, under a limit that forgets all the time.
TEST(EngineStress, WildAccessesUnderASmallLimit) {
  check::Engine engine({.memory = 1 << 16, .strict = true});
  check::Thread* main = engine.begin_thread(nullptr, "main");
  std::atomic<std::size_t> taken = 0;
  std::mutex mutexes[4];
  raddle::test::in_parallel(kThreads, [&](int index) {
    std::mt19937 random(static_cast<unsigned>(index));
    for (int life = 0; life < 10; ++life) {
      check::Thread* thread = engine.begin_thread(nullptr, "t", main->number());
      ASSERT_NE(thread, nullptr);
      Player player(engine, *thread);
      for (int round = 0; round < 400; ++round) {
        const Location where{kObjects + random() % 60 * 0x40,
                             random() % 3 == 0 ? check::kStructure : 100 + random() % 5 * 8};
        const auto mutex = static_cast<unsigned>(random() % 4);
        const bool locks = random() % 2 == 0;
        if (locks) player.lock(mutexes[mutex], 0x500 + mutex * 8);
        const auto kind = static_cast<Kind>(random() % 10);
        player.access({.where = where,
                       .frame = random() % 3,
                       .site = static_cast<SiteId>(random() % 20 + 1),
                       .group = static_cast<check::GroupId>(random() % 3),
                       .kind = kind,
                       .value = static_cast<Value>(random() % 5),
                       .guards_as = static_cast<Guard>(random() % 9),
                       .starts_pair = random() % 2 == 0,
                       .field = random() % 2 == 0},
                      {data(static_cast<SiteId>(random() % 20 + 1)),
                       guard(static_cast<SiteId>(random() % 20 + 1), static_cast<Guard>(random() % 9))});
        if (random() % 50 == 0) engine.retire(where.object);
        if (random() % 200 == 0) (void)engine.summary();
        if (locks) player.unlock(mutexes[mutex], 0x500 + mutex * 8);
        if (random() % 100 == 0) engine.lock_released(*thread, 0x700 + random() % 4 * 8);
        if (random() % 100 == 0) engine.lock_acquired(*thread, 0x700 + random() % 4 * 8);
      }
      taken += player.taken;
      (void)engine.end_thread(*thread);
    }
  });
  EXPECT_GT(taken.load(), 0U);
  EXPECT_FALSE(engine.finish().empty());
}

// A lost update is found however the threads meet.
TEST(EngineStress, LostUpdatesAreFoundInEveryOrder) {
  for (int round = 0; round < 50; ++round) {
    check::Engine engine({.memory = 1 << 20});
    check::Thread* main = engine.begin_thread(nullptr, "main");
    const check::ClocksRef from = engine.release(*main);
    check::Thread* threads[] = {engine.begin_thread(from.get(), "a"), engine.begin_thread(from.get(), "b")};
    std::atomic<std::size_t> taken = 0;
    raddle::test::in_parallel(2, [&](int index) {
      Player player(engine, *threads[index]);
      for (int i = 0; i < 20; ++i) player.increment(field(kObjects), 10);
      taken += player.taken;
    });
    EXPECT_GE(taken.load(), 1U);
    const std::vector<Finding> all = engine.finish();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].rule, Rule::lost_update);
  }
}

}  // namespace
