// What the probes of rewritten code can be: the same numbers as in python/raddle/check/_ops.py, which describes
// them.
#pragma once

#include <cstdint>

namespace raddle::python {

enum class Op : std::uint8_t {
  attr_read = 1,
  attr_write = 2,
  attr_delete = 3,
  attr_update = 4,
  attr_update_begin = 5,
  update_end = 6,
  getattr = 7,
  setattr = 8,
  hasattr = 9,
  delattr = 10,
  item_read = 11,
  item_write = 12,
  item_delete = 13,
  item_update = 14,
  item_update_begin = 15,
  item_object = 16,
  item_key = 17,
  slice_read = 18,
  slice_write = 19,
  slice_delete = 20,
  contains = 21,
  contains_key = 22,
  contains_in = 23,
  len = 24,
  truth = 25,
  method = 26,
  method_object = 27,
  method_key = 28,
  result = 29,
  iter = 30,
  iter_end = 31,
  next = 32,
  global_read = 33,
  global_write = 34,
  global_delete = 35,
  global_update = 36,
  global_update_begin = 37,
  cell_read = 38,
  cell_write = 39,
  cell_delete = 40,
  cell_update = 41,
  cell_update_begin = 42,
  enter = 43,
  value = 44,
};
inline constexpr int kOpCount = 1 + static_cast<int>(Op::value);

// Flags of a site; the lowest three bits are the Value of a store.
inline constexpr unsigned kValueMask = 7;
inline constexpr unsigned kReturnsKey = 8;
inline constexpr unsigned kCLoop = 16;
inline constexpr unsigned kCCopy = 32;
inline constexpr unsigned kInit = 64;
inline constexpr unsigned kAtom = 128;
inline constexpr unsigned kHasDefault = 256;

}  // namespace raddle::python
