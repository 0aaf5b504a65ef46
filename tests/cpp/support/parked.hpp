// Waiting until threads are parked, for tests.
#pragma once

#include <cstddef>
#include <thread>

namespace raddle::test {

// Until so many threads wait for this, as it says itself.
template <class Primitive>
void until_waiting(Primitive& primitive, std::size_t count) {
  while (primitive.approx_waiting() != count) std::this_thread::yield();
}

}  // namespace raddle::test
