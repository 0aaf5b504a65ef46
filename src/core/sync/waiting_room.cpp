#include "raddle/sync/waiting_room.hpp"

namespace raddle {

void WaitingRoom::wake(std::size_t n) noexcept {
  bool occupied = true;
  const auto note = [&](bool more) {
    occupied = more;
    // seq_cst, like all of this word: under the bucket's lock, so whoever comes later sets it again
    if (!more) occupied_.store(false, order::seq_cst);
  };
  while (occupied && n-- > 0) ParkingLot::unpark_one(this, note);
}

// All that are there now, in one step: one by one, those that are woken in vain would come back and be woken
// again.
void WaitingRoom::wake_all() noexcept {
  ParkingLot::unpark_all(this, [this] { occupied_.store(false, order::seq_cst); });  // seq_cst: as above
}

}  // namespace raddle
