#include "raddle/atomic/atomic_ref.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "support/parallel.hpp"

namespace {

using raddle::test::in_parallel;

// Objects as the protocol wants them: the memory of a dead one remains an object, and is used again at once,
// which is the worst case for whoever still holds its address.
struct Counted {
  static constexpr int kDead = 0;
  std::atomic<int> count{kDead};
  std::atomic<std::uint64_t> payload{0};
};

class Heap {
 public:
  static Counted* make(std::uint64_t payload) {
    const std::lock_guard guard(mutex_);
    if (free_.empty()) {
      all_.push_back(std::make_unique<Counted>());
      free_.push_back(all_.back().get());
    }
    Counted* object = free_.back();
    free_.pop_back();
    object->payload.store(payload, std::memory_order_relaxed);
    object->count.store(1, std::memory_order_release);
    return object;
  }
  static void free(Counted* object) {
    object->payload.store(0, std::memory_order_relaxed);
    const std::lock_guard guard(mutex_);
    free_.push_back(object);
  }
  static std::size_t in_use() {
    const std::lock_guard guard(mutex_);
    return all_.size() - free_.size();
  }

 private:
  static inline std::mutex mutex_;
  static inline std::vector<std::unique_ptr<Counted>> all_;
  static inline std::vector<Counted*> free_;
};

struct Policy {
  using Object = Counted;
  static inline std::function<void(Counted*)> at_end = [](Counted*) {};

