// A cycle through one node of a graph that is known only by asking for the neighbours of a node.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace raddle {

// The nodes of a cycle through `start`, beginning with it, in the direction of the edges; empty if there is none.
// `neighbours(node)` returns a std::vector<Node>; it is asked at most once for each node. Depth first; memory and
// time grow with the nodes and edges that can be reached.
template <class Node, class Neighbours>
std::vector<Node> find_cycle(const Node& start, Neighbours neighbours) {
  struct Step {
    Node node;
    std::vector<Node> next;
    std::size_t tried = 0;
  };
  std::vector<Node> seen{start};
  std::vector<Step> path;
  path.push_back({start, neighbours(start)});
  while (!path.empty()) {
    Step& last = path.back();
    if (last.tried == last.next.size()) {
      path.pop_back();
      continue;
    }
    const Node node = last.next[last.tried++];
    if (node == start) {
      std::vector<Node> cycle;
      for (const Step& step : path) cycle.push_back(step.node);
      return cycle;
    }
    if (std::find(seen.begin(), seen.end(), node) != seen.end()) continue;
    seen.push_back(node);
    path.push_back({node, neighbours(node)});
  }
  return {};
}

}  // namespace raddle
