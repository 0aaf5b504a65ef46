// A wait that is given up.
#pragma once

#include <cstdint>

#include "raddle/sync/parking_lot.hpp"

namespace raddle::model {

// Looks for signals in vain a number of times, then it is interrupted. This can come at any moment, as a sleep
// with a limit can end at any.
class Impatient final : public Waiting {
 public:
  explicit Impatient(int looks_in_vain) : left_(looks_in_vain) {}

  void before_sleep() override {}
  void after_sleep() override {}
  bool interrupted() override { return left_-- == 0; }
  std::int64_t patience() override { return 1; }

 private:
  int left_;
};

}  // namespace raddle::model
