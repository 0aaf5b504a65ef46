// What the tests of several queues share: items that tell who put them, and the check that each came once.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "raddle/queue/priority_queue.hpp"
#include "raddle/queue/queue_status.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle::test {

using Token = std::uint64_t;

constexpr Token token(std::uint64_t producer, std::uint64_t number) { return producer << 32 | number; }
constexpr std::uint64_t producer_of(Token value) { return value >> 32; }
constexpr std::uint64_t number_of(Token value) { return value & UINT32_MAX; }

// Every token of every producer arrived exactly once.
inline void expect_each_once(const std::vector<std::vector<Token>>& arrived, std::uint64_t producers,
                             std::uint64_t each) {
  std::vector<std::vector<int>> times(producers, std::vector<int>(each, 0));
  for (const std::vector<Token>& one : arrived)
    for (const Token value : one) ++times.at(producer_of(value)).at(number_of(value));
  for (std::uint64_t producer = 0; producer < producers; ++producer)
    for (std::uint64_t number = 0; number < each; ++number)
      ASSERT_EQ(times[producer][number], 1) << "token " << number << " of producer " << producer;
}

// Each consumer saw the tokens of each producer in the order in which they were put.
inline void expect_in_order(const std::vector<std::vector<Token>>& arrived, std::uint64_t producers) {
  for (const std::vector<Token>& one : arrived) {
    std::vector<std::int64_t> last(producers, -1);
    for (const Token value : one) {
      std::int64_t& before = last.at(producer_of(value));
      ASSERT_LT(before, static_cast<std::int64_t>(number_of(value)));
      before = static_cast<std::int64_t>(number_of(value));
    }
  }
}

// The order of numbers, for PriorityQueue.
struct LeastFirst {
  static Answer less(Token a, Token b) { return a < b ? Answer::yes : Answer::no; }
  using Waiting = PlainWaiting;
};

// Runs the body in a forked child; true if it returned true there.
template <class Body>
bool holds_in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // a hang is an answer too
    _exit(body() ? 0 : 1);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace raddle::test
