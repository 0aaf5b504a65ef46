#include "model/explorer.hpp"

#include <ucontext.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "model/choices.hpp"

namespace raddle::model {

namespace {

constexpr std::size_t kStackSize = 128 * 1024;
constexpr std::size_t kTooLong = 10'000;

using Kind = Operation::Kind;

struct Fiber {
  ucontext_t context{};
  std::unique_ptr<char[]> stack = std::make_unique_for_overwrite<char[]>(kStackSize);
  Operation next;  // what it does when it is resumed
  bool started = false;
  bool finished = false;
  const void* asleep_on = nullptr;
  std::int64_t clock = 0;
};

class Explorer;
Explorer* current = nullptr;

class Explorer {
 public:
  explicit Explorer(Orders orders) : choices_(orders) { current = this; }
  ~Explorer() { current = nullptr; }

  // Follows the choices made so far, then makes new ones.
  std::string run(const std::function<Program()>& make) {
    program_ = {};
    program_ = make();
    if (program_.threads.size() > kMostThreads) return "too many threads";
    while (fibers_.size() < program_.threads.size()) add_fiber();
    for (auto& fiber : fibers_) {
      fiber->next = {};
      fiber->started = fiber->finished = false;
      fiber->asleep_on = nullptr;
      fiber->clock = 0;
    }
    held_.clear();
    failure_.clear();
    depth_ = steps_ = 0;
    repeats_ = false;
    running_ = next_fiber();
    if (running_ != nullptr) swapcontext(&scheduler_, &running_->context);
    return failure_.empty() ? verdict() : failure_;
  }
  bool repeats() const { return repeats_; }
  bool go_back() {
    choices_.find_other_orders();
    return choices_.go_back();
  }

  bool inside() const { return running_ != nullptr; }
  Fiber& running() { return *running_; }
  std::size_t number_of_running() const {
    std::size_t i = 0;
    while (fibers_[i].get() != running_) ++i;
    return i;
  }

  void pause(const void* word, Kind kind) {
    running_->next = {word, kind};
    pass_on();
  }
  void lock(const void* lock) {
    pause(lock, Kind::lock);
    held_.emplace_back(lock, running_);
  }
  void unlock(const void* lock) {
    pause(lock, Kind::unlock);
    const auto held = std::find(held_.begin(), held_.end(), Held(lock, running_));
    if (held == held_.end()) fail("an unlock by a thread that does not hold the lock");
    held_.erase(held);
  }
  Slept sleep(const void* word, const std::function<bool()>& shall, bool can_time_out) {
    Fiber& fiber = *running_;
    pause(word, Kind::fall_asleep);
    if (!shall()) return Slept::not_at_all;
    fiber.asleep_on = word;
    // What wakes it makes this another operation. Who sleeps without a timeout does nothing else.
    fiber.next = can_time_out ? Operation{word, Kind::time_out} : Operation{};
    pass_on();
    return std::exchange(fiber.asleep_on, nullptr) == nullptr ? Slept::until_woken : Slept::until_timeout;
  }
  void wake(const void* word) {
    pause(word, Kind::wake);
    for (auto& fiber : fibers_)
      if (fiber->asleep_on == word) {
        fiber->asleep_on = nullptr;
        fiber->next = {nullptr, Kind::go_on, depth_, fiber->next.kind == Kind::time_out};
        return;
      }
  }

 private:
  using Held = std::pair<const void*, const Fiber*>;

  static void enter() {
    for (;;) {
      current->program_.threads[current->number_of_running()]();
      current->running_->finished = true;
      current->running_->next = {};
      current->pass_on();
    }
  }
  void add_fiber() {
    Fiber& fiber = *fibers_.emplace_back(std::make_unique<Fiber>());
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kStackSize;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, &enter, 0);
  }

  // The running fiber has announced its next operation, or finished. Returns when it is chosen.
  void pass_on() {
    Fiber* from = running_;
    running_ = next_fiber();
    if (running_ != from) swapcontext(&from->context, running_ != nullptr ? &running_->context : &scheduler_);
  }
  // Ends the exploration; the calling fiber does not go on.
  void fail(const char* failure) {
    failure_ = failure;
    pass_on();
    std::abort();
  }