  static void publish(Counted*) {}
  static void acquire(Counted* object) { object->count.fetch_add(1, std::memory_order_relaxed); }
  static bool try_acquire(Counted* object) {
    int count = object->count.load(std::memory_order_relaxed);
    while (count != Counted::kDead)
      if (object->count.compare_exchange_weak(count, count + 1, std::memory_order_acq_rel)) return true;
    return false;
  }
  static void release(Counted* object) {
    if (object->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    at_end(object);
    Heap::free(object);
  }
};

using AtomicRef = raddle::AtomicRef<Policy>;

class AtomicRefTest : public testing::Test {
 protected:
  void TearDown() override {
    Policy::at_end = [](Counted*) {};
    EXPECT_EQ(Heap::in_use(), 0U) << "references were lost";
  }
};

TEST_F(AtomicRefTest, OwnsWhatItHolds) {
  AtomicRef ref(Heap::make(1));
  Counted* first = ref.get();
  EXPECT_EQ(first->payload, 1U);
  EXPECT_EQ(first->count, 2);
  ref.set(Heap::make(2));
  EXPECT_EQ(first->count, 1);
  Counted* second = ref.get_and_set(first);
  EXPECT_EQ(second->payload, 2U);
  EXPECT_EQ(second->count, 1);
  Policy::release(second);
}

TEST_F(AtomicRefTest, ComparesIdentity) {
  AtomicRef ref(Heap::make(1));
  Counted* held = ref.get();
  Counted* other = Heap::make(1);
  EXPECT_FALSE(ref.compare_and_set(other, held));
  EXPECT_EQ(held->count, 2);
  EXPECT_TRUE(ref.compare_and_set(held, other));
  EXPECT_EQ(held->count, 1);
  EXPECT_EQ(other->count, 2);
  Counted* witness = ref.compare_and_exchange(held, held);
  EXPECT_EQ(witness, other);
  Policy::release(witness);
  witness = ref.compare_and_exchange(other, held);
  EXPECT_EQ(witness, other);
  Policy::release(witness);
  Policy::release(other);
  Policy::release(held);
}

TEST_F(AtomicRefTest, TheEndOfAnObjectMayUseTheRef) {
  AtomicRef ref(Heap::make(1));
  std::uint64_t seen = 0;
  Policy::at_end = [&](Counted* object) {
    if (object->payload != 1) return;
    Counted* now = ref.get();
    seen = now->payload;
    Policy::release(now);
    ref.set(Heap::make(3));
  };
  ref.set(Heap::make(2));
  EXPECT_EQ(seen, 2U);
  Counted* last = ref.get();
  EXPECT_EQ(last->payload, 3U);
  Policy::release(last);
}

// Readers check that what they hold is alive and stays what it was, while writers replace it by objects that
// take over the freed addresses at once.
template <class Ref>
int dead_or_changed_reads(int rounds) {
  std::atomic<int> bad = 0;
  Ref ref(Heap::make(1));
  std::atomic<std::uint64_t> next = 2;
  in_parallel(4, [&](int thread) {
    for (int i = 0; i < rounds; ++i) {
      if (thread < 2) {
        Counted* fresh = Heap::make(next.fetch_add(1));
        if (i % 3 == 0) {
          ref.set(fresh);
        } else if (i % 3 == 1) {
          Policy::release(ref.get_and_set(fresh));
        } else {
          Counted* held = ref.get();
          ref.compare_and_set(held, fresh);
          Policy::release(ref.compare_and_exchange(held, fresh));
          Policy::release(fresh);
          Policy::release(held);
        }
      } else {
        Counted* held = ref.get();
        const std::uint64_t payload = held->payload.load(std::memory_order_relaxed);
        if (payload == 0) ++bad;
        for (int look = 0; look < 20; ++look)
          if (held->payload.load(std::memory_order_relaxed) != payload) ++bad;
        Policy::release(held);
      }
    }
  });
  return bad;
}

TEST_F(AtomicRefTest, NeverHandsOutTheDead) { EXPECT_EQ(dead_or_changed_reads<AtomicRef>(20'000), 0); }

// A step at a time: what happens when the object is replaced, and its address reused, at each point of get().
struct SteppedPolicy : Policy {
  static inline std::function<void()> before_try = [] {};
  static inline std::function<void()> after_try = [] {};
  static bool try_acquire(Counted* object) {
    std::exchange(before_try, [] {})();
    const bool done = Policy::try_acquire(object);
    std::exchange(after_try, [] {})();
    return done;
  }
};

TEST_F(AtomicRefTest, GetSurvivesReplacementAtEveryStep) {
  for (const bool early : {true, false}) {
    for (const bool reuse : {true, false}) {
      raddle::AtomicRef<SteppedPolicy> ref(Heap::make(1));
      Counted* stray = nullptr;
      auto& step = early ? SteppedPolicy::before_try : SteppedPolicy::after_try;
      step = [&] {
        ref.set(Heap::make(2));
        if (reuse) stray = Heap::make(99);  // takes the address of the first, if that has ended
      };
      Counted* got = ref.get();
      EXPECT_EQ(got->payload, 2U) << "early " << early << " reuse " << reuse;
      Policy::release(got);
      if (stray != nullptr) Policy::release(stray);
    }
  }
}

// Releasing may be a safe point, after which the memory of an object that is not held may be gone altogether.
struct SafePointPolicy : Policy {
  static inline std::function<void()> at_release = [] {};
  static inline std::vector<Counted*> gone;
  static inline bool touched_the_gone = false;

  static bool try_acquire(Counted* object) {
    touched_the_gone = touched_the_gone || std::find(gone.begin(), gone.end(), object) != gone.end();
    return Policy::try_acquire(object);
  }
  static void release(Counted* object) {
    std::exchange(at_release, [] {})();
    Policy::release(object);
  }
};

TEST_F(AtomicRefTest, NothingUncountedIsUsedAfterASafePoint) {
  raddle::AtomicRef<SafePointPolicy> ref(Heap::make(1));
  Counted* expected = Heap::make(2);
  Counted* desired = Heap::make(3);
  SafePointPolicy::at_release = [&] {
    Counted* first = ref.get_and_set(Heap::make(4));
    if (first->count == 1) SafePointPolicy::gone.push_back(first);
    Policy::release(first);
  };
  Counted* witness = ref.compare_and_exchange(expected, desired);
  EXPECT_FALSE(SafePointPolicy::touched_the_gone);
  EXPECT_EQ(witness->payload, 1U);
  Policy::release(witness);
  Policy::release(expected);
  Policy::release(desired);
}

// The control: without the second look the same steps hand out an object that the cell does not hold.
TEST_F(AtomicRefTest, WithoutTheSecondLookTheStepsFail) {
  std::atomic<Counted*> slot = Heap::make(1);
  SteppedPolicy::before_try = [&] {
    Policy::release(slot.exchange(Heap::make(2)));
    Heap::make(99);
  };
  Counted* got = slot.load();
  ASSERT_TRUE(SteppedPolicy::try_acquire(got));
  EXPECT_EQ(got->payload, 99U);
  Policy::release(got);
  Policy::release(got);
  Policy::release(slot.load());
}

}  // namespace
