#include "raddle/atomic/atomic_bool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "support/parallel.hpp"

namespace {

using raddle::AtomicBool;
using raddle::test::in_parallel;

TEST(AtomicBool, SetsExchangesFlips) {
  AtomicBool flag;
  EXPECT_FALSE(flag.get());
  flag.set(true);
  EXPECT_TRUE(flag.get_and_set(false));
  EXPECT_FALSE(flag.compare_and_set(true, true));
  EXPECT_TRUE(flag.compare_and_set(false, true));
  EXPECT_FALSE(flag.flip());
  EXPECT_TRUE(flag.flip());
  EXPECT_TRUE(flag.get());
}

TEST(AtomicBool, NoFlipIsLost) {
  constexpr int kThreads = 4;
  constexpr int kEach =
      25'001;  // odd, and so is the number of the flips that gave true minus those that gave false
  AtomicBool flag;
  std::array<int, kThreads> to_true{};
  in_parallel(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) to_true[static_cast<std::size_t>(thread)] += flag.flip() ? 1 : 0;
  });
  const int flips_to_true = std::accumulate(to_true.begin(), to_true.end(), 0);
  EXPECT_EQ(flips_to_true, kThreads * kEach / 2);
  EXPECT_FALSE(flag.get());
}

TEST(AtomicBool, OneThreadWinsEachRound) {
  AtomicBool flag;
  std::array<int, 4> wins{};
  in_parallel(4, [&](int thread) {
    for (int i = 0; i < 25'000; ++i) {
      if (flag.get_and_set(true)) continue;
      ++wins[static_cast<std::size_t>(thread)];
      flag.set(false);
    }
  });
  EXPECT_GT(std::accumulate(wins.begin(), wins.end(), 0), 0);
  EXPECT_FALSE(flag.get());
}

}  // namespace
