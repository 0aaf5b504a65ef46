// Every rule about two threads finds its pair whichever of them came first.
#include <gtest/gtest.h>

#include <string>

#include "check/actors.hpp"

namespace {

using namespace raddle::test;

// What two threads do, each in one go.
struct Case {
  const char* name;
  Rule rule;
  void (*one)(Actor&);
  void (*other)(Actor&);
};
std::ostream& operator<<(std::ostream& out, const Case& given) { return out << given.name; }

void increment(Actor& actor) { actor.increment(field(kX), 10); }
void store(Actor& actor) { actor.write(field(kX), 20); }
void store_none(Actor& actor) { actor.write(field(kX), 21, {}, Kind::write, Value::none); }
void remove(Actor& actor) { actor.act(field(kX), 22, Kind::remove); }
void clear(Actor& actor) { actor.act(structure(kX), 23, Kind::clear); }
void create(Actor& actor) { actor.write(field(kX), 24, {}, Kind::create, Value::mutable_); }
void append(Actor& actor) { actor.act(structure(kX), 25, Kind::append_like); }

void in_two_sections(Actor& actor) {
  actor.lock(kLock).start(field(kX), 10).unlock(kLock);
  actor.lock(kLock).write(field(kX), 11, {data(10)}).unlock(kLock);
}
void store_locked(Actor& actor) {
  actor.lock(kLock);
  store(actor);
  actor.unlock(kLock);
}

void use_if_present(Actor& actor) {
  actor.read(field(kX), 30, Guard::present).read(structure(kY), 1);
  actor.act(field(kX), 31, Kind::read, {guard(30, Guard::present)});
}
void pop_if_present(Actor& actor) {
  actor.read(field(kX), 30, Guard::present);
  actor.act(field(kX), 31, Kind::remove, {guard(30, Guard::present)}).act(structure(kX), 31, Kind::remove);
}
void pop_in_two_sections(Actor& actor) {
  actor.lock(kLock).read(field(kX), 30, Guard::present).unlock(kLock).lock(kLock);
  actor.act(field(kX), 31, Kind::remove, {guard(30, Guard::present)}).act(structure(kX), 31, Kind::remove);
  actor.unlock(kLock);
}
void clear_locked(Actor& actor) {
  actor.lock(kLock);
  clear(actor);
  actor.unlock(kLock);
}
// It found nothing, so it did nothing.
void only_test(Actor& actor) { actor.read(field(kX), 30, Guard::present, Kind::missed); }
void use_if_not_none(Actor& actor) {
  actor.read(field(kX), 32, Guard::not_none).act(field(kX), 33, Kind::read, {guard(32, Guard::not_none)});
}
void pop_if_any(Actor& actor) {
  actor.read(structure(kX), 34, Guard::non_empty)
      .act(structure(kX), 35, Kind::remove, {guard(34, Guard::non_empty)});
}
void only_test_any(Actor& actor) { actor.read(structure(kX), 34, Guard::non_empty); }
void claim(Actor& actor) {
  actor.read(field(kX), 36, Guard::truthy)
      .write(field(kX), 37, {guard(36, Guard::truthy)}, Kind::write, Value::falsy);
}
void only_test_claim(Actor& actor) { actor.read(field(kX), 36, Guard::truthy); }

void create_if_missing(Actor& actor) {
  actor.read(field(kX), 40, Guard::absent, Kind::missed)
      .write(field(kX), 41, {guard(40, Guard::absent)}, Kind::create, Value::mutable_);
}
void only_test_missing(Actor& actor) { actor.read(field(kX), 40, Guard::absent); }

void iterate(Actor& actor) {
  actor.act(structure(kX), 50, Kind::iterate_begin).act(structure(kX), 50, Kind::iterate_end);
}
void advance(Actor& actor) { actor.act({kX, raddle::check::kIterator}, 60, Kind::advance); }

// A second field of an object that is there already.
void publish(Actor& actor) {
  actor.write(field(kY), 70, {}, Kind::create);
  actor.access({.where = field(kX), .site = 71, .kind = Kind::create, .field = true});
}
void take(Actor& actor) {
  actor.read(field(kY), 72);
  actor.access({.where = field(kX), .site = 73, .kind = Kind::read, .field = true});
}
void take_missing(Actor& actor) {
  actor.access({.where = field(kX), .site = 73, .kind = Kind::missed, .field = true});
}

class EitherOrder : public testing::TestWithParam<Case> {};

TEST_P(EitherOrder, IsFound) {
  const Case& given = GetParam();
  for (const bool one_first : {true, false}) {
    Two two;
    two.main.write(field(kX), 1, {}, Kind::write, Value::mutable_);
    two.main.before(two.a).before(two.b);
    (one_first ? given.one : given.other)(two.a);
    (one_first ? given.other : given.one)(two.b);
    EXPECT_TRUE(two.only(given.rule)) << given.name << (one_first ? ": one first" : ": other first");
  }
}

TEST_P(EitherOrder, IsNotFoundIfThatOrderIsMade) {
  const Case& given = GetParam();
  for (const bool one_first : {true, false}) {
    Two two;
    two.main.write(field(kX), 1, {}, Kind::write, Value::mutable_);
    two.main.before(two.a).before(two.b);
    (one_first ? given.one : given.other)(two.a);
    two.a.before(two.b);
    (one_first ? given.other : given.one)(two.b);
    EXPECT_TRUE(two.silent()) << given.name << (one_first ? ": one first" : ": other first");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, EitherOrder,
    testing::Values(Case{"update_and_store", Rule::lost_update, increment, store},
                    Case{"two_updates", Rule::lost_update, increment, increment},
                    Case{"update_in_two_sections", Rule::lost_update, in_two_sections, store_locked},
                    Case{"update_in_two_sections_twice", Rule::lost_update, in_two_sections, in_two_sections},
                    Case{"use_and_remove", Rule::check_then_act, use_if_present, remove},
                    Case{"use_and_clear", Rule::check_then_act, use_if_present, clear},
                    Case{"use_and_pop", Rule::check_then_act, use_if_present, pop_if_present},
                    Case{"pop_in_two_sections_and_clear", Rule::check_then_act, pop_in_two_sections, clear_locked},
                    Case{"pop_in_two_sections_twice", Rule::check_then_act, pop_in_two_sections,
                         pop_in_two_sections},
                    Case{"pop_and_a_test", Rule::check_then_act, pop_if_present, only_test},
                    Case{"use_and_reset", Rule::check_then_act, use_if_not_none, store_none},
                    Case{"two_pops", Rule::check_then_act, pop_if_any, pop_if_any},
                    Case{"pop_and_clear", Rule::check_then_act, pop_if_any, clear},
                    Case{"pop_and_a_test_of_length", Rule::check_then_act, pop_if_any, only_test_any},
                    Case{"two_claims", Rule::check_then_act, claim, claim},
                    Case{"claim_and_a_test", Rule::check_then_act, claim, only_test_claim},
                    Case{"create_and_create", Rule::check_then_create, create_if_missing, create},
                    Case{"two_creations", Rule::check_then_create, create_if_missing, create_if_missing},
                    Case{"creation_and_a_test", Rule::check_then_create, create_if_missing, only_test_missing},
                    Case{"iteration_and_append", Rule::iteration_changed, iterate, append},
                    Case{"iteration_and_clear", Rule::iteration_changed, iterate, clear},
                    Case{"two_steps", Rule::shared_iterator, advance, advance}),
    [](const testing::TestParamInfo<Case>& given) { return std::string(given.param.name); });

// Here the location begins with the one thread.
TEST(EitherOrderOfPublication, IsFound) {
  Two before, after;
  publish(before.a);
  take(before.b);
  EXPECT_TRUE(before.only(Rule::premature_publication));
  take_missing(after.b);
  publish(after.a);
  EXPECT_TRUE(after.only(Rule::premature_publication));
}

}  // namespace
