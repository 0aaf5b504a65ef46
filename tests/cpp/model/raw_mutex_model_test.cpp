// Every interleaving of three threads on the shipped mutex.
#include <gtest/gtest.h>

#include <memory>

#include "model/expectations.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace {

using raddle::RawMutex;
using raddle::model::explore;
using raddle::model::Program;
namespace order = raddle::order;

TEST(RawMutexModel, ExcludesAndEnds) {
  struct Shared {
    RawMutex mutex;
    raddle::atomic<int> value{0};
  };
  const auto program = [] {
    auto shared = std::make_shared<Shared>();
    const auto add = [shared] {
      shared->mutex.lock();
      shared->value.store(shared->value.load(order::seq_cst) + 1, order::seq_cst);
      shared->mutex.unlock();
    };
    return Program{{add, add, add}, [shared] { return shared->value.now() == 3; }};
  };
  raddle::model::expect_to_hold(explore(program), 7'000);
}

}  // namespace
