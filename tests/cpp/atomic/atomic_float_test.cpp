#include "raddle/atomic/atomic_float.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/parallel.hpp"

namespace {

using raddle::AtomicFloat;
using raddle::test::in_parallel;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(AtomicFloat, SetsExchangesIncrements) {
  AtomicFloat value(1.5);
  EXPECT_EQ(value.get(), 1.5);
  value.set(2.5);
  EXPECT_EQ(value.get_and_set(-1.0), 2.5);
  EXPECT_EQ(value.increment(0.25), -0.75);
  EXPECT_EQ(value.increment(kInf), kInf);
}

TEST(AtomicFloat, ComparesBits) {
  AtomicFloat value(0.0);
  EXPECT_FALSE(value.compare_and_set(-0.0, 1.0));
  EXPECT_TRUE(value.compare_and_set(0.0, kNaN));
  EXPECT_TRUE(value.compare_and_set(kNaN, 2.0));
  EXPECT_EQ(value.get(), 2.0);
}

TEST(AtomicFloat, MaxAndMinKnowNaNAndTheSignOfZero) {
  struct Case {
    double value, other, max, min;
  };
  for (const Case& c : std::initializer_list<Case>{{1.0, 2.0, 2.0, 1.0},
                                                   {2.0, 1.0, 2.0, 1.0},
                                                   {-0.0, 0.0, 0.0, -0.0},
                                                   {0.0, -0.0, 0.0, -0.0},
                                                   {-kInf, kInf, kInf, -kInf},
                                                   {kNaN, 1.0, kNaN, kNaN},
                                                   {1.0, kNaN, kNaN, kNaN},
                                                   {kInf, kNaN, kNaN, kNaN}}) {
    AtomicFloat larger(c.value), smaller(c.value);
    for (const auto& [got, want] : {std::pair{larger.max(c.other), c.max}, {smaller.min(c.other), c.min}}) {
      if (std::isnan(want)) {
        EXPECT_TRUE(std::isnan(got)) << c.value << ' ' << c.other;
      } else {
        EXPECT_EQ(got, want);
        EXPECT_EQ(std::signbit(got), std::signbit(want)) << c.value << ' ' << c.other;
      }
    }
  }
}

TEST(AtomicFloat, NoIncrementIsLost) {
  AtomicFloat total;
  in_parallel(4, [&](int) {
    for (int i = 0; i < 20'000; ++i) total.increment(0.5);  // exact in binary
  });
  EXPECT_EQ(total.get(), 4 * 20'000 * 0.5);
}

}  // namespace
