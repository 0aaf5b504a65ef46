// KeyedMutex: a re-entrant lock for every key, of which only those exist that a thread has or waits for.
//
// A hash table of entries, in stripes with a lock each; an entry is a key with a Mutex. Whoever comes for a key
// brings an Entry along, which it has allocated before it locks the stripe. If nobody has the key, this becomes
// the key's entry, taken from the beginning. If somebody does, it becomes a claim in the list of the entry that is
// there, and the thread waits for that one's Mutex. The entry that one thread made is taken out of the table by
// the last one that leaves. So an uncontended acquire or release locks and unlocks a stripe, and nothing else is
// shared.
//
//   An entry is in the table exactly as long as its list of claims is not empty. The list has one claim for every
//   thread that has the key (the holder) or is on its way to it; who waits in a signal handler inside its own wait
//   has one for each wait. Who releases the key keeps its claim until the Mutex is free: a Mutex is never gone
//   while somebody works on it.
//
// Keys are compared by a probe of the caller's, under the stripe's lock: it runs no code that could wait or come
// back here. If it cannot tell, it keeps what it needs of the key that it saw, the call returns `undecided`, and
// the caller finds out with no lock held and calls again with a probe that knows.
//
// Who remembers where it has found a key's entry (Spot) releases it without comparing. An entry is looked at
// through a Spot only after it has been found in its chain, under the stripe's lock, and has the number that it
// had: so a Spot may be as old as it likes.
//
// Ended threads: a key that a thread still has when it ends goes to the next who comes, who is told; until then it
// counts as held. Fork: every stripe notes the count of forks; the first who locks it in a child drops the claims
// of vanished threads, and the entries that nobody else claims. Half-done steps of a vanished thread are harmless:
// lists are changed by one store each (the count of entries is made anew), and a table changes its size while no
// fork can happen (ThreadSlots::Lock). An entry that such a thread had in hand, in no list, is lost.
//
// Progress: may be delayed by a preempted peer in the same stripe; blocking while another thread has the key.
// Linearization: where the stripe is unlocked, or the Mutex taken or freed.
// Limits: 64 stripes of one cache line each; a table grows with the keys that are taken at once and shrinks back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "raddle/base/cache_line.hpp"
#include "raddle/base/fork.hpp"
#include "raddle/base/thread_id.hpp"
#include "raddle/diag/observers.hpp"
#include "raddle/sync/index_lock.hpp"
#include "raddle/sync/key_table.hpp"
#include "raddle/sync/mutex.hpp"

namespace raddle {

// `Keys`: `Key`, trivially copyable; `retain(Key)`, called under a stripe's lock; `release(Key)`, called with no
// lock held, which may run any code.
template <class Keys, class StripeLock = IndexLock>
class KeyedMutex {
 public:
  using Key = typename Keys::Key;
  using Entry = KeyEntry<Key>;

  // A key's entry, as it was found once.
  struct Spot {
    Entry* entry = nullptr;
    std::uint64_t serial = 0;
  };

  enum class Claim : std::uint8_t {
    taken,      // for the first time or once more
    must_wait,  // another thread has it
    undecided,  // the probe could not tell; nothing has changed
    no_memory,  // likewise
  };
  enum class Release : std::uint8_t { done, undecided, not_mine };

  // `what` as in Mutex. May be invalid for want of memory; then it must not be used.
  explicit KeyedMutex(const char* what) noexcept : what_(what), stripes_(new(std::nothrow) Stripe[kStripes]) {}
  ~KeyedMutex() {
    if (is_valid()) clear();
    delete[] stripes_;
  }
  KeyedMutex(const KeyedMutex&) = delete;
  KeyedMutex& operator=(const KeyedMutex&) = delete;
  bool is_valid() const noexcept { return stripes_ != nullptr; }

  // One thread's way to a key: claim(), again while it is undecided, then wait() if it must.
  class Visit {
   public:
    Visit(KeyedMutex& of, Key key, std::uint64_t hash) noexcept : of_(of), key_(key), hash_(mix(hash)) {}
    ~Visit() { delete mine_; }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    // `probe(Key)` compares a key of the same hash with the one that is wanted: a Match.
    template <class Probe>
    Claim claim(Probe& probe) {
      if (mine_ == nullptr && (mine_ = new (std::nothrow) Entry(of_.what_, key_, hash_)) == nullptr)
        return Claim::no_memory;
      return of_.claim(*this, probe);
    }
    // taken and owner_died: this thread has the key.
    LockOutcome wait(Deadline deadline, Waiting& waiting) { return of_.wait(*this, deadline, waiting); }
    // Instead of wait().
    void give_up() { of_.drop_claim(spot_.entry, claim_); }
    const Spot& spot() const noexcept { return spot_; }

