// What the race detector found, complete: nothing in a finding refers to the engine's memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "raddle/check/event.hpp"

namespace raddle::check {

enum class Rule : std::uint8_t {
  lost_update,            // RD101
  check_then_act,         // RD102
  check_then_create,      // RD103
  iteration_changed,      // RD104
  premature_publication,  // RD105
  inconsistent_guard,     // RD201
  shared_iterator,        // RD202
  plain_pair              // RD301
};
// 101 for RD101 and so on.
constexpr int number_of(Rule rule) noexcept {
  constexpr int numbers[] = {101, 102, 103, 104, 105, 201, 202, 301};
  return numbers[static_cast<int>(rule)];
}

enum class Severity : std::uint8_t { note, warning, error };
enum class Evidence : std::uint8_t { can_happen, happened };

struct HeldLock {
  std::uintptr_t lock = 0;
  StackId taken_at = 0;
  bool shared = false;
};

struct FoundAccess {
  SiteId site = 0;
  StackId stack = 0;
  Kind kind = Kind::read;
  Value value = Value::unknown;
  Guard guard = Guard::none;    // of a test
  std::vector<HeldLock> locks;  // held at the access, the one taken last at the end
};

struct FoundSide {
  ThreadNumber thread = 0;
  std::string thread_name;
  ThreadNumber creator = 0;
  StackId created_at = 0;
  std::vector<FoundAccess> accesses;  // in the order of the program: one, or a read and what depends on it
};

// Side 0 is the one with the pair (RD101-103), the iteration (RD104), the read (RD105), the access without the
// lock (RD201); side 1 the foreign access that comes in the way.
struct Finding {
  std::uint32_t id = 0;  // 1, 2, ...; the same for an upgrade and for the final count
  Rule rule = Rule::lost_update;
  Severity severity = Severity::error;
  Evidence evidence = Evidence::can_happen;
  std::uint64_t count = 1;  // how often so far
  Location where;           // of the first time; the object is alive while take_findings() is called by the access
  GroupId group = 0;
  Guard guard = Guard::none;  // RD102, RD103: what the test expects
  FoundSide sides[2];
  // RD201: accesses under the lock, and all of them
  std::uintptr_t guard_lock = 0;
  std::uint64_t guarded = 0, total = 0;
};

struct Summary {
  std::uint64_t cells = 0;      // locations with a shadow now
  std::uint64_t evicted = 0;    // locations forgotten because of the memory limit
  std::uint64_t bytes = 0;      // of shadow memory now
  std::uint64_t threads = 0;    // logical threads so far
  std::uint64_t unwatched = 0;  // threads for which there was no place
  std::uint64_t dropped = 0;    // events lost because an allocation failed
  std::uint64_t findings = 0;
};

}  // namespace raddle::check
