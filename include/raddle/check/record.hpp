// What is remembered of one access.
#pragma once

#include <cstdint>

#include "raddle/check/clocks.hpp"
#include "raddle/check/event.hpp"
#include "raddle/check/holds.hpp"

namespace raddle::check {

struct Record {
  Epoch epoch = 0;        // 0: nothing
  Hold* holds = nullptr;  // counted, by hand: records move about in arrays (copy_of, forget, replace)
  std::uint32_t seq = 0;
  SiteId site = 0;
  StackId stack = 0;
  ThreadNumber thread = 0;
  std::uint32_t number = 0;  // of a write: the how manieth of the location
  Kind kind = Kind::read;
  Value value = Value::unknown;
  Guard guard = Guard::none;
  bool depends : 1 = false;  // of a write: its value was computed from what was there
  bool asks : 1 = false;     // of a read: the program is ready to find nothing

  explicit operator bool() const noexcept { return epoch != 0; }
};

// A second reference to the holds of a record.
inline Record copy_of(const Record& record) noexcept {
  retain(record.holds);
  return record;
}
inline void forget(Record& record) noexcept {
  drop(record.holds);
  record = Record{};
}
// Puts a record in place of another one.
inline void replace(Record& old, const Record& by) noexcept {
  drop(old.holds);
  old = by;
}

}  // namespace raddle::check
