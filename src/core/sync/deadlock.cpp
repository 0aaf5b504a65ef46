#include "raddle/sync/deadlock.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "raddle/diag/cycle.hpp"

namespace raddle {

namespace {

struct Seen {
  std::uint64_t turn = 0;
  std::int64_t since = 0;
  const void* address = nullptr;
  const char* what = "";
  std::vector<ThreadId> owners;
};

// A thread that waits for others, without a time limit. False: it does not.
bool see(ThreadId id, Seen& seen, bool& unsettled) {
  // Room beforehand: no exception may leave the bucket's lock behind. More owners than that are looked at later.
  constexpr std::size_t kUsual = 64;
  std::size_t room = kUsual;
  for (;;) {
    seen.owners.clear();
    seen.owners.reserve(room);
    bool waits = false, whole = true;
    const auto note = [&](const ParkingLot::Parked& parked) {
      if (parked.awaited == nullptr || parked.has_deadline) return;
      waits = true;
      seen.turn = parked.turn;
      seen.since = parked.since;
      seen.address = parked.address;
      seen.what = parked.what;
      struct Into {
        std::vector<ThreadId>& owners;
        bool& whole;
      } into{seen.owners, whole};
      parked.awaited->for_each_owner(
          [](void* context, ThreadId owner) {
            Into& to = *static_cast<Into*>(context);
            to.whole = to.owners.size() < to.owners.capacity();
            if (to.whole) to.owners.push_back(owner);
            return to.whole;
          },
          &into);
    };
    if (ParkingLot::find(id, note) == ParkingLot::Whereabouts::unsettled) unsettled = true;
    if (whole) return waits;
    room *= 4;
  }
}

}  // namespace

bool Deadlock::find(ThreadId me, bool& unsettled) {
  links_.clear();
  std::vector<std::pair<ThreadId, Seen>> all;
  const auto neighbours = [&](ThreadId id) {
    Seen seen;
    if (!see(id, seen, unsettled)) return std::vector<ThreadId>();
    all.emplace_back(id, seen);
    return seen.owners;
  };
  const std::vector<ThreadId> cycle = find_cycle(me, neighbours);
  if (cycle.empty()) return false;
  const Seen* mine = nullptr;
  later_ = 0;
  for (const ThreadId id : cycle) {
    for (const auto& [other, seen] : all) {
      if (other != id) continue;
      links_.push_back({.thread = id, .turn = seen.turn, .address = seen.address, .what = seen.what});
      if (mine == nullptr) mine = &seen;
      if (seen.since > mine->since || (seen.since == mine->since && id > me)) ++later_;
    }
  }
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if (is_still(links_[i], links_[(i + 1) % links_.size()].thread, false)) continue;
    unsettled = true;
    return false;
  }
  return true;
}

bool Deadlock::confirm(Link mine) {
  if (links_.empty()) return false;
  links_.front() = mine;
  for (std::size_t i = 1; i < links_.size(); ++i)
    if (!is_still(links_[i], links_[(i + 1) % links_.size()].thread, true)) return false;
  return true;
}

bool Deadlock::is_still(Link& link, ThreadId next, bool retain) {
  bool same = false;
  const auto compare = [&](const ParkingLot::Parked& parked) {
    same = parked.turn == link.turn && parked.awaited != nullptr && parked.awaited->is_owned_by(next);
    if (!same || !retain) return;
    const ThreadRecord* record = record_of(link.thread);
    link.ident = record != nullptr ? record->ident.load(order::relaxed) : 0;  // relaxed: the thread is parked
    link.address = parked.address;
    link.what = parked.what;
    link.subject = parked.waiting->retain_subject();
  };
  ParkingLot::find(link.thread, compare);
  return same;
}

bool DeadlockWatch::look(ThreadId me) noexcept {
  bool unsettled = false, cycle = false;
  try {
    cycle = deadlock_.find(me, unsettled);
  } catch (const std::bad_alloc&) {
    unsettled = true;  // there may be memory later
  }
  if (cycle && left_to_others_ >= kLooksPerOther * deadlock_.later()) return true;
  left_to_others_ = cycle ? left_to_others_ + 1 : 0;
  next_ = cycle || unsettled ? Deadline::in(kPatience) : Deadline::never();
  return false;
}

void DeadlockWatch::look_later() noexcept {
  next_ = Deadline::in(pause_);
  pause_ = std::min(2 * pause_, kLongestPause);
}

}  // namespace raddle
