#include "raddle/check/findings.hpp"

#include <algorithm>
#include <new>

namespace raddle::check {
namespace {

const Record& act_of(const Draft& draft) noexcept { return draft.second ? draft.second : draft.first; }

// The rule and the sites, in either order.
std::uint64_t key_of(Rule rule, SiteId one, SiteId other) noexcept {
  const std::uint64_t small = std::min(one, other), large = std::max(one, other);
  return ((small << 32) | large) * 8 + static_cast<std::uint64_t>(rule) + ((small >> 29) << 61);
}
std::uint64_t key_of(const Draft& draft) noexcept {
  return key_of(draft.rule, act_of(draft).site, draft.foreign.site);
}

void add_access(FoundSide& side, const Record& record) {
  FoundAccess access{record.site, record.stack, record.kind, record.value, record.guard, {}};
  for (const Hold* hold = record.holds; hold != nullptr; hold = hold->outer) {
    access.locks.push_back({hold->lock, hold->taken_at, hold->shared});
  }
  std::reverse(access.locks.begin(), access.locks.end());
  side.accesses.push_back(std::move(access));
}

}  // namespace

void forget(Draft& draft) noexcept {
  forget(draft.first);
  forget(draft.second);
  forget(draft.foreign);
}

Findings::~Findings() {
  for (auto& [key, guards] : groups_) {
    for (Draft& draft : guards.drafts) forget(draft);
  }
}

bool Findings::make(const Draft& draft, Finding& finding) noexcept try {
  finding.rule = draft.rule;
  finding.severity = draft.severity;
  finding.evidence = draft.evidence;
  finding.guard = draft.guard;
  finding.group = draft.group;
  finding.where = draft.where;
  finding.guard_lock = draft.guard_lock;
  finding.guarded = draft.guarded;
  finding.total = draft.total;
  threads_.describe(draft.first.epoch, draft.first.thread, finding.sides[0]);
  add_access(finding.sides[0], draft.first);
  if (draft.second) add_access(finding.sides[0], draft.second);
  threads_.describe(draft.foreign.epoch, draft.foreign.thread, finding.sides[1]);
  add_access(finding.sides[1], draft.foreign);
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

// `news`: the id if it is new or upgraded, else 0.
bool Findings::add_locked(const Draft& draft, std::uint32_t& news) noexcept try {
  const auto [place, is_new] = by_sites_.try_emplace(key_of(draft), static_cast<std::uint32_t>(found_.size()));
  if (!is_new) {
    Finding& known = found_[place->second];
    ++known.count;
    known.severity = std::max(known.severity, draft.severity);
    if (draft.evidence <= known.evidence) return true;
    Finding better;
    if (!make(draft, better)) return false;
    better.id = known.id;
    better.count = known.count;
    better.severity = known.severity;
    known = std::move(better);
    news = known.id;
    return true;
  }
  try {
    Finding finding;
    if (make(draft, finding)) {
      finding.id = static_cast<std::uint32_t>(found_.size() + 1);
      found_.push_back(std::move(finding));
      news = found_.back().id;
      return true;
    }
  } catch (const std::bad_alloc&) {
  }
  by_sites_.erase(place);
  return false;
} catch (const std::bad_alloc&) {
  return false;
}

bool Findings::add(const Draft& draft, Thread& thread) noexcept try {
  std::uint32_t news = 0;
  {
    RawLock lock(mutex);
    if (!add_locked(draft, news)) return false;
  }
  if (news == 0) return true;
  thread.news_.push_back(news);
  thread.has_findings_ = true;
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

std::vector<Finding> Findings::take(Thread& thread) noexcept try {
  std::vector<Finding> taken;
  RawLock lock(mutex);
  for (const std::uint32_t id : thread.news_) taken.push_back(found_[id - 1]);
  thread.news_.clear();
  thread.has_findings_ = false;
  return taken;
} catch (const std::bad_alloc&) {
  return {};
}

std::vector<Finding> Findings::all() noexcept try {
  RawLock lock(mutex);
  return found_;
} catch (const std::bad_alloc&) {
  return {};
}

std::uint64_t Findings::count() noexcept {
  RawLock lock(mutex);
  return found_.size();
}

bool Findings::add_guard(const Cell& cell) noexcept try {
  constexpr std::size_t kMostDrafts = 8;
  if (!cell.shared || cell.guarded == 0) return true;
  // One that stands for itself, and has nothing to tell.
  if (cell.group == 0 && (cell.more == nullptr || cell.more->unguarded.size() == 0)) return true;
  RawLock lock(groups_mutex);
  const std::uint64_t key =
      cell.group != 0 ? cell.group : (cell.where.object * 31 + cell.where.key) | (1ULL << 63);
  Guards& guards = groups_[key];
  guards.guarded += cell.guarded;
  guards.total += cell.total;
  if (cell.more == nullptr) return true;
  for (const Unguarded& unguarded : cell.more->unguarded) {
    if (guards.drafts.size() == kMostDrafts) break;
    if (has_lock(unguarded.without.holds, cell.guard_lock) || !has_lock(unguarded.with.holds, cell.guard_lock))
      continue;
    Draft draft;
    draft.rule = Rule::inconsistent_guard;
    draft.severity = severity_of(draft.rule, Value::unknown);
    draft.group = cell.group;
    draft.where = cell.where;
    draft.first = unguarded.without;
    draft.foreign = unguarded.with;
    draft.guard_lock = cell.guard_lock;
    guards.drafts.push_back(draft);
    retain(draft.first.holds);
    retain(draft.foreign.holds);
  }
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

void Findings::decide_guards() noexcept {
  RawLock lock(mutex);
  RawLock groups_lock(groups_mutex);
  for (auto& [key, guards] : groups_) {
    const bool decided = guards.total >= kLeast && guards.guarded * 10 >= guards.total * 9;
    for (Draft& draft : guards.drafts) {
      draft.guarded = guards.guarded;
      draft.total = guards.total;
      // What another rule says of the same two sites says more.
      bool said = false;
      for (int rule = 0; rule < static_cast<int>(Rule::inconsistent_guard); ++rule) {
        said = said || by_sites_.count(key_of(static_cast<Rule>(rule), draft.first.site, draft.foreign.site)) != 0;
      }
      std::uint32_t news = 0;
      if (decided && !said) (void)add_locked(draft, news);  // without memory there is one less
      forget(draft);
    }
  }
  groups_.clear();
}

}  // namespace raddle::check
