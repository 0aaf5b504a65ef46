// The rules that look at F: RD104, RD105, RD201, RD202, RD301.
#include "raddle/check/work.hpp"

namespace raddle::check {
namespace {

// Readers of a variable take whichever object is there, and writers, who keep each other out, put another one in
// its place: the lock is not for the readers. (What is changed in place has locations of its own.)
bool is_swap(const Record& read, const Record& write) noexcept {
  if (read.kind != Kind::read || !is_write(write.kind) || takes_away(write.kind)) return false;
  return write.value == Value::mutable_ || (write.value == Value::unknown && !write.depends);
}

}  // namespace

// A field that is read before F orders its first write, of an object that was here before that write.
void Work::check_publication() noexcept {
  const Cell& cell = *cell_;
  if (!access_.field || (now_.asks && !cell.first_initial) || cell.first_epoch == 0 ||
      cell.first_thread == thread_.number_)
    return;
  const Slot slot = slot_of_epoch(cell.first_epoch);
  if (after_all(cell.first_epoch) || cell.first_seq <= Threads::known_seq(thread_, slot)) return;
  Record first;
  first.epoch = cell.first_epoch;
  first.seq = cell.first_seq;
  first.site = cell.first_site;
  first.stack = cell.first_stack;
  first.thread = cell.first_thread;
  first.kind = Kind::create;
  if (is_foreign(cell.write) && cell.write.epoch == first.epoch && cell.write.number == 1)
    first.holds = cell.write.holds;
  draft(Rule::premature_publication, Evidence::can_happen, Guard::none, now_, nullptr, first);
}

// The first write, after another thread looked for the field in vain. Tests (hasattr) look for what need not be
// there.
void Work::check_missed_before() noexcept {
  if (!is_first_write() || !access_.field) return;
  for_foreign_reads([this](const Record& foreign) {
    const bool need_not_be = foreign.asks && !access_.initial;
    if (foreign.kind != Kind::missed || need_not_be || after_all(foreign.epoch)) return;
    draft(Rule::premature_publication, Evidence::happened, Guard::none, foreign, nullptr, now_);
  });
}

void Work::begin_iteration() noexcept {
  if (cell_->shared) {
    for_foreign_writes([this](const Record& foreign) {
      if (after_all(foreign.epoch) || common_lock(now_.holds, foreign.holds) != nullptr) return;
      draft(Rule::iteration_changed, Evidence::can_happen, Guard::none, now_, nullptr, foreign);
    });
  }
  More* more = this->more();
  if (more == nullptr) return;
  for (Iteration& iteration : more->iterations) {
    if (iteration.begin.thread != now_.thread) continue;
    // One that did not come to its end, or one within another of the same thread: the later one counts.
    iteration.depth = iteration.begin.epoch == now_.epoch ? iteration.depth + 1 : 1;
    replace(iteration.begin, copy_of(now_));
    replace(iteration.last, copy_of(now_));
    iteration.number = cell_->writes;
    return;
  }
  if (more->iterations.full()) {
    drop(more->iterations.front().begin.holds);
    drop(more->iterations.front().last.holds);
    more->iterations.remove(more->iterations.begin());
  }
  const bool done = more->iterations.append({now_, now_, cell_->writes, 1});
  parts_.count(done);
  if (!done) return;
  retain(now_.holds);
  retain(now_.holds);
}

void Work::end_iteration() noexcept {
  if (cell_->more == nullptr) return;
  for (Iteration& iteration : cell_->more->iterations) {
    if (iteration.begin.thread != now_.thread || iteration.depth == 0) continue;
    --iteration.depth;
    const Record& begin = iteration.begin;
    for_foreign_writes([&](const Record& foreign) {
      if (foreign.number <= iteration.number || spanned_by_common_lock(begin.holds, now_.holds, foreign.holds))
        return;
      draft(Rule::iteration_changed, Evidence::happened, Guard::none, begin, nullptr, foreign);
    });
    now_.site = begin.site;
    now_.stack = begin.stack;
    replace(iteration.last, copy_of(now_));
    return;
  }
}

// This structural change, or this step of an iterator, against other threads'.
void Work::disturb_iterations() noexcept {
  if (now_.kind == Kind::advance) {
    for_foreign_writes([this](const Record& foreign) {
      if (foreign.kind != Kind::advance || after_all(foreign.epoch)) return;
      draft(Rule::shared_iterator, Evidence::can_happen, Guard::none, now_, nullptr, foreign);
    });
    return;
  }
  if (cell_->where.key != kStructure || cell_->more == nullptr) return;
  for (const Iteration& iteration : cell_->more->iterations) {
    if (!is_foreign(iteration.begin) || after_all(iteration.last.epoch)) continue;
    if (spanned_by_common_lock(iteration.begin.holds, iteration.last.holds, now_.holds)) continue;
    draft(Rule::iteration_changed, Evidence::can_happen, Guard::none, iteration.begin, nullptr, now_);
  }
}

void Work::check_plain() noexcept {
  if (access_.computed) return;
  const auto check = [this](const Record& foreign) {
    if (after_all(foreign.epoch) || common_lock(now_.holds, foreign.holds) != nullptr) return;
    note_unguarded(foreign);
    if (parts_.options.strict && now_.kind != Kind::advance) {
      draft(Rule::plain_pair, Evidence::can_happen, Guard::none, now_, nullptr, foreign);
    }
  };
  for_foreign_writes(check);
  if (writes()) for_foreign_reads(check);
}

// One of the two holds the lock that most hold, the other one does not: for RD201.
void Work::note_unguarded(const Record& foreign) noexcept {
  if (now_.holds == nullptr && foreign.holds == nullptr) return;
  More* more = this->more();
  if (more == nullptr || more->unguarded.full()) return;
  const bool foreign_is_with =
      foreign.holds != nullptr && (now_.holds == nullptr || has_lock(foreign.holds, cell_->guard_lock));
  const Record &with = foreign_is_with ? foreign : now_, &without = foreign_is_with ? now_ : foreign;
  if (cell_->group != 0 && is_swap(without, with)) return;
  if (!more->unguarded.append({without, with})) return;  // full or without memory: another one will do
  retain(with.holds);
  retain(without.holds);
}

}  // namespace raddle::check
