// Makes allocation by `operator new` fail, for the calling thread.
#pragma once

namespace raddle::test {

// From now on, `successes` more allocations of this thread succeed and all later ones fail, until it ends.
class FailingNew {
 public:
  explicit FailingNew(long successes);
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;

  // How many allocations were refused so far.
  long refused() const;
};

}  // namespace raddle::test