  // Null: the execution is over.
  Fiber* next_fiber() {
    if (!failure_.empty()) return nullptr;
    for (auto& fiber : fibers_)
      if (!fiber->started) {  // up to its first operation nobody can notice it
        fiber->started = true;
        return fiber.get();
      }
    const Threads enabled = enabled_threads();
    if (enabled.empty()) return nullptr;
    if (++steps_ > kTooLong) return failure_ = "an execution does not end", nullptr;
    if (!repeats_ && depth_ == choices_.size() && !choices_.choose(enabled, next_operations())) repeats_ = true;
    if (repeats_) {  // in turn, so that it ends
      std::size_t thread = steps_ % fibers_.size();
      while (!enabled.contains(thread)) thread = (thread + 1) % fibers_.size();
      return fibers_[thread].get();
    }
    Choice& choice = choices_[depth_++];
    if (choice.enabled != enabled) return failure_ = "the program is not the same each time", nullptr;
    choice.next = next_operations();  // the same as before, at this execution's addresses
    return fibers_[choice.chosen].get();
  }

  Threads enabled_threads() const {
    Threads enabled;
    for (std::size_t i = 0; i < fibers_.size(); ++i)
      if (can_go_on(*fibers_[i])) enabled.insert(i);
    return enabled;
  }
  bool can_go_on(const Fiber& fiber) const {
    if (fiber.finished) return false;
    if (fiber.asleep_on != nullptr) return fiber.next.kind == Kind::time_out;
    return fiber.next.kind != Kind::lock || !is_held(fiber.next.word);
  }
  bool is_held(const void* lock) const {
    return std::any_of(held_.begin(), held_.end(), [lock](const auto& held) { return held.first == lock; });
  }
  Operations next_operations() const {
    Operations operations;
    for (std::size_t i = 0; i < fibers_.size(); ++i) operations[i] = fibers_[i]->next;
    return operations;
  }
  std::string verdict() const {
    bool all = true;
    for (const auto& fiber : fibers_) {
      if (fiber->asleep_on != nullptr) return "threads sleep for ever";
      all = all && fiber->finished;
    }
    if (!all) return "threads wait for locks for ever";
    if (!held_.empty()) return "a lock is held at the end";
    return program_.holds_at_end() ? "" : "the check at the end failed";
  }

  Choices choices_;

  // The current execution.
  Program program_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* running_ = nullptr;
  ucontext_t scheduler_{};
  std::vector<Held> held_;  // locks and their holders
  std::string failure_;
  std::size_t depth_ = 0;  // of the choices that have been followed
  std::size_t steps_ = 0;
  bool repeats_ = false;  // all that can follow has been seen; it only runs to its end
};

constexpr char all_calls = 0;  // the word that begins and ends of calls meet in

bool exploring() { return current != nullptr && current->inside(); }

}  // namespace

Exploration explore(const std::function<Program()>& make, Orders orders) {
  Exploration result;
  Explorer explorer(orders);
  do {
    result.failure = explorer.run(make);
    ++result.executions;
    if (explorer.repeats()) ++result.repeated;
  } while (result.failure.empty() && explorer.go_back());
  return result;
}

void before(const void* word, Access access) {
  if (exploring()) current->pause(word, access == Access::read ? Kind::read : Kind::write);
}
void lock(const void* lock) {
  if (exploring()) current->lock(lock);
}
void unlock(const void* lock) {
  if (exploring()) current->unlock(lock);
}
Slept sleep(const void* word, const std::function<bool()>& shall, bool can_time_out) {
  return current->sleep(word, shall, can_time_out);
}
void wake(const void* word) {
  if (exploring()) current->wake(word);
}
void begin_call() {
  if (exploring()) current->pause(&all_calls, Kind::begin_call);
}
void end_call() {
  if (exploring()) current->pause(&all_calls, Kind::end_call);
}
std::int64_t& fiber_clock() { return current->running().clock; }
std::size_t fiber_number() { return exploring() ? current->number_of_running() : kMostThreads; }

}  // namespace raddle::model
