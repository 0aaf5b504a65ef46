#include "raddle/sync/keyed_mutex.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "support/parallel.hpp"

namespace {

using raddle::Deadline;
using raddle::LockOutcome;
using raddle::Match;
using raddle::PlainWaiting;
using raddle::test::in_parallel;

// Keys are numbers; how many the table has references on is counted.
struct Numbers {
  using Key = std::uint64_t;
  static inline std::atomic<long> retained{0};
  static void retain(Key) noexcept { ++retained; }
  static void release(Key) { --retained; }
};
using Mutexes = raddle::KeyedMutex<Numbers>;
using Claim = Mutexes::Claim;
using Release = Mutexes::Release;

// All keys have one of `kHashes` hashes.
constexpr std::uint64_t kHashes = 1'000'003;
std::uint64_t hash_of(std::uint64_t key) { return key % kHashes; }

struct Equal {
  std::uint64_t wanted;
  Match operator()(std::uint64_t stored) const { return stored == wanted ? Match::yes : Match::no; }
};

LockOutcome lock(Mutexes& mutexes, std::uint64_t key, Deadline deadline = Deadline::never(),
                 Mutexes::Spot* spot = nullptr) {
  Mutexes::Visit visit(mutexes, key, hash_of(key));
  Equal equal{key};
  PlainWaiting waiting;
  const LockOutcome outcome =
      visit.claim(equal) == Claim::taken ? LockOutcome::taken : visit.wait(deadline, waiting);
  if (spot != nullptr) *spot = visit.spot();
  return outcome;
}
bool unlock(Mutexes& mutexes, std::uint64_t key) {
  Equal equal{key};
  return mutexes.release(hash_of(key), equal) == Release::done;
}

TEST(KeyedMutex, IsReentrantForEachKey) {
  Mutexes mutexes("test");
  for (int depth = 1; depth <= 3; ++depth) EXPECT_EQ(lock(mutexes, 5), LockOutcome::taken);
  EXPECT_EQ(lock(mutexes, 5 + kHashes), LockOutcome::taken);
  EXPECT_EQ(mutexes.size(), 2U);
  const auto others = [&] {
    LockOutcome outcome = LockOutcome::taken;
    std::thread([&] {
      outcome = lock(mutexes, 5, Deadline::passed());
      if (outcome == LockOutcome::taken) unlock(mutexes, 5);
      EXPECT_FALSE(unlock(mutexes, 5));
    }).join();
    return outcome;
  };
  for (int depth = 3; depth >= 1; --depth) {
    EXPECT_EQ(others(), LockOutcome::timed_out);
    EXPECT_TRUE(unlock(mutexes, 5));
  }
  EXPECT_EQ(others(), LockOutcome::taken);
  EXPECT_FALSE(unlock(mutexes, 5));
  EXPECT_TRUE(unlock(mutexes, 5 + kHashes));
  EXPECT_EQ(mutexes.size(), 0U);
  EXPECT_EQ(Numbers::retained, 0);
}

TEST(KeyedMutex, GrowsAndShrinksBack) {
  Mutexes mutexes("test");
  constexpr std::uint64_t kKeys = 50'000;
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t key = 0; key < kKeys; ++key) ASSERT_EQ(lock(mutexes, key * 64), LockOutcome::taken);
    EXPECT_EQ(mutexes.size(), kKeys);
    std::uint64_t seen = 0;
    mutexes.for_each_at_rest([&](std::uint64_t) { return ++seen, true; });
    EXPECT_EQ(seen, kKeys);
    for (std::uint64_t key = 0; key < kKeys; ++key) ASSERT_TRUE(unlock(mutexes, key * 64));
    EXPECT_EQ(mutexes.size(), 0U);
  }
  EXPECT_EQ(Numbers::retained, 0);
}

