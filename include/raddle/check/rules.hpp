// What the rules are, as far as they can be said without looking at clocks.
//
// A pair is a read and a later act of one thread at one location; the act depends on what was read. A hold spans
// the pair if it lasts from the read to the act. A foreign write w' makes the pair wrong if
//   - no lock of a spanning hold is held at w' too (two shared holds keep nobody apart), and
//   - C does not order w' before the read, nor after the act; edges that come from this very location do not
//   count. Or w' was seen
//     between the two: then it has happened.
//
// RD101 lost update           a data link to a write. Any w'.
// RD102 check-then-act        a guard link to a removal, a use, or a store that takes away what the guard found.
//                             w' must be able to make the guard false; or it is a mere execution of the same test
//                             by another thread, if the act itself makes the guard false.
// RD103 check-then-create     a guard link "there is nothing" to a store. w': a store too, or a mere execution of
//                             the same test by another thread. An error if what is created can be changed, else a
//                             note.
// RD104 iteration changed     a structural write that F does not order with an iteration.
// RD105 premature publication a read of a field whose first write F does not order before, of an object that got
//                             here before that write: the writer's count of accesses at it is beyond what the
//                             reader knows through values (P). Who asks whether the field is there relies on it
//                             only if the object is made with it.
// RD201 inconsistent guard    see guard_stats.hpp.
// RD202 shared iterator       two steps of an iterator that F does not order.
// RD301 plain pair            any two accesses, one a write, that F does not order. Only when asked for.
//
// F contains the order of locks, so for RD104, RD105, RD202 and RD301 what is done under one lock is ordered.
#pragma once

#include "raddle/check/event.hpp"
#include "raddle/check/finding.hpp"

namespace raddle::check {

constexpr bool is_empty(Value value) noexcept { return value == Value::none || value == Value::falsy; }

constexpr bool takes_away(Kind kind) noexcept { return kind == Kind::remove || kind == Kind::clear; }

// Writes of one thread are remembered apart if they can undo different findings.
constexpr bool undoes(Kind kind, Value value) noexcept { return takes_away(kind) || is_empty(value); }

// Guards that find nothing, after which something is created.
constexpr bool finds_nothing(Guard guard) noexcept {
  return guard == Guard::absent || guard == Guard::is_none || guard == Guard::falsy || guard == Guard::empty;
}

// Tests by which a program finds out whether something is there, and that do not fail if it is not.
constexpr bool asks(Guard guard) noexcept { return guard == Guard::present || guard == Guard::absent; }

// Can this write make the guard's finding false?
constexpr bool flips(Guard guard, Kind kind, Value value) noexcept {
  const bool stores = is_write(kind) && !takes_away(kind);
  switch (guard) {
    case Guard::none:
      return false;
    case Guard::present:
    case Guard::non_empty:
      return takes_away(kind);
    case Guard::not_none:
      return takes_away(kind) || (stores && value == Value::none);
    case Guard::truthy:
      return takes_away(kind) || (stores && is_empty(value));
    case Guard::absent:
      return stores;
    case Guard::empty:
      return kind == Kind::create || kind == Kind::append_like;
    case Guard::is_none:
      return stores && value != Value::none;
    case Guard::falsy:
      return stores && !is_empty(value);
  }
  return false;
}

// The rule under which such a pair is watched; false: none.
constexpr bool rule_of_pair(const PairLink& link, Kind act, Value value, Rule& rule) noexcept {
  if (link.type == Link::data) {
    rule = Rule::lost_update;
    return is_write(act);
  }
  if (finds_nothing(link.expects)) {
    rule = Rule::check_then_create;
    return is_write(act) && flips(link.expects, act, value);
  }
  rule = Rule::check_then_act;
  return link.expects != Guard::none && (!is_write(act) || flips(link.expects, act, value));
}

// May a write of this kind be what comes in the way of such a pair?
constexpr bool disturbs(Rule rule, Guard expects, Kind kind, Value value) noexcept {
  return rule == Rule::lost_update ? is_write(kind) : flips(expects, kind, value);
}

constexpr Severity severity_of(Rule rule, Value created) noexcept {
  switch (rule) {
    case Rule::inconsistent_guard:
    case Rule::shared_iterator:
      return Severity::warning;
    case Rule::plain_pair:
      return Severity::note;
    case Rule::check_then_create:
      return created == Value::mutable_ || created == Value::unknown ? Severity::error : Severity::note;
    default:
      return Severity::error;
  }
}

}  // namespace raddle::check
