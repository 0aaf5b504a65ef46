// The explorer itself: that it misses no order that matters, repeats few, and reports what can go wrong.
#include "model/explorer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <set>

#include "model/expectations.hpp"
#include "raddle/base/atomic.hpp"
#include "raddle/base/deadline.hpp"
#include "raddle/sync/wait_word.hpp"

namespace {

using raddle::Deadline;
using raddle::model::Exploration;
using raddle::model::explore;
using raddle::model::Orders;
using raddle::model::Program;
namespace model = raddle::model;
namespace order = raddle::order;

using Word = raddle::atomic<int>;

// Three threads add one, in two steps. `locking` of them take the lock first.
Program adding(int locking) {
  auto value = std::make_shared<Word>(0);
  const auto add = [value] { value->store(value->load(order::seq_cst) + 1, order::seq_cst); };
  const auto add_locked = [value, add] {
    model::lock(value.get());
    add();
    model::unlock(value.get());
  };
  Program program{{}, [value] { return value->now() == 3; }};
  for (int i = 0; i < 3; ++i) program.threads.emplace_back(i < locking ? std::function(add_locked) : add);
  return program;
}

TEST(Explorer, FindsAnUpdateThatIsLost) {
  EXPECT_EQ(explore([] { return adding(0); }).failure, "the check at the end failed");
}

TEST(Explorer, FindsALockThatIsForgotten) {
  EXPECT_EQ(explore([] { return adding(2); }).failure, "the check at the end failed");
}

TEST(Explorer, ALockExcludes) {
  const Exploration exploration = explore([] { return adding(3); });
  EXPECT_EQ(exploration.failure, "");
  EXPECT_EQ(exploration.executions, 6);  // 3! orders of the threads
}

TEST(Explorer, RunsEachMeaningOnce) {
  // Two threads with two writes each to words of their own: all orders mean the same.
  const auto apart = [] {
    auto words = std::make_shared<std::array<Word, 2>>();
    const auto write = [words](std::size_t i) {
      (*words)[i].store(1, order::seq_cst);
      (*words)[i].store(2, order::seq_cst);
    };
    return Program{{[=] { write(0); }, [=] { write(1); }}};
  };
  EXPECT_EQ(explore(apart).executions, 1);
  EXPECT_EQ(explore(apart, Orders::every_order).executions, 6);
  // Two writes each to one word: 4! / (2! 2!) orders.
  const auto together = [] {
    auto word = std::make_shared<Word>(0);
    const auto write = [word] {
      word->store(1, order::seq_cst);
      word->store(2, order::seq_cst);
    };
    return Program{{write, write}};
  };
  EXPECT_EQ(explore(together).executions, 6);
}

TEST(Explorer, ReportsLocksTakenInOppositeOrders) {
  const auto program = [] {
    const auto both = [](const char* first, const char* second) {
      model::lock(first), model::lock(second);
      model::unlock(second), model::unlock(first);
    };
    static const char a = 'a', b = 'b';
    return Program{{[=] { both(&a, &b); }, [=] { both(&b, &a); }, [=] { both(&a, &b); }}};
  };
  EXPECT_EQ(explore(program).failure, "threads wait for locks for ever");
}

TEST(Explorer, ReportsASleeperThatNobodyWakes) {
  const auto program = [] {
    auto word = std::make_shared<raddle::WaitWord>(0);
    return Program{
        {[word] { raddle::sleep_on(*word, 0, Deadline::never()); }, [word] { word->store(1, order::seq_cst); }}};
  };
  EXPECT_EQ(explore(program).failure, "threads sleep for ever");
}

TEST(Explorer, ReportsWhatDoesNotEnd) {
  const auto program = [] {
    auto word = std::make_shared<Word>(0);
    return Program{{[word] {
      while (word->load(order::seq_cst) == 0) continue;
    }}};
  };
  EXPECT_EQ(explore(program).failure, "an execution does not end");
}

TEST(Explorer, ReportsLocksThatAreLeftOrNotHeld) {
  static const char lock = 'l';
  EXPECT_EQ(explore([] { return Program{{[] { model::lock(&lock); }}}; }).failure, "a lock is held at the end");
  EXPECT_EQ(explore([] { return Program{{[] { model::unlock(&lock); }}}; }).failure,
            "an unlock by a thread that does not hold the lock");
}

// --- against all orders, also those that mean the same, of programs made at random ---

struct Step {
  enum class Kind : std::uint8_t {
    load,
    store,
    add,
    peek,
    wake,
    sleep,
    doze,
    publish,
    begin_call,
    end_call,
    store_locked
  };
  Kind kind;
  std::size_t word;
};
constexpr std::size_t kOperations[] = {1, 1, 1, 1, 1, 1,
                                       2, 2, 1, 1, 3};  // of each kind of step, as the explorer counts
using Script = std::vector<std::vector<Step>>;
using Seen = std::vector<int>;

// A script of three or four threads, short enough to be run in every order.
Script random_script(std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % n; };
  const std::size_t words = 1 + below(2);
  const bool four = below(8) == 0;
  Script script(four ? 4 : 3);
  for (auto& steps : script)
    for (std::size_t operations = four ? 2 : 3; operations != 0;) {
      const Step step{static_cast<Step::Kind>(below(std::size(kOperations))), below(words)};
      const std::size_t needed = kOperations[static_cast<std::size_t>(step.kind)];
      if (needed > operations) continue;
      if (step.kind == Step::Kind::sleep && below(4) != 0) continue;  // seldom woken
      operations -= needed;
      steps.push_back(step);
    }
  return script;
}