   private:
    friend KeyedMutex;
    KeyedMutex& of_;
    const Key key_;
    const std::uint64_t hash_;
    Entry* mine_ = nullptr;  // until it is in the table
    Entry* claim_ = nullptr;
    Spot spot_;
  };

  // Somebody will come for a key of this hash in a moment.
  void expect(std::uint64_t hash) const noexcept {
    prefetch_to_write(stripes_ + (mix(hash) >> (64 - kStripeBits)));
  }

  template <class Probe>
  Release release(std::uint64_t hash, Probe& probe) {
    Inside inside(*this, mix(hash));
    bool undecided = false;
    Entry* entry = inside.stripe.table.find(inside.hash, probe, undecided);
    if (undecided) return Release::undecided;
    return give_back(inside, entry) ? Release::done : Release::not_mine;
  }
  // False: the calling thread does not have the key that was found there.
  bool release_at(std::uint64_t hash, const Spot& spot) {
    Inside inside(*this, mix(hash));
    return give_back(inside, inside.stripe.table.find(inside.hash, spot.entry, spot.serial));
  }

  // A word of the holder's, for others to read: null with every new holder.
  void note(const Spot& spot, const void* word) noexcept {
    spot.entry->note.store(word,
                           order::relaxed);  // relaxed: read under no lock but the stripe's, says only itself
  }
  const void* noted(std::uint64_t hash, const Spot& spot) {
    Inside inside(*this, mix(hash));
    const Entry* entry = inside.stripe.table.find(inside.hash, spot.entry, spot.serial);
    return entry != nullptr ? entry->note.load(order::relaxed) : nullptr;  // relaxed: as above
  }

