// A read and what depends on it, and what comes in the way: RD101, RD102, RD103.
#include "raddle/check/work.hpp"

namespace raddle::check {
namespace {

bool is_in(Epoch epoch, const Epoch* list, unsigned count) noexcept {
  for (unsigned i = 0; i < count; ++i) {
    if (list[i] == epoch) return true;
  }
  return false;
}

bool any_spans(const Record& read, const Record& act) noexcept {
  for (const Hold* hold = act.holds; hold != nullptr; hold = hold->outer) {
    if (has_serial(read.holds, hold->serial)) return true;
  }
  return false;
}

}  // namespace

// Remembers the read until its frame comes to an act that depends on it.
void Work::start_pair() noexcept {
  Pending& pending = thread_.pending_[Thread::pending_index(access_.frame, access_.site)];
  pending.where = access_.where;
  pending.frame = access_.frame;
  pending.site = access_.site;
  pending.number = cell_->writes;
  pending.cell_life = cell_->life;
  replace(pending.record, copy_of(now_));
  pending.unordered_count = 0;
  if (!cell_->shared) return;
  const auto note = [this, &pending](const Record& foreign) {
    if (after_strict(foreign.epoch) || pending.unordered_count == Thread::kMostUnordered) return;
    pending.unordered[pending.unordered_count++] = foreign.epoch;
  };
  for_foreign_writes(note);
  for_foreign_reads([this, &note](const Record& foreign) {
    if (foreign.guard != Guard::none && foreign.site == access_.site) note(foreign);
  });
  if (cell_->more == nullptr) return;
  for (const Record& guard : cell_->more->guards) {
    if (is_foreign(guard)) note(guard);
  }
}

void Work::complete_pairs() noexcept {
  for (unsigned i = 0; i < access_.link_count; ++i) {
    const PairLink& link = access_.links[i];
    Rule rule = Rule::plain_pair;
    if (!rule_of_pair(link, now_.kind, now_.value, rule)) continue;
    const Pending& pending = thread_.pending_[Thread::pending_index(access_.frame, link.from)];
    if (pending.site != link.from || pending.frame != access_.frame || pending.where != access_.where ||
        pending.cell_life != cell_->life || !pending.record) {
      continue;
    }
    if (cell_->shared) complete(pending, link, rule);
    keep_pair(pending, rule, link.expects);
  }
}

void Work::complete(const Pending& pending, const PairLink& link, Rule rule) noexcept {
  const Record& read = pending.record;
  for_foreign_writes([&](const Record& foreign) {
    if (!disturbs(rule, link.expects, foreign.kind, foreign.value)) return;
    if (spanned_by_common_lock(read.holds, now_.holds, foreign.holds)) return;
    const bool happened = foreign.number > pending.number;
    if (!happened && !is_in(foreign.epoch, pending.unordered, pending.unordered_count)) return;
    draft(rule, happened ? Evidence::happened : Evidence::can_happen, link.expects, read, &now_, foreign);
  });
  const auto check_test = [&](const Record& test) {
    if (!is_foreign(test) || test.site != link.from) return;
    if (spanned_by_common_lock(read.holds, now_.holds, test.holds)) return;
    // The test of the other thread came before the read, or since then.
    if (!is_in(test.epoch, pending.unordered, pending.unordered_count) && after_strict(test.epoch)) return;
    draft(rule, Evidence::can_happen, link.expects, read, &now_, test);
  };
  if (rule == Rule::check_then_act && flips(link.expects, now_.kind, now_.value)) for_foreign_reads(check_test);
  if (rule != Rule::check_then_create || cell_->more == nullptr) return;
  for (const Record& guard : cell_->more->guards) check_test(guard);
}

// The latest of each thread and two sites, protected ones and others apart.
void Work::keep_pair(const Pending& pending, Rule rule, Guard expects) noexcept {
  More* more = this->more();
  if (more == nullptr) return;
  Pair made{pending.record, now_, rule, expects, any_spans(pending.record, now_)};
  if (is_write(now_.kind)) made.act.number = cell_->writes + 1;
  for (Pair& pair : more->pairs) {
    if (pair.act.thread != now_.thread || pair.act.site != now_.site || pair.read.site != made.read.site ||
        pair.rule != rule || pair.spans != made.spans) {
      continue;
    }
    replace(pair.read, copy_of(made.read));
    replace(pair.act, copy_of(made.act));
    return;
  }
  if (more->pairs.full()) {
    drop(more->pairs.front().read.holds);
    drop(more->pairs.front().act.holds);
    more->pairs.remove(more->pairs.begin());
  }
  const bool done = more->pairs.append(made);
  parts_.count(done);
  if (!done) return;
  retain(made.read.holds);
  retain(made.act.holds);
}

// This write against the pairs of other threads.
void Work::disturb_pairs() noexcept {
  if (cell_->more == nullptr || !is_write(now_.kind)) return;
  for (const Pair& pair : cell_->more->pairs) {
    if (!is_foreign(pair.act) || !disturbs(pair.rule, pair.expects, now_.kind, now_.value)) continue;
    if (after_strict(pair.act.epoch)) continue;
    if (spanned_by_common_lock(pair.read.holds, pair.act.holds, now_.holds)) continue;
    draft(pair.rule, Evidence::can_happen, pair.expects, pair.read, &pair.act, now_);
  }
}

// This execution of a test against threads after whose same test something was created, or what it found taken
// away.
void Work::disturb_testers() noexcept {
  if (cell_->more == nullptr || !access_.starts_pair || now_.guard == Guard::none) return;
  for (const Pair& pair : cell_->more->pairs) {
    if (!is_foreign(pair.act) || pair.read.site != now_.site || pair.rule == Rule::lost_update) continue;
    if (!flips(pair.expects, pair.act.kind, pair.act.value)) continue;
    if (after_strict(pair.act.epoch)) continue;
    if (spanned_by_common_lock(pair.read.holds, pair.act.holds, now_.holds)) continue;
    draft(pair.rule, Evidence::can_happen, pair.expects, pair.read, &pair.act, now_);
  }
}

}  // namespace raddle::check
