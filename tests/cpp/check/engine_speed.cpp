// How long the race detector's engine takes for what it is told: nanoseconds, the best of five rounds.
#include <chrono>
#include <cstdio>

#include "check/actors.hpp"
#include "raddle/check/shadow.hpp"

namespace {

using namespace raddle::test;

struct NoStacks final : check::StackSource {
  check::StackId capture() noexcept override { return 1; }
};

template <class Step>
void time(const char* what, long rounds, Step step) {
  double best = 1e18;
  for (int k = 0; k < 5; ++k) {
    const auto start = std::chrono::steady_clock::now();
    for (long i = 0; i < rounds; ++i) step(i);
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count() / static_cast<double>(rounds));
  }
  std::printf("%-48s %7.1f\n", what, best);
}

void run() {
  constexpr long kMany = 1'000'000, kSome = 50'000;
  Two two;
  NoStacks stacks;
  check::Engine& engine = two.engine;
  check::Thread *a = two.a.thread, *b = two.b.thread;
  const PairLink link = data(10);
  const check::Access read{.where = field(kX), .frame = 1, .site = 10, .starts_pair = true};
  const check::Access write{
      .where = field(kX), .frame = 1, .links = &link, .site = 11, .kind = Kind::write, .link_count = 1};
  const check::Access plain_read{.where = field(kY), .frame = 1, .site = 12};
  const check::Access plain_write{.where = field(kY), .frame = 1, .site = 13, .kind = Kind::write};
  const auto locked = [&](check::Thread& thread, std::initializer_list<const check::Access*> accesses) {
    engine.lock_acquired(thread, kLock, false, 1);
    for (const check::Access* access : accesses) engine.access(thread, *access, stacks);
    engine.lock_released(thread, kLock);
  };
  time("read, repeated", kMany, [&](long) { engine.access(*a, plain_read, stacks); });
  time("read and dependent write, repeated", kMany, [&](long) {
    engine.access(*a, read, stacks);
    engine.access(*a, write, stacks);
  });
  time("lock, unlock", kMany, [&](long) { locked(*a, {}); });
  time("lock, read, unlock", kMany, [&](long) { locked(*a, {&plain_read}); });
  time("lock, read, write, unlock", kMany, [&](long) { locked(*a, {&plain_read, &plain_write}); });
  time("lock, read, dependent write, unlock", kMany, [&](long) { locked(*a, {&read, &write}); });
  time("lock, unlock; two threads in turn", kMany, [&](long i) { locked(i % 2 == 0 ? *a : *b, {}); });
  time("lock, read, dependent write, unlock; in turn", kMany,
       [&](long i) { locked(i % 2 == 0 ? *a : *b, {&read, &write}); });
  std::uintptr_t object = 0x1000000;
  const auto create = [&] {
    object += 0x40;
    engine.access(*a, {.where = field(object), .frame = 1, .site = 30, .kind = Kind::create}, stacks);
  };
  time("first access of an object, its end", kSome, [&](long) {
    create();
    engine.retire(object);
  });
  time("first access of an object", kSome, [&](long) { create(); });
  time("end of an object without a shadow", kMany,
       [&](long i) { engine.retire(0x7F0000000000 + static_cast<std::uintptr_t>(i) * 64); });
  const check::Summary summary = engine.summary();
  std::printf("%-48s %7.1f\n", "bytes for a location (one of an object)",
              static_cast<double>(summary.bytes) / static_cast<double>(summary.cells));
}

}  // namespace

int main() { run(); }
