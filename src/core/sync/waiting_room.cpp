#include "raddle/sync/waiting_room.hpp"

namespace raddle {

void WaitingRoom::wake(std::size_t n) noexcept {
  bool occupied = true;
  const auto note = [&](bool more) {
    occupied = more;
    if (!more) occupied_.store(false, order::seq_cst);
  };
  while (occupied && n-- > 0) ParkingLot::unpark_one(this, note);
}

}  // namespace raddle
