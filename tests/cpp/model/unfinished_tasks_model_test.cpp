// Every interleaving of three threads that put, finish and join tasks, on the shipped headers of UnfinishedTasks,
// the room and the lot, and a mutex that is one operation. What they see could have come from one thread that has
// a number: in particular, join() ends only if it was 0 at a moment inside the call.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "model/expectations.hpp"
#include "model/history.hpp"
#include "raddle/queue/unfinished_tasks.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::Deadline;
using raddle::PlainWaiting;
using raddle::UnfinishedTasks;
using raddle::model::expect_to_fail;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::History;
using raddle::model::Program;
namespace order = raddle::order;

static_assert(raddle::RawMutex::is_one_operation, "model/substitutes/raw_mutex must be found first");

class Number {
 public:
  enum class Kind : std::uint8_t { put, finish, count, join };
  struct Step {
    Kind kind;
    std::uint64_t wanted = 0, result = 0;
  };

  bool apply(const Step& step) {
    switch (step.kind) {
      case Kind::put:
        return ++unfinished_ != 0;
      case Kind::finish:  // of several, as many as there were when it looked
        if (step.result > unfinished_ || (step.result == 0 && unfinished_ != 0)) return false;
        unfinished_ -= step.result;
        return step.result <= step.wanted;
      case Kind::count:
        return unfinished_ == step.result;
      case Kind::join:
        return unfinished_ == 0;
    }
    return false;
  }

 private:
  std::uint64_t unfinished_ = 0;
};
using Kind = Number::Kind;

// The same protocol, with a fault.
enum class Fault : std::uint8_t { looks_at_put_first, counts_more_than_were_put, announces_first };

template <Fault fault>
class FaultyTasks {
 public:
  template <class PutCount>
  std::uint64_t finish_up_to(std::uint64_t n, PutCount put_count) {
    std::uint64_t done = done_.load(order::seq_cst);
    for (;;) {
      const std::uint64_t put = put_count();
      if (put == done) return 0;
      const std::uint64_t finished = std::min(n, put - done);
      if (fault == Fault::counts_more_than_were_put) {  // the check does not cover the change
        done = done_.fetch_add(finished, order::seq_cst);
      } else if (fault == Fault::announces_first && put == done + finished) {
        joiners_.announce_to_all();
      }
      if (fault != Fault::counts_more_than_were_put &&
          !done_.compare_exchange_weak(done, done + finished, order::seq_cst, order::seq_cst))
        continue;
      if (fault != Fault::announces_first && put_count() == done + finished) joiners_.announce_to_all();
      return finished;
    }
  }
  template <class PutCount>
  std::uint64_t count(PutCount put_count) const {
    const std::uint64_t put = put_count();
    return put - done_.load(order::seq_cst);
  }
  template <class PutCount>
  void join(PutCount put_count, Deadline deadline, raddle::Waiting& waiting) {
    const auto none = [&] {
      if (fault == Fault::looks_at_put_first) {
        const std::uint64_t put = put_count();
        return done_.load(order::seq_cst) >= put;
      }
      const std::uint64_t done = done_.load(order::seq_cst);
      return put_count() == done;
    };
    while (!none()) joiners_.wait("join", none, deadline, waiting);
  }

 private:
  raddle::atomic<std::uint64_t> done_{0};
  raddle::WaitingRoom joiners_;
};

template <class Tasks>
struct Shared {
  Tasks tasks;
  raddle::atomic<std::uint64_t> put_count{0};
  History<Number> history;

  auto counter() {
    return [this] { return put_count.load(order::seq_cst); };
  }
  template <class Call>
  void record(Kind kind, std::uint64_t wanted, Call call) {
    history.record([&] { return std::vector<Number::Step>{{kind, wanted, call()}}; });
  }
  void put() {
    record(Kind::put, 0, [&] { return put_count.fetch_add(1, order::seq_cst); });
  }
  void finish(std::uint64_t n) {
    record(Kind::finish, n, [&] { return tasks.finish_up_to(n, counter()); });
  }
  void count() {
    record(Kind::count, 0, [&] { return tasks.count(counter()); });
  }
  void join() {
    PlainWaiting waiting;
    const auto call = [&] { return tasks.join(counter(), Deadline::never(), waiting), std::uint64_t{0}; };
    record(Kind::join, 0, call);
  }
};

// What a thread does. The threads of a program finish all that they put, or a join would have no end.
constexpr auto put_and_finish = [](auto& shared) { shared.put(), shared.finish(1); };
constexpr auto put_two_and_finish = [](auto& shared) {
  shared.put(), shared.put(), shared.finish(1), shared.finish(1);
};
constexpr auto put_two_and_finish_at_once = [](auto& shared) { shared.put(), shared.put(), shared.finish(2); };
constexpr auto finish_one = [](auto& shared) { shared.finish(1); };
constexpr auto join = [](auto& shared) { shared.join(); };
constexpr auto put_finish_and_join = [](auto& shared) { shared.put(), shared.finish(1), shared.join(); };
constexpr auto count_twice = [](auto& shared) { shared.count(), shared.count(); };

template <class Tasks, class... Threads>
std::function<Program()> around(Threads... threads) {
  return [=] {
    auto shared = std::make_shared<Shared<Tasks>>();
    return Program{{[shared, threads] { threads(*shared); }...},
                   [shared] { return shared->history.is_linearizable(Number()); }};
  };
}
template <class... Threads>
void hold(long at_least, Threads... threads) {
  expect_to_hold(explore(around<UnfinishedTasks>(threads...)), at_least);
}

TEST(UnfinishedTasksModel, AJoinEnds) {
  hold(10'000, put_and_finish, put_and_finish, join);
  hold(500, put_and_finish, join, join);
  hold(90, put_two_and_finish, join);
}
TEST(UnfinishedTasksModel, NoMoreAreFinishedThanWerePut) {
  hold(300, put_and_finish, finish_one, finish_one);
  hold(400, put_and_finish, finish_one, join);
}
TEST(UnfinishedTasksModel, SeveralAtOnce) { hold(50'000, put_two_and_finish_at_once, put_and_finish, join); }
TEST(UnfinishedTasksModel, JoinsCrossPuts) { hold(2'000, put_finish_and_join, put_finish_and_join); }
TEST(UnfinishedTasksModel, CountsWhatIsThere) { hold(50'000, put_and_finish, put_and_finish, count_twice); }

TEST(UnfinishedTasksModel, LookingAtWhatWasPutFirstIsFound) {
  expect_to_fail(around<FaultyTasks<Fault::looks_at_put_first>>(put_and_finish, put_and_finish, join),
                 "the check at the end failed");
}
TEST(UnfinishedTasksModel, FinishingMoreThanWerePutIsFound) {
  expect_to_fail(around<FaultyTasks<Fault::counts_more_than_were_put>>(put_and_finish, finish_one, finish_one),
                 "the check at the end failed");
}
TEST(UnfinishedTasksModel, AnnouncingBeforeTheChangeIsFound) {
  expect_to_strand(around<FaultyTasks<Fault::announces_first>>(put_and_finish, put_and_finish, join));
}

}  // namespace
