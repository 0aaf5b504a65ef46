// Every interleaving of three threads around a WaitingRoom, on the shipped sources of the room and the lot and a
// mutex that is one operation; and rooms with faults planted.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "model/expectations.hpp"
#include "model/impatient.hpp"
#include "raddle/sync/raw_mutex.hpp"
#include "raddle/sync/waiting_room.hpp"

namespace {

using raddle::Deadline;
using raddle::ParkingLot;
using raddle::PlainWaiting;
using raddle::Waiting;
using raddle::WaitingRoom;
using raddle::model::expect_to_hold;
using raddle::model::expect_to_strand;
using raddle::model::explore;
using raddle::model::Impatient;
using raddle::model::Program;
namespace order = raddle::order;
using Outcome = WaitingRoom::Outcome;

static_assert(raddle::RawMutex::is_one_operation, "model/substitutes/raw_mutex must be found first");

enum class Fault : std::uint8_t {
  none,
  looks_before_it_says_so,
  announces_before_the_change,  // of the box
  clears_though_more_remain,
  gives_up_though_woken,
  does_not_hand_on_what_it_leaves,  // of the box
};

// The protocol of WaitingRoom, with a fault.
class FaultyRoom {
 public:
  explicit FaultyRoom(Fault fault) : fault_(fault) {}

  void announce(std::size_t n = 1) {
    if (occupied_.load(order::seq_cst)) wake(n);
  }
  template <class IsReady>
  Outcome wait(const char* what, IsReady is_ready, Deadline deadline, Waiting& waiting) {
    const bool early = fault_ == Fault::looks_before_it_says_so;
    const auto validate = [&] {
      const bool was_ready = early && is_ready();
      occupied_.store(true, order::seq_cst);
      return early ? !was_ready : !is_ready();
    };
    switch (ParkingLot::park(this, what, validate, deadline, waiting)) {
      case ParkingLot::Outcome::timed_out:
        return Outcome::timed_out;
      case ParkingLot::Outcome::interrupted:
        return Outcome::interrupted;
      case ParkingLot::Outcome::woken:
        if (fault_ == Fault::gives_up_though_woken && waiting.interrupted()) return Outcome::interrupted;
        [[fallthrough]];
      case ParkingLot::Outcome::not_parked:
      case ParkingLot::Outcome::handed_over:
        return Outcome::look_again;
    }
    __builtin_unreachable();
  }

 private:
  void wake(std::size_t n) {
    bool occupied = true;
    const auto note = [&](bool more) {
      occupied = more;
      if (!more || fault_ == Fault::clears_though_more_remain) occupied_.store(false, order::seq_cst);
    };
    while (occupied && n-- > 0) ParkingLot::unpark_one(this, note);
  }

  const Fault fault_;
  raddle::atomic<bool> occupied_{false};
};

class Room : public WaitingRoom {  // the shipped one
 public:
  explicit Room(Fault) {}
};

// A box of tokens: whoever takes one waits until there is one.
template <class Room>
class Box {
 public:
  explicit Box(Fault fault) : fault_(fault), room_(fault) {}

  void put(int n = 1) {
    if (fault_ == Fault::announces_before_the_change) room_.announce(static_cast<std::size_t>(n));
    tokens_.fetch_add(n, order::seq_cst);
    if (fault_ != Fault::announces_before_the_change) room_.announce(static_cast<std::size_t>(n));
  }
  bool take(Deadline deadline, Waiting&& waiting) {
    while (!try_take())
      if (wait(deadline, waiting) != Outcome::look_again) return false;
    return true;
  }
  // Waits until there is one, and leaves it to others.
  void look_on() {
    PlainWaiting waiting;
    while (!has_one()) wait(Deadline::never(), waiting);
    if (fault_ != Fault::does_not_hand_on_what_it_leaves) room_.announce();
  }
  int left() const { return tokens_.now(); }

