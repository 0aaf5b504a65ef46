// One access on the slow path: compares it with what is known of its location, and remembers it.
//
// Everything between lock and unlock of the shard is bounded: a location remembers a few records. C is compared
// before the access adds what it learns from this very location.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/check/parts.hpp"

namespace raddle::check {

class Work {
 public:
  using Parts = Engine::Parts;

  Work(Parts& parts, Thread& thread, const Access& access) noexcept
      : parts_(parts), thread_(thread), access_(access) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  // `then`: another access of the same location by the same site, told right after this one.
  void run(StackSource& stacks, Work* then = nullptr) noexcept;

 private:
  static constexpr unsigned kMostDrafts = 8;
  static constexpr unsigned kMostCleared = 256;
  using Known = Thread::Known;
  using Pending = Thread::Pending;

  // work.cpp
  Cell* find_cell(Shard& shard, const Known& known) noexcept;
  void come_after(const Work& before) noexcept;
  void take_over() noexcept;
  void note() noexcept;
  void look() noexcept;
  void clear_keys() noexcept;
  void learn_order() noexcept;
  void learn_order_of(const Record& foreign) noexcept;
  void note_read_value() noexcept;
  void remember_known(Known& known) noexcept;
  void report() noexcept;

  // remember.cpp
  void remember() noexcept;
  void remember_read() noexcept;
  void remember_write() noexcept;
  void remember_guard() noexcept;
  void count_guard(bool is_first) noexcept;
  bool is_first_write() const noexcept;
  More* more() noexcept;

  // pairs.cpp
  void complete_pairs() noexcept;
  void complete(const Pending& pending, const PairLink& link, Rule rule) noexcept;
  void keep_pair(const Pending& pending, Rule rule, Guard expects) noexcept;
  void disturb_pairs() noexcept;
  void disturb_testers() noexcept;
  void start_pair() noexcept;

  // checks.cpp
  void check_publication() noexcept;
  void check_missed_before() noexcept;
  void begin_iteration() noexcept;
  void end_iteration() noexcept;
  void disturb_iterations() noexcept;
  void check_plain() noexcept;
  void note_unguarded(const Record& foreign) noexcept;

  bool is_foreign(const Record& record) const noexcept { return record && record.thread != thread_.number_; }
  bool writes() const noexcept { return is_write(now_.kind) || now_.kind == Kind::advance; }
  bool reads() const noexcept {
    return now_.kind == Kind::read || now_.kind == Kind::missed || now_.kind == Kind::iterate_begin;
  }
  bool after_all(Epoch epoch) const noexcept { return thread_.all_.covers(epoch); }
  bool after_strict(Epoch epoch) const noexcept { return thread_.strict_.covers(epoch); }

  template <class Visit>
  void for_foreign(const Record& latest, const Record* begin, const Record* end, Visit visit) const noexcept {
    if (is_foreign(latest)) visit(latest);
    for (; begin != end; ++begin) {
      if (is_foreign(*begin)) visit(*begin);
    }
  }
  template <class Visit>
  void for_foreign_writes(Visit visit) const noexcept {
    const More* more = cell_->more;
    for_foreign(cell_->write, more != nullptr ? more->writes.begin() : nullptr,
                more != nullptr ? more->writes.end() : nullptr, visit);
  }
  template <class Visit>
  void for_foreign_reads(Visit visit) const noexcept {
    const More* more = cell_->more;
    for_foreign(cell_->read, more != nullptr ? more->reads.begin() : nullptr,
                more != nullptr ? more->reads.end() : nullptr, visit);
  }

  void draft(Rule rule, Evidence evidence, Guard guard, const Record& first, const Record* second,
             const Record& foreign) noexcept;

  Parts& parts_;
  Thread& thread_;
  const Access& access_;
  Shard* shard_ = nullptr;
  Cell* cell_ = nullptr;
  Record now_;                                                    // its holds are not counted
  alignas(Draft) std::byte drafts_[kMostDrafts * sizeof(Draft)];  // hardly ever needed, so not initialised
  unsigned draft_count_ = 0;
};

}  // namespace raddle::check
