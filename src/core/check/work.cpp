#include "raddle/check/work.hpp"

#include <new>
#include <utility>

namespace raddle::check {

void Work::run(StackSource& stacks, Work* then) noexcept {
  Known& known = thread_.known_[Thread::known_index(access_)];
  const bool again =
      known.where == access_.where && known.act == Thread::act_of(access_) && known.frame == access_.frame;
  now_.stack = again && known.stack != 0 ? known.stack : stacks.capture();
  now_.holds = Locks::holds_of(thread_);
  now_.epoch = epoch_of(thread_.slot_, thread_.all_[thread_.slot_]);
  now_.seq = ++thread_.seq_;
  now_.site = access_.site;
  now_.thread = thread_.number_;
  take_over();
  shard_ = &parts_.shard_of(access_.where.object);
  {
    RawLock lock(shard_->mutex);
    cell_ = find_cell(*shard_, known);
    if (cell_ != nullptr) {
      note();
      if (then != nullptr) then->come_after(*this);
    }
  }
  if (cell_ == nullptr) parts_.count(false);
  if (draft_count_ != 0) report();
  if (then != nullptr && then->draft_count_ != 0) then->report();
}

// What the access says of itself.
void Work::take_over() noexcept {
  now_.kind = access_.kind;
  now_.value = access_.value;
  now_.guard = access_.guards_as;
  now_.depends = false;
  now_.asks = access_.asks || asks(now_.guard);
  for (unsigned i = 0; i < access_.link_count; ++i) {
    if (access_.links[i].type == Link::data && is_write(now_.kind)) now_.depends = true;
  }
}

void Work::note() noexcept {
  if (now_.kind == Kind::clear) clear_keys();
  look();
  remember_known(thread_.known_[Thread::known_index(access_)]);
}

// In the same place, and at the same time.
void Work::come_after(const Work& before) noexcept {
  now_ = before.now_;
  now_.seq = ++thread_.seq_;
  now_.number = 0;
  take_over();
  shard_ = before.shard_;
  cell_ = before.cell_;
  note();
}

Cell* Work::find_cell(Shard& shard, const Known& known) noexcept {
  if (known.where == access_.where) {
    auto* cell = static_cast<Cell*>(known.watch);
    if (cell->where == access_.where) return cell;
  }
  return shard.need(access_.where, parts_.budget, parts_);
}

void Work::look() noexcept {
  Cell& cell = *cell_;
  if (cell.owner == 0) {
    cell.owner = thread_.number_;
    cell.group = access_.group;
  } else if (cell.owner != thread_.number_ && !cell.shared) {
    cell.shared = cell.object->shared = true;
  }
  if (now_.kind == Kind::iterate_end) return end_iteration();
  if (access_.link_count != 0) complete_pairs();
  if (cell.shared) {
    if (reads()) {
      check_publication();
      disturb_testers();
    } else {
      check_missed_before();
      disturb_pairs();
      disturb_iterations();
    }
    if (draft_count_ == 0) check_plain();
  }
  if (now_.kind == Kind::iterate_begin) begin_iteration();
  if (access_.starts_pair && reads()) start_pair();
  if (cell.shared) {
    note_read_value();
    if (now_.holds != nullptr) learn_order();
  }
  remember();
  if (access_.element && !access_.atom && is_write(now_.kind) && !takes_away(now_.kind))
    parts_.count(shard_->note_element(*cell.object, thread_.slot_, thread_.number_, now_.seq));
}

// Each known key of the container is removed. Told before the structure itself, which may bring order.
void Work::clear_keys() noexcept {
  Cell* const structure = cell_;
  unsigned visited = 0;
  now_.kind = Kind::remove;
  for (Cell* cell = structure->object->cells; cell != nullptr && visited < kMostCleared;
       cell = cell->next_of_object) {
    if (cell->where.key < kFirstKey) continue;
    ++visited;
    cell_ = cell;
    if (cell->owner != thread_.number_) cell->shared = true;
    if (cell->shared) disturb_pairs();
    remember();
  }
  cell_ = structure;
  now_.kind = Kind::clear;
}

// What was done in another section of a lock that is held now, and in conflict, is before: C.
void Work::learn_order() noexcept {
  const auto learn = [this](const Record& foreign) { learn_order_of(foreign); };
  for_foreign_writes(learn);
  if (writes()) for_foreign_reads(learn);
}

void Work::learn_order_of(const Record& foreign) noexcept {
  for (const Hold* hold = foreign.holds; hold != nullptr; hold = hold->outer) {
    bool held = false;
    for (const Hold* mine = now_.holds; mine != nullptr && !held; mine = mine->outer) {
      held = excludes(*mine, *hold);
    }
    if (!held) continue;
    const Hold* told = hold->first != nullptr ? hold->first : hold;
    // acquire: pairs with the release in Locks::let_go(): `released` is there.
    const ClockCopy* at_release = told->strict_at_release.load(order::acquire);
    if (at_release == nullptr || after_strict(told->released)) continue;
    bool changed = false;
    const bool done = thread_.strict_.join(at_release->clocks, changed) &&
                      thread_.strict_.raise(slot_of_epoch(told->released), clock_of_epoch(told->released));
    parts_.count(done);
    drop(std::exchange(thread_.strict_copy_, nullptr));
  }
}

// P: who has a value knows what its writer had done by then, and what that one knew.
void Work::note_read_value() noexcept {
  if (!reads() && access_.where.key != kStructure) return;
  const Record& write = cell_->write;
  if (!is_foreign(write)) return;
  const Slot slot = slot_of_epoch(write.epoch);
  const std::uint32_t seq = cell_->write_seq.load(order::relaxed);  // relaxed: see Watch
  if (seq <= Threads::known_seq(thread_, slot)) return;
  Threads::know_seq(thread_, slot, seq);
  parts_.threads.join_read(thread_, slot);
}

void Work::remember_known(Known& known) noexcept {
  if (now_.kind == Kind::iterate_begin || now_.kind == Kind::iterate_end || now_.kind == Kind::clear) return;
  if (access_.element && !access_.atom && cell_->object->elements_read && is_write(now_.kind)) return;
  known.where = access_.where;
  known.act = Thread::act_of(access_);
  known.watch = cell_;
  known.frame = access_.frame;
  known.stamp = cell_->stamp.load(order::relaxed);  // relaxed: written under the shard's lock
  known.era = thread_.era_;
  known.stack = now_.stack;
}

void Work::draft(Rule rule, Evidence evidence, Guard guard, const Record& first, const Record* second,
                 const Record& foreign) noexcept {
  if (draft_count_ == kMostDrafts) return;
  Draft& draft = *::new (drafts_ + draft_count_++ * sizeof(Draft)) Draft;
  draft.rule = rule;
  draft.severity = severity_of(rule, second != nullptr ? second->value : Value::unknown);
  draft.evidence = evidence;
  draft.guard = guard;
  draft.group = cell_->group;
  draft.where = cell_->where;
  draft.first = copy_of(first);
  if (second != nullptr) draft.second = copy_of(*second);
  draft.foreign = copy_of(foreign);
}

void Work::report() noexcept {
  for (unsigned i = 0; i < draft_count_; ++i) {
    Draft& draft = *std::launder(reinterpret_cast<Draft*>(drafts_ + i * sizeof(Draft)));
    parts_.count(parts_.findings.add(draft, thread_));
    forget(draft);
  }
}

}  // namespace raddle::check
