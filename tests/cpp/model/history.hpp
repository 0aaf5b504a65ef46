// What the threads of a program saw, and whether it could have come from one thread that made the same calls one
// after the other: linearizability, decided by trying all orders.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "model/explorer.hpp"

namespace raddle::model {

// `Spec` is the sequential object: copyable, with a type Step and bool apply(const Step&), which changes the
// object as the step says, or returns false if the object could not have done that.
//
// A call is one step or several: one that promises to take effect step by step, in this order, while others come
// in between.
template <class Spec>
class History {
 public:
  using Steps = std::vector<typename Spec::Step>;

  // Makes the call, which returns what it did.
  template <class Call>
  void record(Call call) {
    begin_call();
    const std::size_t ended_before = ended_;
    Steps steps = call();
    end_call();
    calls_.push_back({std::move(steps), ended_before, ended_++});
  }

  bool is_linearizable(const Spec& initial) const {
    std::vector<std::size_t> taken(calls_.size(), 0);
    return can_go_on(initial, taken);
  }

 private:
  struct Call {
    Steps steps;
    std::size_t ended_before;  // how many calls
    std::size_t number;        // in the order in which they ended
  };

  // Can what is left be done from here? taken: how many steps of each call are behind us.
  bool can_go_on(const Spec& spec, std::vector<std::size_t>& taken) const {
    // A call can go on only if it began before the first of the others that are not over ended.
    std::size_t first_end = 0;
    while (first_end < calls_.size() && taken[first_end] == calls_[first_end].steps.size()) ++first_end;
    if (first_end == calls_.size()) return true;
    for (std::size_t i = first_end; i < calls_.size(); ++i) {
      const Call& call = calls_[i];
      if (taken[i] == call.steps.size() || call.ended_before > first_end) continue;
      Spec next = spec;
      if (!next.apply(call.steps[taken[i]])) continue;
      ++taken[i];
      if (can_go_on(next, taken)) return true;
      --taken[i];
    }
    return false;
  }

  std::vector<Call> calls_;  // by `number`
  std::size_t ended_ = 0;
};

}  // namespace raddle::model