TEST(KeyedMutex, FreesWhatIsHeldAtItsEnd) {
  {
    Mutexes mutexes("test");
    for (std::uint64_t key = 0; key < 3'000; ++key) lock(mutexes, key);
  }
  EXPECT_EQ(Numbers::retained, 0);
}

TEST(KeyedMutex, ASpotOutlivesItsEntry) {
  Mutexes mutexes("test");
  Mutexes::Spot spot;
  for (int round = 0; round < 1'000; ++round) {
    lock(mutexes, 1, Deadline::never(), &spot);
    mutexes.note(spot, &spot);
    EXPECT_EQ(mutexes.noted(hash_of(1), spot), &spot);
    EXPECT_TRUE(mutexes.release_at(hash_of(1), spot));
    EXPECT_FALSE(mutexes.release_at(hash_of(1), spot));
    // Mostly at the same address, in the same chain.
    lock(mutexes, 1 + kHashes);
    EXPECT_FALSE(mutexes.release_at(hash_of(1), spot));
    EXPECT_EQ(mutexes.noted(hash_of(1), spot), nullptr);
    EXPECT_TRUE(unlock(mutexes, 1 + kHashes));
  }
}

TEST(KeyedMutex, AnUndecidedProbeChangesNothing) {
  Mutexes mutexes("test");
  lock(mutexes, 1);
  auto unsure = [](std::uint64_t) { return Match::unknown; };
  Mutexes::Visit visit(mutexes, 1 + kHashes, hash_of(1));
  EXPECT_EQ(visit.claim(unsure), Claim::undecided);
  EXPECT_EQ(mutexes.release(hash_of(1), unsure), Release::undecided);
  EXPECT_EQ(mutexes.size(), 1U);
  Equal equal{1 + kHashes};
  EXPECT_EQ(visit.claim(equal), Claim::taken);
  EXPECT_TRUE(unlock(mutexes, 1));
  EXPECT_TRUE(unlock(mutexes, 1 + kHashes));
}

// Few keys, of few hashes; with time limits.
void expect_exclusion(std::uint64_t keys, std::uint64_t step, int rounds) {
  Mutexes mutexes("test");
  std::vector<long> counts(keys);  // each guarded by its key
  std::atomic<long> done = 0;
  in_parallel(4, [&](int index) {
    auto random = static_cast<std::uint64_t>(index) + 1;
    for (int i = 0; i < rounds; ++i) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      const std::uint64_t place = (random >> 33) % keys, key = place * step;
      const Deadline deadline = i % 3 != 0 ? Deadline::never() : Deadline::in(i % 2 * 20'000);
      if (lock(mutexes, key, deadline) != LockOutcome::taken) continue;
      ++counts[place];
      ++done;
      if (i % 64 == 0) std::this_thread::yield();
      if (i % 5 == 0) {
        ASSERT_EQ(lock(mutexes, key), LockOutcome::taken);
        ASSERT_TRUE(unlock(mutexes, key));
      }
      ASSERT_TRUE(unlock(mutexes, key));
    }
  });
  long sum = 0;
  for (const long count : counts) sum += count;
  EXPECT_EQ(sum, done);
  EXPECT_EQ(mutexes.size(), 0U);
  EXPECT_EQ(mutexes.approx_waiting(), 0U);
  EXPECT_EQ(Numbers::retained, 0);
}
TEST(KeyedMutex, ExcludesOnOneKey) { expect_exclusion(1, 1, 5'000); }
TEST(KeyedMutex, ExcludesOnKeysOfOneHash) { expect_exclusion(5, kHashes, 5'000); }
TEST(KeyedMutex, ExcludesOnManyKeys) { expect_exclusion(3'000, 1, 20'000); }

TEST(KeyedMutex, TablesChangeTheirSizeWhileOthersUseThem) {
  Mutexes mutexes("test");
  in_parallel(4, [&](int index) {
    for (int round = 0; round < 20; ++round) {
      const auto key = [&](std::uint64_t i) { return (i * 4 + static_cast<std::uint64_t>(index)) * 3; };
      for (std::uint64_t i = 0; i < 700; ++i) ASSERT_EQ(lock(mutexes, key(i)), LockOutcome::taken);
      for (std::uint64_t i = 0; i < 700; ++i) ASSERT_TRUE(unlock(mutexes, key(i)));
    }
  });
  EXPECT_EQ(mutexes.size(), 0U);
}

TEST(KeyedMutex, TellsOnceOfAnOwnerThatEnded) {
  Mutexes mutexes("test");
  std::thread([&] { lock(mutexes, 1), lock(mutexes, 1); }).join();
  EXPECT_EQ(mutexes.size(), 1U);
  Mutexes::Spot spot;
  EXPECT_EQ(lock(mutexes, 1, Deadline::passed(), &spot), LockOutcome::owner_died);
  EXPECT_TRUE(mutexes.release_at(hash_of(1), spot));
  EXPECT_EQ(mutexes.size(), 0U);
  EXPECT_EQ(lock(mutexes, 1), LockOutcome::taken);
  EXPECT_TRUE(unlock(mutexes, 1));
  EXPECT_EQ(Numbers::retained, 0);
}

TEST(KeyedMutex, ForkFreesWhatVanishedThreadsHad) {
  Mutexes mutexes("test");
  constexpr std::uint64_t kMine = 3, kOthers = 4;
  lock(mutexes, kMine);
  std::atomic<bool> done = false;
  std::thread holder([&] {
    lock(mutexes, kOthers);
    while (!done) std::this_thread::yield();
    unlock(mutexes, kOthers);
  });
  std::thread waiter([&] { lock(mutexes, kMine), unlock(mutexes, kMine); });
  while (mutexes.size() != 2 || mutexes.approx_waiting() != 1) std::this_thread::yield();
  const long retained = Numbers::retained;
  const pid_t child = fork();
  if (child == 0) {
    const bool good = retained == 2 && mutexes.size() == 1 && mutexes.approx_waiting() == 0 &&
                      Numbers::retained == 1 && lock(mutexes, kOthers, Deadline::passed()) == LockOutcome::taken &&
                      lock(mutexes, kMine) == LockOutcome::taken && unlock(mutexes, kMine) &&
                      unlock(mutexes, kMine) && unlock(mutexes, kOthers) && mutexes.size() == 0 &&
                      Numbers::retained == 0;
    _exit(good ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  done = true;
  EXPECT_TRUE(unlock(mutexes, kMine));
  holder.join();
  waiter.join();
  EXPECT_EQ(mutexes.size(), 0U);
}

}  // namespace
