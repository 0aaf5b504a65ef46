// Literal sequences of events for the race detector's engine: one OS thread plays several logical ones.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

#include "raddle/check/engine.hpp"

namespace raddle::test {

namespace check = raddle::check;
using check::Evidence;
using check::Finding;
using check::Guard;
using check::Kind;
using check::Link;
using check::Location;
using check::PairLink;
using check::Rule;
using check::Severity;
using check::SiteId;
using check::Value;

struct CountedStacks final : check::StackSource {
  check::StackId capture() noexcept override { return ++captured; }
  check::StackId captured = 0;
};

inline Location field(std::uintptr_t object, std::uint64_t name = 100) { return {object, name}; }
inline Location structure(std::uintptr_t object) { return {object, check::kStructure}; }
inline PairLink data(SiteId from) { return {from, Link::data, Guard::none}; }
inline PairLink guard(SiteId from, Guard expects) { return {from, Link::guard, expects}; }

class Stage;

class Actor {
 public:
  Actor(Stage& stage, check::Thread* of) : stage_(stage), thread(of) {}

  Actor& access(check::Access access, std::initializer_list<PairLink> links = {});
  Actor& read(Location where, SiteId site, Guard guards_as = Guard::none, Kind kind = Kind::read) {
    return access({.where = where,
                   .frame = frame,
                   .site = site,
                   .kind = kind,
                   .guards_as = guards_as,
                   .starts_pair = guards_as != Guard::none});
  }
  // A read of which a later write depends.
  Actor& start(Location where, SiteId site) {
    return access({.where = where, .frame = frame, .site = site, .starts_pair = true});
  }
  Actor& write(Location where, SiteId site, std::initializer_list<PairLink> links = {}, Kind kind = Kind::write,
               Value value = Value::unknown) {
    return access({.where = where, .frame = frame, .site = site, .kind = kind, .value = value}, links);
  }
  Actor& act(Location where, SiteId site, Kind kind, std::initializer_list<PairLink> links = {}) {
    return access({.where = where, .frame = frame, .site = site, .kind = kind}, links);
  }
  // x += 1 with its read at `site` and its write at `site` + 1.
  Actor& increment(Location where, SiteId site) { return start(where, site).write(where, site + 1, {data(site)}); }
  Actor& lock(std::uintptr_t lock, bool shared = false);
  Actor& unlock(std::uintptr_t lock);
  // release here, acquire there
  Actor& before(Actor& other);
  Actor& end_before(Actor& other);

 private:
  Stage& stage_;

 public:
  check::Thread* thread;
  std::uintptr_t frame = 0x7000;
};

class Stage {
 public:
  explicit Stage(check::Options options = {}) : engine(options) {}

  Actor& unordered(const std::string& name) { return add(engine.begin_thread(nullptr, name)); }
  Actor& started_by(Actor& creator, const std::string& name) {
    const check::ClocksRef from = engine.release(*creator.thread);
    return add(engine.begin_thread(from.get(), name, creator.thread->number(), 7));
  }

  // The rules reported so far, in order, an upgrade again.
  std::vector<Rule> rules() const {
    std::vector<Rule> list;
    for (const Finding& finding : findings) list.push_back(finding.rule);
    return list;
  }
  bool silent() const { return findings.empty(); }
  bool only(Rule rule) const {
    for (const Finding& finding : findings) {
      if (finding.rule != rule) return false;
    }
    return !findings.empty();
  }

  check::Engine engine;
  CountedStacks stacks;
  std::vector<Finding> findings;
  bool collects = true;  // findings, which takes memory

 private:
  Actor& add(check::Thread* thread) {
    EXPECT_NE(thread, nullptr);
    return actors_.emplace_back(*this, thread);
  }
  std::deque<Actor> actors_;
};

inline Actor& Actor::access(check::Access access, std::initializer_list<PairLink> links) {
  access.links = links.begin();
  access.link_count = static_cast<std::uint8_t>(links.size());
  stage_.engine.access(*thread, access, stage_.stacks);
  if (thread->has_findings() && stage_.collects) {
    for (Finding& finding : stage_.engine.take_findings(*thread)) stage_.findings.push_back(std::move(finding));
  }
  return *this;
}
inline Actor& Actor::lock(std::uintptr_t lock, bool shared) {
  stage_.engine.lock_acquired(*thread, lock, shared, 1000 + static_cast<check::StackId>(lock));
  return *this;
}
inline Actor& Actor::unlock(std::uintptr_t lock) {
  stage_.engine.lock_released(*thread, lock);
  return *this;
}
inline Actor& Actor::before(Actor& other) {
  const check::ClocksRef clocks = stage_.engine.release(*thread);
  stage_.engine.acquire(*other.thread, clocks);
  return *this;
}
inline Actor& Actor::end_before(Actor& other) {
  const check::ClocksRef clocks = stage_.engine.end_thread(*thread);
  stage_.engine.acquire(*other.thread, clocks);
  return *this;
}

// Two threads that nothing orders, started by one.
struct Two : Stage {
  explicit Two(check::Options options = {}) : Stage(options) {}
  Actor& main = unordered("main");
  Actor& a = started_by(main, "a");
  Actor& b = started_by(main, "b");
};

inline constexpr std::uintptr_t kX = 0x10000, kY = 0x20000, kLock = 0x500, kOther = 0x600;

}  // namespace raddle::test
