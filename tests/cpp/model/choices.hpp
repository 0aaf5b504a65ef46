// The decisions of an execution, and which others must be tried after it: the part of the explorer that knows what
// commutes. (explorer.hpp says what is explored and after whom.)
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/explorer.hpp"

namespace raddle::model {

// A set of threads.
class Threads {
 public:
  Threads() = default;

  bool contains(std::size_t thread) const { return (bits_ >> thread & 1) != 0; }
  bool empty() const { return bits_ == 0; }
  std::size_t first() const { return static_cast<std::size_t>(std::countr_zero(bits_)); }
  void insert(std::size_t thread) { bits_ |= 1U << thread; }
  void insert(Threads others) { bits_ |= others.bits_; }
  Threads without(Threads others) const { return Threads(bits_ & ~others.bits_); }
  bool meets(Threads others) const { return (bits_ & others.bits_) != 0; }
  bool operator==(const Threads&) const = default;

 private:
  explicit Threads(std::uint32_t bits) : bits_(bits) {}

  std::uint32_t bits_ = 0;
};

// What a thread does in one step.
struct Operation {
  enum class Kind : std::uint8_t {
    read,
    write,
    fall_asleep,
    wake,
    time_out,
    go_on,
    lock,
    unlock,
    begin_call,
    end_call
  };

  const void* word = nullptr;  // null: no other thread can notice
  Kind kind = Kind::read;
  std::size_t after = 0;        // go_on: which operation of the execution was the wake, counted from one
  bool could_time_out = false;  // go_on: before the wake it could have been a time_out
};
// Per thread: how many of the execution's operations, counted by depth, come before in every execution that
// means the same.
using Clock = std::array<std::size_t, kMostThreads>;

using Operations = std::array<Operation, kMostThreads>;

// A place in the current execution where it was decided who goes next.
struct Choice {
  Operations next;  // what each thread does if it is chosen
  Threads enabled;
  Threads to_try;  // threads whose turn here leads to other meanings
  Threads asleep;  // threads whose turn has been explored, here or in an order that means the same
  std::size_t chosen = 0;
  Clock known{};  // of the chosen operation, with itself

  const Operation& operation() const { return next[chosen]; }
};

class Choices {
 public:
  explicit Choices(Orders orders) : orders_(orders) {}

  std::size_t size() const { return choices_.size(); }
  Choice& operator[](std::size_t i) { return choices_[i]; }

  // Appends a choice: a thread whose turn has not been explored yet, the one that ran last if possible. False:
  // there is none, all that could follow has been seen.
  bool choose(Threads enabled, const Operations& next);
  // After an execution. For every new operation of it: who knows of it, and which other orders it calls for.
  void find_other_orders();
  // Goes back to the last place with a choice left. False: there is none.
  bool go_back();

 private:
  void find_races(std::size_t later, const Clock& known);
  void reverse(std::size_t earlier, std::size_t later, const Clock& known);

  const Orders orders_;
  std::vector<Choice> choices_;
  std::size_t fresh_ = 0;  // the first of them whose operation is new in this execution
};

}  // namespace raddle::model