 private:
  bool has_one() const { return tokens_.load(order::seq_cst) > 0; }
  bool try_take() {
    int seen = tokens_.load(order::seq_cst);
    while (seen > 0)
      if (tokens_.compare_exchange_strong(seen, seen - 1, order::seq_cst, order::seq_cst)) return true;
    return false;
  }
  Outcome wait(Deadline deadline, Waiting& waiting) {
    return room_.wait("box", [this] { return has_one(); }, deadline, waiting);
  }

  const Fault fault_;
  raddle::atomic<int> tokens_{0};
  Room room_;
};

// What a thread does with the box.
constexpr auto take = [](auto& box) { box.take(Deadline::never(), PlainWaiting()); };
constexpr auto take_twice = [](auto& box) { take(box), take(box); };
constexpr auto look_on = [](auto& box) { box.look_on(); };
constexpr auto put = [](auto& box) { box.put(); };
constexpr auto put_twice = [](auto& box) { box.put(), box.put(); };
constexpr auto put_two_at_once = [](auto& box) { box.put(2); };
// These keep no token, so that the others can end whatever becomes of these.
constexpr auto borrow = [](auto& box) { take(box), box.put(); };
constexpr auto compete_until_timeout = [](auto& box) {
  if (box.take(Deadline::at(1), PlainWaiting())) box.put();
};
constexpr auto compete_until_interrupt = [](auto& box) {
  if (box.take(Deadline::never(), Impatient(0))) box.put();
};

template <class Room, class... Threads>
std::function<Program()> around(Fault fault, int left, Threads... threads) {
  return [=] {
    auto box = std::make_shared<Box<Room>>(fault);
    return Program{{[box, threads] { threads(*box); }...}, [box, left] { return box->left() == left; }};
  };
}
// The shipped room, or all of its protocol: the faults are planted in what holds without them.
template <class... Threads>
void hold(int left, long at_least, Threads... threads) {
  expect_to_hold(explore(around<Room>(Fault::none, left, threads...)), at_least);
}
template <class... Threads>
void find(Fault fault, int left, Threads... threads) {
  expect_to_hold(explore(around<FaultyRoom>(Fault::none, left, threads...)), 1);
  expect_to_strand(around<FaultyRoom>(fault, left, threads...));
}

TEST(WaitingRoomModel, TwoTakeOnePuts) {
  hold(0, 1'000, take, take, put_twice);
  hold(0, 300, take, take, put_two_at_once);
}
TEST(WaitingRoomModel, OneTakesTwiceTwoPut) { hold(0, 100, take_twice, put, put); }
TEST(WaitingRoomModel, ATimeOutTakesNoWakeUpWithIt) {
  hold(0, 1'000, compete_until_timeout, take, put);
  hold(1, 10'000, compete_until_timeout, take, put_twice);
}
TEST(WaitingRoomModel, AnInterruptTakesNoWakeUpWithIt) {
  hold(0, 1'000, compete_until_interrupt, take, put);
  hold(1, 1'000, compete_until_interrupt, take, put_two_at_once);
}
TEST(WaitingRoomModel, ATimeOutBesideAnInterrupt) {
  hold(1, 10'000, compete_until_interrupt, compete_until_timeout, put);
}
TEST(WaitingRoomModel, WhoLooksOnHandsOn) { hold(1, 1'000, look_on, borrow, put); }

TEST(WaitingRoomModel, LookingBeforeSayingSoIsFound) { find(Fault::looks_before_it_says_so, 0, take, put); }
TEST(WaitingRoomModel, AnnouncingBeforeTheChangeIsFound) {
  find(Fault::announces_before_the_change, 0, take, put);
}
TEST(WaitingRoomModel, ClearingTooEarlyIsFound) {
  find(Fault::clears_though_more_remain, 0, take, take, put_twice);
}
TEST(WaitingRoomModel, GivingUpThoughWokenIsFound) {
  find(Fault::gives_up_though_woken, 0, compete_until_interrupt, take, put);
}
TEST(WaitingRoomModel, NotHandingOnWhatIsLeftIsFound) {
  find(Fault::does_not_hand_on_what_it_leaves, 1, look_on, borrow, put);
}

}  // namespace
