// What KeyedMutex (keyed_mutex.hpp) is made of: the entries, the table of one stripe, the mark of who sleeps.
//
// All of it is guarded by the stripe's lock, except where it says something else.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "raddle/base/atomic.hpp"
#include "raddle/base/fork.hpp"
#include "raddle/base/memory.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/base/thread_slot.hpp"
#include "raddle/sync/mutex.hpp"

namespace raddle {

enum class Match : std::uint8_t { no, yes, unknown };

// What a thread brings along: the entry of the key, if it is the first, otherwise a claim in that of another
// thread.
template <class Key>
struct KeyEntry {
  KeyEntry(const char* what, Key wanted, std::uint64_t mixed_hash) noexcept
      : thread(this_thread_id()), hash(mixed_hash), key(wanted), mutex(what, true, thread) {}

  // Lists are changed by one store each, with what it makes visible before it: a child of fork() finds them whole.
  void add_claim(KeyEntry* claim) noexcept {
    claim->next_claim = claims;
    order_steps_for_fork();
    claims = claim;
  }
  KeyEntry* prepend_to(KeyEntry* list) noexcept {
    next = list;
    return this;
  }
  // Drops the claims of which which(claim) is true; returns `gone` with those that nobody needs any more before
  // it.
  template <class Which>
  KeyEntry* drop_claims(Which which, KeyEntry* gone) noexcept {
    for (KeyEntry** link = &claims; *link != nullptr;) {
      KeyEntry* claim = *link;
      if (!which(*claim)) {
        link = &claim->next_claim;
        continue;
      }
      *link = claim->next_claim;
      order_steps_for_fork();
      if (claim != this) gone = claim->prepend_to(gone);
    }
    return gone;
  }

  // As a claim:
  const ThreadId thread;
  KeyEntry* next_claim = nullptr;
  atomic<bool> asleep{false};  // written by the thread, under no lock

  // As an entry:
  bool is_installed = false;  // it has been one
  KeyEntry* next = nullptr;   // in its chain, later in a list of those to free
  const std::uint64_t hash;   // mixed
  std::uint64_t serial = 0;   // of all entries that its table ever had
  const Key key;
  KeyEntry* claims = nullptr;
  // The holder's own, under no lock:
  KeyEntry* holder = nullptr;  // its claim
  std::uint64_t depth = 1;
  atomic<const void*> note{nullptr};
  Mutex mutex;
};

// A chained hash table. With few entries it has one chain, in itself. The uppermost `kUsedBits` bits of all hashes
// in it are the same.
template <class Key, int kUsedBits>
class KeyTable {
  using Entry = KeyEntry<Key>;

 public:
  KeyTable() noexcept = default;
  ~KeyTable() { buckets_.free(); }
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // The entry of which probe(key) says yes. Stops where it says unknown.
  template <class Probe>
  Entry* find(std::uint64_t hash, Probe& probe, bool& undecided) {
    for (Entry* entry = *chain(hash); entry != nullptr; entry = entry->next) {
      if (entry->hash != hash) continue;
      const Match match = probe(entry->key);
      if (match == Match::yes) return entry;
      if (match == Match::unknown) return undecided = true, nullptr;
    }
    return nullptr;
  }
  // This very entry, which may be gone and is not looked at before it is found.
  Entry* find(std::uint64_t hash, const Entry* wanted, std::uint64_t serial) noexcept {
    Entry* entry = *chain(hash);
    while (entry != nullptr && entry != wanted) entry = entry->next;
    return entry != nullptr && entry->serial == serial ? entry : nullptr;
  }

  // Makes it the entry of its key, held by the thread that brought it.
  void install(Entry* entry) noexcept {
    Entry** first = chain(entry->hash);
    entry->claims = entry->holder = entry;
    entry->serial = ++serials_;
    entry->is_installed = true;
    entry->next = *first;
    order_steps_for_fork();
    *first = entry;
  }
  // Returns `gone` with it before it.
  Entry* take_out(Entry* entry, Entry* gone) noexcept {
    Entry** link = chain(entry->hash);
    while (*link != entry) link = &(*link)->next;
    *link = entry->next;
    order_steps_for_fork();
    return entry->prepend_to(gone);
  }
  // Drops all claims of which which(claim) is true, and the entries that have no other.
  template <class Which>
  Entry* take_all(Which which, Entry* gone) noexcept {
    for (std::size_t i = 0; i < size(); ++i) {
      for (Entry** link = bucket(i); *link != nullptr;) {
        Entry* entry = *link;
        gone = entry->drop_claims(which, gone);
        if (entry->claims != nullptr) {
          link = &entry->next;
          continue;
        }
        *link = entry->next;
        order_steps_for_fork();
        gone = entry->prepend_to(gone);
      }
    }
    return gone;
  }
  // Calls visit(Entry&) until it returns false; false if it has.
  template <class Visit>
  bool for_each(Visit visit) {
    for (std::size_t i = 0; i < size(); ++i)
      for (Entry* entry = *bucket(i); entry != nullptr; entry = entry->next)
        if (!visit(*entry)) return false;
    return true;
  }

