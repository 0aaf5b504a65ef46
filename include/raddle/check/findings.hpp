// What was found so far, one entry for each rule and pair of sites; and the counts for RD201.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "raddle/check/finding.hpp"
#include "raddle/check/record.hpp"
#include "raddle/check/shadow.hpp"
#include "raddle/check/threads.hpp"
#include "raddle/sync/raw_mutex.hpp"

namespace raddle::check {

// A finding as the engine comes across it, under a shard's lock. Its records are counted.
struct Draft {
  Rule rule = Rule::plain_pair;
  Severity severity = Severity::note;
  Evidence evidence = Evidence::can_happen;
  Guard guard = Guard::none;
  GroupId group = 0;
  Location where;
  Record first, second, foreign;  // side 0: first, then second if there is one; side 1: foreign
  std::uintptr_t guard_lock = 0;
  std::uint64_t guarded = 0, total = 0;
};
void forget(Draft& draft) noexcept;

class Findings {
 public:
  explicit Findings(Threads& threads) noexcept : threads_(threads) {}
  ~Findings();

  // False: lost, without memory.
  bool add(const Draft& draft, Thread& thread) noexcept;
  std::vector<Finding> take(Thread& thread) noexcept;
  std::vector<Finding> all() noexcept;
  std::uint64_t count() noexcept;

  // RD201: adds a location's counts to those of its group; under the lock of its shard. See guard_stats below.
  bool add_guard(const Cell& cell) noexcept;
  // Once: makes findings of the groups in which nearly all accesses are under a lock.
  // `live`: calls add_guard() for the locations that are still there.
  template <class Live>
  std::vector<Finding> finish(Live live) noexcept {
    live();
    decide_guards();
    return all();
  }

  RawMutex mutex;         // for the findings
  RawMutex groups_mutex;  // for groups_

 private:
  // RD201 is decided for a group (type and attribute) as a whole: of at least kLeast accesses to locations that
  // several threads use, at least 9 of 10 are under the lock that most accesses of the same location hold; and of
  // two accesses that F does not order, one is without that lock.
  struct Guards {
    std::uint64_t guarded = 0, total = 0;
    std::vector<Draft> drafts;
  };
  static constexpr std::uint64_t kLeast = 10;

  bool make(const Draft& draft, Finding& finding) noexcept;
  void decide_guards() noexcept;
  bool add_locked(const Draft& draft, std::uint32_t& news) noexcept;

  Threads& threads_;
  std::vector<Finding> found_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_sites_;
  std::unordered_map<std::uint64_t, Guards> groups_;
};

}  // namespace raddle::check
