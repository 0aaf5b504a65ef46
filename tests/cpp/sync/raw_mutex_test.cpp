#include "raddle/sync/raw_mutex.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support/parallel.hpp"

namespace {

using raddle::RawLock;
using raddle::RawMutex;
using raddle::test::in_parallel;

TEST(RawMutex, ExcludesAndOrders) {
  RawMutex mutex;
  long plain = 0;  // ThreadSanitizer is a judge too
  in_parallel(4, [&](int) {
    for (int i = 0; i < 20'000; ++i) {
      const RawLock lock(mutex);
      const long before = plain;
      if (i % 1000 == 0) std::this_thread::yield();  // makes others sleep on it
      plain = before + 1;
    }
  });
  EXPECT_EQ(plain, 80'000);
}

TEST(RawMutex, IsFreeAfterReset) {
  RawMutex mutex;
  mutex.lock();
  mutex.reset();
  mutex.lock();
  mutex.unlock();
}

}  // namespace