  // Chains, in memory of their own if there are several.
  struct Buckets {
    bool is_valid() const noexcept { return size == 1 || first != nullptr; }
    void free() noexcept {
      give_memory_back(first, size * sizeof(Entry*));
      first = nullptr;
    }
    Entry** first = nullptr;
    std::size_t size = 1;
  };

  // The number of chains that is better for so many entries; 0: it has that.
  std::size_t fitting_size(std::size_t entries) const noexcept {
    if (size() == kOne) return entries > kFewEntries ? kFewChains : 0;
    if (entries > 2 * size()) return 4 * size();
    if (entries >= size() / 8) return 0;
    return size() == kFewChains ? kOne : size() / 4;
  }
  // Under no lock. Invalid for want of memory.
  static Buckets make_buckets(std::size_t size) noexcept {
    Buckets made{size == kOne ? nullptr : static_cast<Entry**>(take_memory(size * sizeof(Entry*))), size};
    for (std::size_t i = 0; made.first != nullptr && i < size; ++i) made.first[i] = nullptr;
    return made;
  }
  // Changes places with `other`. No fork happens meanwhile.
  void move_to(Buckets& other) noexcept {
    const ThreadSlots::Lock no_fork;
    Entry* all = take_chains();
    std::swap(buckets_, other);
    while (all != nullptr) {
      Entry* entry = std::exchange(all, all->next);
      Entry** first = chain(entry->hash);
      entry->next = *first;
      *first = entry;
    }
  }

 private:
  static constexpr std::size_t kOne = 1, kFewChains = 16, kFewEntries = 8;

  std::size_t size() const noexcept { return buckets_.size; }
  Entry** bucket(std::size_t index) noexcept {
    return buckets_.first != nullptr ? buckets_.first + index : &only_;
  }
  Entry** chain(std::uint64_t hash) noexcept {
    if (buckets_.first == nullptr) [[likely]]
      return &only_;
    return buckets_.first + (hash << kUsedBits >> (64 - std::countr_zero(buckets_.size)));
  }
  Entry* take_chains() noexcept {
    Entry* all = nullptr;
    for (std::size_t i = 0; i < size(); ++i) {
      for (Entry* entry = std::exchange(*bucket(i), nullptr); entry != nullptr;) {
        Entry* next = entry->next;
        all = entry->prepend_to(all);
        entry = next;
      }
    }
    return all;
  }

  Buckets buckets_;
  Entry* only_ = nullptr;
  std::uint64_t serials_ = 0;
};

// A wait that is marked while the thread sleeps.
class KeyWaiting final : public Waiting {
 public:
  KeyWaiting(Waiting& waiting, atomic<bool>& asleep) noexcept : waiting_(waiting), asleep_(asleep) {}

  void before_queue() override { waiting_.before_queue(); }
  void before_sleep() override {
    asleep_.store(true, order::relaxed);  // relaxed: a statistic
    waiting_.before_sleep();
  }
  void after_sleep() override {
    asleep_.store(false, order::relaxed);  // relaxed: as above
    waiting_.after_sleep();
  }
  bool interrupted() override { return waiting_.interrupted(); }
  std::int64_t patience() override { return waiting_.patience(); }
  bool may_spin() override { return waiting_.may_spin(); }
  bool deadlocked(Deadlock& deadlock) override { return waiting_.deadlocked(deadlock); }
  void* retain_subject() override { return waiting_.retain_subject(); }
  bool will_come_back() override { return waiting_.will_come_back(); }

 private:
  Waiting& waiting_;
  atomic<bool>& asleep_;
};

}  // namespace raddle
