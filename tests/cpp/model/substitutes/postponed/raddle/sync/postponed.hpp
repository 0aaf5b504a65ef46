// What threads have put off, where they are fibers of the explorer's, and so one thread for the shipped header.
#pragma once

#include "model/explorer.hpp"

namespace raddle {

class Postponed {
 public:
  static constexpr bool threads_are_fibers = true;  // the shipped one has no such name

  static void carry_out() noexcept {
    while (mine() != nullptr) {
      Postponed* work = mine();
      mine() = work->next_;
      work->how_(*work);
    }
  }

  using How = void (*)(Postponed&) noexcept;
  constexpr explicit Postponed(How how) noexcept : how_(how) {}

  void put_off() noexcept {
    next_ = mine();
    mine() = this;
  }
  void drop() noexcept {
    Postponed** link = &mine();
    while (*link != nullptr && *link != this) link = &(*link)->next_;
    if (*link != nullptr) *link = next_;
  }

 private:
  static Postponed*& mine() noexcept {
    static Postponed* of[model::kMostThreads + 1] = {};
    return of[model::fiber_number()];
  }

  How how_;
  Postponed* next_ = nullptr;
};

}  // namespace raddle
