#include "raddle/check/holds.hpp"

namespace raddle::check {

void drop(ClockCopy* copy) noexcept {
  // acq_rel: who frees it comes after all who used it.
  if (copy != nullptr && copy->references.fetch_sub(1, order::acq_rel) == 1) delete copy;
}

void free_hold(Hold* hold) noexcept {
  while (hold != nullptr) {
    drop(hold->strict_at_release.load(order::relaxed));  // relaxed: nobody else has the hold any more
    drop(hold->first);                                   // has no `first` of its own
    Hold* outer = hold->outer;
    delete hold;
    hold =
        outer != nullptr && outer->references.fetch_sub(1, order::acq_rel) == 1 ? outer : nullptr;  // as in drop()
  }
}

const Hold* common_lock(const Hold* one, const Hold* other) noexcept {
  for (; one != nullptr; one = one->outer) {
    for (const Hold* hold = other; hold != nullptr; hold = hold->outer) {
      if (excludes(*hold, *one)) return hold;
    }
  }
  return nullptr;
}

bool spanned_by_common_lock(const Hold* from, const Hold* to, const Hold* other) noexcept {
  if (other == nullptr || from == nullptr) return false;
  for (; to != nullptr; to = to->outer) {
    if (!has_serial(from, to->serial)) continue;
    for (const Hold* hold = other; hold != nullptr; hold = hold->outer) {
      if (excludes(*hold, *to)) return true;
    }
  }
  return false;
}

}  // namespace raddle::check
