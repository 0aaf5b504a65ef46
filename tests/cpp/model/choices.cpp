#include "model/choices.hpp"

#include <algorithm>

namespace raddle::model {

namespace {

using Kind = Operation::Kind;

// Whether two operations lead to different states, depending on which comes first, where both are possible.
bool conflict(const Operation& a, const Operation& b) {
  if (a.word == nullptr || a.word != b.word) return false;
  const auto one_way = [](Kind one, Kind other) {
    switch (one) {
      case Kind::write:
        return other == Kind::write || other == Kind::read || other == Kind::fall_asleep;
      case Kind::wake:  // two wakes: they share out the sleepers
        return other == Kind::wake || other == Kind::fall_asleep || other == Kind::time_out;
      case Kind::lock:
        return other == Kind::lock;
      case Kind::unlock:
        return other == Kind::read;
      case Kind::begin_call:
        return other == Kind::end_call;
      default:
        return false;
    }
  };
  return one_way(a.kind, b.kind) || one_way(b.kind, a.kind);
}

// Whether the earlier of two operations stays the earlier one in all executions that mean the same.
bool ordered(const Operation& earlier, const Operation& later) {
  const auto of_lock = [](Kind kind) { return kind == Kind::lock || kind == Kind::unlock; };
  return conflict(earlier, later) || (earlier.word == later.word && of_lock(earlier.kind) && of_lock(later.kind));
}

void join(Clock& into, const Clock& other) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = std::max(into[i], other[i]);
}

}  // namespace

bool Choices::choose(Threads enabled, const Operations& next) {
  Choice choice;
  choice.enabled = enabled;
  choice.next = next;
  if (!choices_.empty() && orders_ == Orders::that_differ) {
    const Choice& last = choices_.back();
    for (std::size_t thread = 0; thread < kMostThreads; ++thread)
      if (thread != last.chosen && last.asleep.contains(thread) && !conflict(last.next[thread], last.operation()))
        choice.asleep.insert(thread);
  }
  const Threads left = enabled.without(choice.asleep);
  if (left.empty()) return false;
  choice.chosen =
      !choices_.empty() && left.contains(choices_.back().chosen) ? choices_.back().chosen : left.first();
  if (orders_ == Orders::every_order) choice.to_try = enabled;
  choice.to_try.insert(choice.chosen);
  choices_.push_back(choice);
  return true;
}

void Choices::find_other_orders() {
  if (orders_ == Orders::every_order) return;
  std::array<Clock, kMostThreads> known{};
  for (std::size_t i = 0; i < fresh_; ++i) known[choices_[i].chosen] = choices_[i].known;
  for (std::size_t i = fresh_; i < choices_.size(); ++i) {
    Choice& choice = choices_[i];
    const Operation& operation = choice.operation();
    find_races(i, known[choice.chosen]);
    choice.known = known[choice.chosen];
    for (std::size_t j = 0; j < i; ++j)
      if (ordered(choices_[j].operation(), operation)) join(choice.known, choices_[j].known);
    if (operation.after != 0) join(choice.known, choices_[operation.after - 1].known);
    choice.known[choice.chosen] = i + 1;
    known[choice.chosen] = choice.known;
  }
}

// Of the operations that conflict with a later one, and that its thread did not know of before, those with no
// other such operation in between.
void Choices::find_races(std::size_t later, const Clock& known) {
  const Choice& choice = choices_[later];
  const Operation& operation = choice.operation();
  Clock in_between{};
  for (std::size_t i = later; i-- > 0;) {
    const Choice& earlier = choices_[i];
    if (earlier.chosen == choice.chosen) continue;
    if (!conflict(earlier.operation(), operation) && !(operation.could_time_out && operation.after == i + 1))
      continue;
    if (std::max(known[earlier.chosen], in_between[earlier.chosen]) > i) continue;  // clocks count from one
    join(in_between, earlier.known);
    reverse(i, later, known);
  }
}

// To run the later of two operations before the earlier one, everything in between that does not build on the
// earlier one may go first too. Who of those threads can begin must get a turn at the earlier one's place, one
// of them: what the others would begin with is explored from there.
void Choices::reverse(std::size_t earlier, std::size_t later, const Clock& known) {
  Choice& choice = choices_[earlier];
  const Choice& last = choices_[later];
  Threads beginners, seen;
  std::vector<std::size_t> before;
  const auto is_first = [&](std::size_t thread, const Clock& knows) {
    return !seen.contains(thread) && std::none_of(before.begin(), before.end(),
                                                  [&](std::size_t i) { return knows[choices_[i].chosen] > i; });
  };
  for (std::size_t i = earlier + 1; i < later; ++i) {
    const Choice& between = choices_[i];
    if (between.known[choice.chosen] > earlier) continue;
    if (is_first(between.chosen, between.known)) beginners.insert(between.chosen);
    seen.insert(between.chosen);
    before.push_back(i);
  }
  if (is_first(last.chosen, known) && std::none_of(before.begin(), before.end(), [&](std::size_t i) {
        return ordered(choices_[i].operation(), last.operation());
      }))
    beginners.insert(last.chosen);
  if (beginners.meets(choice.to_try) || beginners.meets(choice.asleep)) return;
  choice.to_try.insert(beginners.contains(last.chosen) ? last.chosen : beginners.first());
}

bool Choices::go_back() {
  for (; !choices_.empty(); choices_.pop_back()) {
    Choice& last = choices_.back();
    last.asleep.insert(last.chosen);
    const Threads left = last.to_try.without(last.asleep);
    if (left.empty()) continue;
    last.chosen = left.first();
    fresh_ = choices_.size() - 1;
    return true;
  }
  return false;
}

}  // namespace raddle::model
