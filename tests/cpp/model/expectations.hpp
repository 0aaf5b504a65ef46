// What the model tests say of an exploration.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "model/explorer.hpp"

namespace raddle::model {

// `at_least`: fewer executions would mean that the program, or the explorer, no longer does what the test is
// about.
inline void expect_to_hold(const Exploration& exploration, long at_least) {
  EXPECT_EQ(exploration.failure, "") << "in execution " << exploration.executions;
  EXPECT_GE(exploration.executions, at_least) << "too few orders to mean anything";
  std::printf("%ld executions, %ld of them repeated\n", exploration.executions, exploration.repeated);
}

// In a process of its own: threads that sleep for ever stay in the lot.
template <class Make>
void expect_to_fail(Make make, const char* how) {
  const auto say_failure = [&make] {
    std::fputs(explore(make).failure.c_str(), stderr);
    _exit(0);
  };
  EXPECT_EXIT(say_failure(), testing::ExitedWithCode(0), how);
}
template <class Make>
void expect_to_strand(Make make) {
  expect_to_fail(make, "threads sleep for ever");
}

}  // namespace raddle::model
