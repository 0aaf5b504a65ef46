#include "raddle/base/thread_slot.hpp"

#include <pthread.h>

#include <bit>
#include <cstring>
#include <mutex>
#include <new>

namespace raddle {

namespace detail {
constinit RADDLE_TLS_WORD thread_local ThreadSlot this_thread_slot = kNoSlot;
}

namespace {

constexpr std::size_t kBitsPerWord = 64;

// All of it is guarded by `mutex`, except that `live` may be read by anybody. Nothing here has a
// destructor: threads may end after main() has returned.
struct Registry {
  std::mutex mutex;
  std::uint64_t* words = nullptr;  // bit set: the slot is in use
  std::size_t word_count = 0;
  atomic<std::size_t> live{0};
  pthread_key_t key{};
  bool key_created = false;
};
constinit Registry registry;

constinit atomic<void (*)(ThreadSlot) noexcept> end_listener{nullptr};

constinit thread_local bool this_thread_ended = false;

bool grow() noexcept {
  const std::size_t count = registry.word_count == 0 ? 1 : 2 * registry.word_count;
  auto* words = new (std::nothrow) std::uint64_t[count]();
  if (words == nullptr) return false;
  if (registry.word_count != 0) std::memcpy(words, registry.words, registry.word_count * sizeof(std::uint64_t));
  delete[] registry.words;
  registry.words = words;
  registry.word_count = count;
  return true;
}

void set_in_use(ThreadSlot slot) noexcept {
  registry.words[slot / kBitsPerWord] |= std::uint64_t{1} << (slot % kBitsPerWord);
  // relaxed: a statistic, changed under the lock only
  registry.live.store(registry.live.load(order::relaxed) + 1, order::relaxed);
}

ThreadSlot take_lowest_free() noexcept {
  for (std::size_t word = 0;; ++word) {
    if (word == registry.word_count && !grow()) return kNoSlot;
    const std::uint64_t bits = registry.words[word];
    if (bits == ~std::uint64_t{0}) continue;
    const auto slot =
        static_cast<ThreadSlot>(word * kBitsPerWord + static_cast<std::size_t>(std::countr_one(bits)));
    set_in_use(slot);
    return slot;
  }
}

// Runs when its thread ends. The interpreter's thread state is gone by then: nothing here may know of it.
// A thread-specific key rather than a thread_local with a destructor: failure to arm it is told, not fatal.
void give_back_at_thread_end(void*) noexcept {
  auto* listener = end_listener.load(order::acquire);  // acquire: as stored
  if (listener != nullptr && detail::this_thread_slot != kNoSlot) listener(detail::this_thread_slot);
  const std::lock_guard<std::mutex> guard(registry.mutex);
  this_thread_ended = true;
  const ThreadSlot slot = detail::this_thread_slot;
  if (slot == kNoSlot) return;  // memory for it was wanting
  registry.words[slot / kBitsPerWord] &= ~(std::uint64_t{1} << (slot % kBitsPerWord));
  // relaxed: a statistic, changed under the lock only
  registry.live.store(registry.live.load(order::relaxed) - 1, order::relaxed);
  detail::this_thread_slot = kNoSlot;
}

// Arranges that the calling thread's end is noticed; without that it must not have a slot.
bool arm_thread_end() noexcept {
  if (!registry.key_created)
    registry.key_created = pthread_key_create(&registry.key, give_back_at_thread_end) == 0;
  return registry.key_created && pthread_setspecific(registry.key, &registry) == 0;
}

void lock_for_fork() noexcept { registry.mutex.lock(); }
void unlock_after_fork() noexcept { registry.mutex.unlock(); }

void reset_in_child() noexcept {
  if (registry.word_count != 0) std::memset(registry.words, 0, registry.word_count * sizeof(std::uint64_t));
  registry.live.store(0, order::relaxed);  // relaxed: the child has one thread
  if (detail::this_thread_slot != kNoSlot) set_in_use(detail::this_thread_slot);
  registry.mutex.unlock();
}

// pthread_atfork and not the interpreter's hooks: in the child the interpreter runs destructors of
// objects before it runs its own hooks.
[[maybe_unused]] const int fork_hooks_registered =
    pthread_atfork(lock_for_fork, unlock_after_fork, reset_in_child);

}  // namespace

ThreadSlot ThreadSlots::take_slow() noexcept {
  const std::lock_guard<std::mutex> guard(registry.mutex);
  // Who comes again while it ends could be in the last round of destructors: nobody would take its slot back.
  if (this_thread_ended || !arm_thread_end()) return kNoSlot;
  return detail::this_thread_slot = take_lowest_free();
}

void ThreadSlots::call_at_thread_end(void (*call)(ThreadSlot) noexcept) noexcept {
  end_listener.store(call, order::release);
}

std::size_t ThreadSlots::approx_live() noexcept {
  return registry.live.load(order::relaxed);  // relaxed: a statistic
}

ThreadSlots::Lock::Lock() noexcept { registry.mutex.lock(); }
ThreadSlots::Lock::~Lock() { registry.mutex.unlock(); }

bool ThreadSlots::Lock::in_use(ThreadSlot slot) const noexcept {
  const std::size_t word = slot / kBitsPerWord;
  return word < registry.word_count && (registry.words[word] >> (slot % kBitsPerWord) & 1) != 0;
}

}  // namespace raddle
