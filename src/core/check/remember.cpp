// How a location remembers accesses.
#include "raddle/check/work.hpp"

namespace raddle::check {
namespace {

bool same_class(const Record& one, const Record& other) noexcept {
  return one.thread == other.thread && undoes(one.kind, one.value) == undoes(other.kind, other.value);
}

// Puts a counted record into a list in which `matches` finds the one to replace; the oldest goes if the list is
// full.
template <class List, class Matches>
bool put(List& list, const Record& record, Matches matches) noexcept {
  for (Record& known : list) {
    if (!matches(known)) continue;
    drop(known.holds);
    list.remove(&known);
    break;
  }
  if (list.full()) {
    drop(list.front().holds);
    list.remove(list.begin());
  }
  if (list.append(record)) return true;
  drop(record.holds);
  return false;
}

template <class List, class Matches>
void take_out(List& list, Matches matches) noexcept {
  for (Record& known : list) {
    if (!matches(known)) continue;
    drop(known.holds);
    list.remove(&known);
    return;
  }
}

}  // namespace

More* Work::more() noexcept {
  bool made = false;
  More* more = cell_->need_more(made);
  if (made) shard_->bytes += kMoreBytes;
  if (more == nullptr) parts_.count(false);
  return more;
}

void Work::remember() noexcept {
  const bool is_first = is_first_write();
  count_guard(is_first);
  if (writes()) {
    if (is_first) {
      cell_->first_epoch = now_.epoch;
      cell_->first_seq = now_.seq;
      cell_->first_site = now_.site;
      cell_->first_stack = now_.stack;
      cell_->first_thread = now_.thread;
      cell_->first_initial = access_.initial;
    } else if (cell_->writes == 0) {
      cell_->no_first = true;
    }
    remember_write();
  } else if (reads()) {
    remember_read();
    if (access_.starts_pair && finds_nothing(now_.guard)) remember_guard();
  }
}

bool Work::is_first_write() const noexcept {
  return now_.kind == Kind::create && cell_->writes == 0 && !cell_->no_first;
}

void Work::remember_read() noexcept {
  Record& latest = cell_->read;
  if (is_foreign(latest)) {
    const auto mine = [this](const Record& known) { return known.thread == now_.thread; };
    const Record old = latest;
    latest = Record{};
    if (More* more = this->more()) {
      take_out(more->reads, mine);
      parts_.count(put(more->reads, old, [&old](const Record& known) { return known.thread == old.thread; }));
    } else {
      drop(old.holds);
    }
  }
  replace(latest, copy_of(now_));
  if (cell_->write_fresh && is_foreign(cell_->write)) {
    // From now on its repeated writes are news. relaxed: see Watch
    cell_->stamp.fetch_add(1, order::relaxed);
    cell_->write_fresh = false;
  }
}

void Work::remember_write() noexcept {
  now_.number = ++cell_->writes;
  parts_.count(shard_->keep_write(*cell_, now_));
  if (cell_->shared) cell_->stamp.fetch_add(1, order::relaxed);  // others look again; relaxed: see Watch
}

bool Shard::keep_write(Cell& cell, const Record& record) noexcept {
  Record& latest = cell.write;
  bool done = true;
  const bool other = latest && !same_class(latest, record);
  // Of a value that its own thread replaced before others came, first_* says enough.
  const bool worth = other && (cell.shared || latest.epoch != cell.first_epoch || latest.number != 1);
  if (worth) {
    const Record old = latest;
    latest = Record{};
    bool made = false;
    More* more = cell.need_more(made);
    if (made) bytes += kMoreBytes;
    done = more != nullptr;
    if (done) {
      take_out(more->writes, [&record](const Record& known) { return same_class(known, record); });
      done = put(more->writes, old, [&old](const Record& known) { return same_class(known, old); });
    } else {
      drop(old.holds);
    }
  }
  replace(latest, copy_of(record));
  cell.write_seq.store(record.seq, order::relaxed);  // relaxed: see Watch
  cell.write_fresh = true;
  return done;
}

void Work::remember_guard() noexcept {
  More* more = this->more();
  if (more == nullptr) return;
  parts_.count(put(more->guards, copy_of(now_), [this](const Record& known) {
    return known.thread == now_.thread && known.site == now_.site;
  }));
}

// For RD201: the lock that most accesses hold (majority vote of Boyer and Moore, with counts that are kept).
void Work::count_guard(bool is_first) noexcept {
  if (is_first || access_.computed || !(reads() || is_write(now_.kind))) return;
  Cell& cell = *cell_;
  ++cell.total;
  if (now_.holds == nullptr) return;
  if (cell.guarded != 0 && has_lock(now_.holds, cell.guard_lock)) {
    ++cell.guarded;
  } else if (cell.guarded * 2 < cell.total) {
    cell.guard_lock = now_.holds->lock;
    cell.guarded = 1;
  }
}

}  // namespace raddle::check
