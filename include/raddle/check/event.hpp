// What the race detector is told: accesses of locations, and how they depend on each other.
//
// Plain data. The words for places in a program (sites, stacks, frames, groups) are the caller's; the engine
// compares them and gives them back.
#pragma once

#include <cstdint>

namespace raddle::check {

using SiteId = std::uint32_t;        // a probe in the program's code; 0: none
using StackId = std::uint32_t;       // a call stack; 0: unknown
using GroupId = std::uint32_t;       // locations that are "the same" for a reader: type and attribute; 0: none
using ThreadNumber = std::uint32_t;  // a logical thread, never used twice; 0: none

// A place where a value can be: an object's attribute, an item of a container, a variable.
// Keys below kFirstKey are the special ones; all others are what the caller makes of a name or of an item's key.
struct Location {
  std::uintptr_t object = 0;
  std::uint64_t key = 0;
  friend bool operator==(const Location&, const Location&) = default;
};
inline constexpr std::uint64_t kStructure = 1;  // length, membership as a whole, order
inline constexpr std::uint64_t kIterator = 2;   // the position of an iterator or generator
inline constexpr std::uint64_t kCell = 3;       // the value of a closure cell
inline constexpr std::uint64_t kFirstKey = 16;
// Elements of a sequence are numbered from here, so that many can be remembered together (see elements.hpp).
inline constexpr std::uint64_t kFirstIndex = 0xE000'0000'0000'0000ULL;
constexpr std::uint64_t key_of_element(std::uint64_t index) noexcept { return kFirstIndex + index; }

enum class Kind : std::uint8_t {
  read,         // found a value
  missed,       // a read that found nothing
  write,        // stores where something was before (or where that is not known)
  create,       // stores where nothing was before. Only a create can be the first write that RD105 looks for
  remove,       // deletes or pops; on kStructure: an element went away
  clear,        // on kStructure only: all elements went away. Counts as `remove` of every known key of the object
  append_like,  // a structural change that cannot fail and takes nothing away
  iterate_begin,  // on kStructure: an iteration, a loop in C too. Counts as a read
  iterate_end,    // of this thread's latest iteration of the location; may be missing (return, exception)
  advance,        // on kIterator: one step of an iterator or generator
};
constexpr bool is_write(Kind kind) noexcept { return kind >= Kind::write && kind <= Kind::append_like; }

// What is stored, as far as known.
enum class Value : std::uint8_t { unknown, none, falsy, immutable, mutable_ };

// What a test found to be so.
enum class Guard : std::uint8_t { none, present, absent, not_none, is_none, truthy, falsy, non_empty, empty };

enum class Link : std::uint8_t {
  data,  // the value written depends on the value read
  guard  // the act is only done because the read found what `expects` says
};

// "This act depends on what was read at site `from`, in the same frame and at the same location."
struct PairLink {
  SiteId from = 0;
  Link type = Link::data;
  Guard expects = Guard::none;
};

// One access. `links` is only read during the call.
struct Access {
  Location where;
  std::uintptr_t frame = 0;  // the running frame, for pairs
  const PairLink* links = nullptr;
  SiteId site = 0;
  GroupId group = 0;
  Kind kind = Kind::read;
  Value value = Value::unknown;   // of a write
  Guard guards_as = Guard::none;  // of a read: the guard that acts linked to it expect
  std::uint8_t link_count = 0;
  bool starts_pair = false;  // of a read: acts may name this site in a link
  bool field = false;        // an attribute of an instance for which there is no default (RD105)
  bool asks = false;         // of a read: the program is ready to find nothing (RD105)
  bool initial = false;      // of a store: where an object is made, which gives it all it needs (RD105)
  bool computed = false;     // by code of the program, which may lock inside (a property): not for RD201 and RD301
  bool element = false;      // of a sequence: a value that is stored can be found by Engine::read_element()
  bool atom = false;         // of a write: the value refers to nothing, so finding it tells nobody of anything
};

// Called at most once for an access, on the slow path only, with no internal lock held. A capture may be used
// again for another access by the same thread at the same location, site and frame.
struct StackSource {
  virtual StackId capture() noexcept = 0;

 protected:
  ~StackSource() = default;
};

}  // namespace raddle::check
