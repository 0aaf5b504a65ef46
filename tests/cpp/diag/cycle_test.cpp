#include "raddle/diag/cycle.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace {

using raddle::find_cycle;
using Graph = std::map<int, std::vector<int>>;

// Asks for no node twice.
std::vector<int> cycle_through(int start, const Graph& graph) {
  std::map<int, int> asked;
  return find_cycle(start, [&](int node) {
    EXPECT_EQ(++asked[node], 1);
    const auto found = graph.find(node);
    return found != graph.end() ? found->second : std::vector<int>();
  });
}

TEST(FindCycle, FindsTheOneThroughTheStart) {
  EXPECT_EQ(cycle_through(1, {}), std::vector<int>());
  EXPECT_EQ(cycle_through(1, {{1, {1}}}), std::vector{1});
  EXPECT_EQ(cycle_through(1, {{1, {2}}, {2, {1}}}), (std::vector{1, 2}));
  EXPECT_EQ(cycle_through(2, {{1, {2}}, {2, {3}}, {3, {1}}}), (std::vector{2, 3, 1}));
  EXPECT_EQ(cycle_through(1, {{1, {2, 3}}, {2, {4}}, {3, {5, 1}}}), (std::vector{1, 3}));
}
TEST(FindCycle, PassesOverCyclesOfOthers) {
  EXPECT_EQ(cycle_through(1, {{1, {2}}, {2, {3}}, {3, {2}}}), std::vector<int>());
  EXPECT_EQ(cycle_through(1, {{1, {2}}, {2, {2, 3}}, {3, {2, 4}}, {4, {1}}}), (std::vector{1, 2, 3, 4}));
}
TEST(FindCycle, IsNotRecursive) {
  Graph graph;
  constexpr int kNodes = 5'000;
  for (int i = 0; i < kNodes; ++i) graph[i] = {(i + 1) % kNodes};
  EXPECT_EQ(cycle_through(0, graph).size(), static_cast<std::size_t>(kNodes));
}

// Held against what can be reached by as many steps as there are nodes.
TEST(FindCycle, AgreesWithReachability) {
  std::minstd_rand random(7);
  for (int round = 0; round < 2000; ++round) {
    constexpr int kNodes = 6;
    Graph graph;
    bool reaches[kNodes][kNodes] = {};
    for (auto edges = random() % 12; edges > 0; --edges) {
      const int from = static_cast<int>(random() % kNodes), to = static_cast<int>(random() % kNodes);
      graph[from].push_back(to);
      reaches[from][to] = true;
    }
    const auto is_edge = [&](int from, int to) {
      for (const int next : graph[from])
        if (next == to) return true;
      return false;
    };
    for (int via = 0; via < kNodes; ++via)
      for (auto& row : reaches)
        for (int to = 0; to < kNodes; ++to) row[to] = row[to] || (row[via] && reaches[via][to]);
    const std::vector<int> cycle = cycle_through(0, graph);
    ASSERT_EQ(!cycle.empty(), reaches[0][0]);
    for (std::size_t i = 0; i < cycle.size(); ++i) ASSERT_TRUE(is_edge(cycle[i], cycle[(i + 1) % cycle.size()]));
    if (!cycle.empty()) {
      ASSERT_EQ(cycle[0], 0);
    }
  }
}

}  // namespace