struct Shared {
  struct Place {
    raddle::WaitWord word{0};
    char lock = 0;
    int guarded = 0, published = 0;
  };
  std::array<Place, 2> places;
  std::vector<Seen> seen;
  int ended_calls = 0;  // a bit each

  void run(const std::vector<Step>& steps, std::size_t thread) {
    const auto saw = [&](auto value) { seen[thread].push_back(static_cast<int>(value)); };
    for (std::size_t i = 0; i < steps.size(); ++i) {
      Place& place = places[steps[i].word];
      Place& other = places[1 - steps[i].word];
      const auto unique = static_cast<std::uint32_t>(100 * (thread + 1) + i);
      switch (steps[i].kind) {
        case Step::Kind::load:
          saw(place.word.load(order::seq_cst));
          break;
        case Step::Kind::store:
          place.word.store(unique, order::seq_cst);
          break;
        case Step::Kind::add:
          saw(place.word.fetch_add(1, order::seq_cst));
          break;
        case Step::Kind::begin_call:
          model::begin_call();
          saw(ended_calls);
          break;
        case Step::Kind::end_call:
          model::end_call();
          ended_calls |= 1 << (4 * thread + i);
          break;
        case Step::Kind::store_locked:
          model::lock(&place.lock);
          saw(std::exchange(place.guarded, static_cast<int>(unique)));
          other.word.store(unique, order::seq_cst);
          model::unlock(&place.lock);
          break;
        case Step::Kind::publish:
          model::lock(&place.lock);
          model::unlock(&place.lock);
          place.published = static_cast<int>(unique);
          break;
        case Step::Kind::peek:
          model::before(&place.lock, model::Access::read);
          saw(place.published);
          break;
        case Step::Kind::sleep:
          raddle::sleep_on(place.word, 0, Deadline::never());
          break;
        case Step::Kind::doze:
          raddle::sleep_on(place.word, 0, Deadline::at(Deadline::now() + 1));
          saw(Deadline::now());
          break;
        case Step::Kind::wake:
          raddle::wake(&place.word);
          break;
      }
    }
  }
};

struct Outcomes {
  Exploration exploration;
  std::set<std::vector<Seen>> seen;
};

Outcomes outcomes_of(const Script& script, Orders orders) {
  Outcomes outcomes;
  const auto make = [&] {
    auto shared = std::make_shared<Shared>();
    shared->seen.resize(script.size() + 1);
    Program program;
    for (std::size_t i = 0; i < script.size(); ++i)
      program.threads.emplace_back([&script, shared, i] { shared->run(script[i], i); });
    program.holds_at_end = [&outcomes, shared] {
      for (const auto& place : shared->places) {
        shared->seen.back().push_back(static_cast<int>(place.word.now()));
        shared->seen.back().push_back(place.published);
      }
      outcomes.seen.insert(shared->seen);
      return true;
    };
    return program;
  };
  outcomes.exploration = explore(make, orders);
  return outcomes;
}

TEST(Explorer, MissesNothingThatAllOrdersShow) {
  long all = 0, run = 0, failures = 0;
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    const Script script = random_script(random);
    const Outcomes expected = outcomes_of(script, Orders::every_order);
    const Outcomes found = outcomes_of(script, Orders::that_differ);
    ASSERT_EQ(found.exploration.failure, expected.exploration.failure) << "seed " << seed;
    if (expected.exploration.failure.empty()) {
      ASSERT_EQ(found.seen, expected.seen) << "seed " << seed;
    } else {
      ++failures;
    }
    all += expected.exploration.executions;
    run += found.exploration.executions;
  }
  EXPECT_LT(failures, 400) << "too many scripts in which a thread sleeps for ever: nothing was compared";
  EXPECT_LT(run, all / 10);
  RecordProperty("all", std::to_string(all));
  RecordProperty("run", std::to_string(run));
  RecordProperty("failures", std::to_string(failures));
}

}  // namespace