  // How many keys threads have or wait for: of each stripe at one instant, one after the other.
  std::size_t size() {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < kStripes; ++i) {
      Stripe& stripe = stripes_[i];
      if (stripe.is_of_before_a_fork()) Inside(*this, stripe);  // looks it over
      sum += stripe.lock.peek().index();
    }
    return sum;
  }
  // How many threads sleep until they get a key; likewise.
  std::size_t approx_waiting() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kStripes; ++i) {
      Inside inside(*this, stripes_[i]);
      stripes_[i].table.for_each([&](Entry& entry) {
        for (Entry* claim = entry.claims; claim != nullptr; claim = claim->next_claim)
          if (claim->asleep.load(order::relaxed)) ++count;  // relaxed: a statistic
        return true;
      });
    }
    return count;
  }

  // Shows every key to visit(Key), which returns whether to go on. Only while no thread is inside a call, except
  // where it waits or its code runs.
  template <class Visitor>
  void for_each_at_rest(Visitor visit) {
    bool goes_on = true;
    for (std::size_t i = 0; i < kStripes && goes_on; ++i)
      goes_on = stripes_[i].table.for_each([&](Entry& entry) { return visit(entry.key); });
  }

  // Takes all keys away from whoever has them. Only when no thread waits.
  void clear() {
    for (std::size_t i = 0; i < kStripes; ++i) {
      Inside inside(*this, stripes_[i]);
      inside.gone = stripes_[i].table.take_all([](const Entry&) { return true; }, inside.gone);
      inside.count = 0;
    }
  }

 private:
  static constexpr int kStripeBits = 6;
  static constexpr std::size_t kStripes = std::size_t{1} << kStripeBits;

  struct alignas(kCacheLine) Stripe {
    bool is_of_before_a_fork() const noexcept {
      return looked_over.load(order::relaxed) != forks();  // relaxed: changes only under the lock, and for good
    }

    StripeLock lock;  // the index: how many entries there are
    atomic<std::uint64_t> looked_over{forks()};
    KeyTable<Key, kStripeBits> table;
  };

  // Fibonacci hashing: the upper bits of the product depend on all bits. It is one to one, so equal products are
  // equal hashes.
  static std::uint64_t mix(std::uint64_t hash) noexcept { return hash * 0x9E3779B97F4A7C15U; }

  // The lock of a stripe. When it is left, what has been taken out of the table is freed, and a table whose size
  // does not fit any more is made anew.
  struct Inside {
    Inside(KeyedMutex& of, std::uint64_t hash_of_key) noexcept
        : Inside(of, of.stripes_[hash_of_key >> (64 - kStripeBits)]) {
      hash = hash_of_key;
    }
    Inside(KeyedMutex&, Stripe& of) noexcept : stripe(of), count(of.lock.lock().index()) {
      if (of.is_of_before_a_fork()) [[unlikely]]
        look_over();
    }
    ~Inside() { leave(); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    void leave() {
      if (!is_in) return;
      const std::size_t fitting = stripe.table.fitting_size(count);
      stripe.lock.unlock(count, false);
      is_in = false;
      if (fitting != 0) [[unlikely]]
        resize(fitting);
      dispose(gone);
    }
    void look_over() noexcept {
      gone = stripe.table.take_all([](const Entry& claim) { return has_vanished(claim.thread); }, gone);
      count = 0;
      stripe.table.for_each([&](Entry&) { return ++count, true; });
      stripe.looked_over.store(forks(), order::relaxed);  // relaxed: see is_of_before_a_fork()
    }
    void resize(std::size_t size) {
      auto fresh = stripe.table.make_buckets(size);
      if (!fresh.is_valid()) return;  // for want of memory its chains stay long, or it stays large
      count = stripe.lock.lock().index();
      if (stripe.table.fitting_size(count) == size) stripe.table.move_to(fresh);
      stripe.lock.unlock(count, false);
      fresh.free();
    }

    Stripe& stripe;
    std::uint64_t hash = 0;
    std::size_t count;
    Entry* gone = nullptr;  // out of all lists, linked by `next`
    bool is_in = true;
  };

  static void dispose(Entry* gone) {
    while (gone != nullptr) {
      Entry* entry = gone;
      gone = entry->next;
      const bool had_key = entry->is_installed;
      const Key key = entry->key;
      delete entry;
      if (had_key) Keys::release(key);
    }
  }

  template <class Probe>
  Claim claim(Visit& visit, Probe& probe) {
    Inside inside(*this, visit.hash_);
    bool undecided = false;
    Entry* entry = inside.stripe.table.find(visit.hash_, probe, undecided);
    if (undecided) return Claim::undecided;
    if (entry == nullptr) {
      entry = visit.mine_;
      visit.mine_ = nullptr;
      Keys::retain(entry->key);
      inside.stripe.table.install(entry);
      ++inside.count;
      visit.spot_ = {entry, entry->serial};
      inside.leave();
      tell(&Observers::acquired, {&entry->mutex, what_});
      return Claim::taken;
    }
    visit.spot_ = {entry, entry->serial};
    if (entry->mutex.is_mine()) return ++entry->depth, Claim::taken;
    visit.claim_ = visit.mine_;
    visit.mine_ = nullptr;
    entry->add_claim(visit.claim_);
    return Claim::must_wait;
  }

  LockOutcome wait(Visit& visit, Deadline deadline, Waiting& waiting) {
    Entry* entry = visit.spot_.entry;
    Entry* mine = visit.claim_;
    KeyWaiting marked(waiting, mine->asleep);
    const LockOutcome outcome = entry->mutex.lock(LockStyle::owned, deadline, marked);
    if (outcome == LockOutcome::timed_out || outcome == LockOutcome::interrupted) {
      drop_claim(entry, mine);
      return outcome;
    }
    entry->holder = mine;
    entry->depth = 1;
    if (outcome == LockOutcome::owner_died) drop_ended_claims(entry);
    return outcome;
  }

  // Undoes one acquire of the calling thread's, and leaves the stripe.
  bool give_back(Inside& inside, Entry* entry) {
    if (entry == nullptr || !entry->mutex.is_mine()) return false;
    if (entry->depth > 1) return --entry->depth, true;
    Entry* mine = entry->holder;
    if (entry->claims == mine && mine->next_claim == nullptr) [[likely]] {  // nobody else knows of it
      inside.gone = inside.stripe.table.take_out(entry, inside.gone);
      if (mine != entry) inside.gone = mine->prepend_to(inside.gone);
      --inside.count;
      tell_released(inside, entry);
      return true;
    }
    inside.leave();
    entry->note.store(nullptr, order::relaxed);  // relaxed: see note()
    entry->mutex.unlock();
    drop_claim(entry, mine);
    return true;
  }
  void tell_released(Inside& inside, const Entry* entry) {
    const Observed observed{&entry->mutex, what_};
    inside.leave();
    tell(&Observers::released, observed);
  }

  void drop_claim(Entry* entry, Entry* claim) {
    Inside inside(*this, entry->hash);
    inside.gone = entry->drop_claims([claim](const Entry& other) { return &other == claim; }, inside.gone);
    if (entry->claims != nullptr) return;
    inside.gone = inside.stripe.table.take_out(entry, inside.gone);
    --inside.count;
  }
  void drop_ended_claims(Entry* entry) {
    Inside inside(*this, entry->hash);
    inside.gone = entry->drop_claims([](const Entry& other) { return has_ended(other.thread); }, inside.gone);
  }

  const char* what_;
  Stripe* stripes_;
};

}  // namespace raddle
