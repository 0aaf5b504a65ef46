#include "model/explorer.hpp"

#include <ucontext.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace raddle::model {

namespace {

constexpr std::size_t kStackSize = 128 * 1024;
using Clock = std::vector<std::size_t>;  // per thread: how many of its operations, counted by depth, are known

struct Operation {
  const void* word = nullptr;
  Access access = Access::read;
};

bool dependent(const Operation& a, const Operation& b) {
  return a.word == b.word && (a.access == Access::write || b.access == Access::write);
}

struct Fiber {
  std::function<void()> body;
  ucontext_t context{};
  std::unique_ptr<char[]> stack = std::make_unique<char[]>(kStackSize);
  Operation next;  // what it does when it is resumed
  bool started = false;
  bool finished = false;
  const void* asleep_on = nullptr;
  bool can_time_out = false;
  std::int64_t clock = 0;

  bool enabled() const { return !finished && (asleep_on == nullptr || can_time_out); }
};

// A place in the current execution where a choice was made.
struct Choice {
  std::vector<Operation> next;  // what each thread does if it is chosen
  std::set<std::size_t> enabled;
  std::set<std::size_t> to_try;  // threads whose turn here leads to other meanings
  std::set<std::size_t> asleep;  // threads whose turn has been explored, here or in an order that means the same
  std::size_t chosen = 0;

  const Operation& operation() const { return next[chosen]; }
};

class Execution;
Execution* current = nullptr;

class Execution {
 public:
  explicit Execution(Program program) : program_(std::move(program)) {
    for (auto& body : program_.threads) {
      fibers_.push_back(std::make_unique<Fiber>());
      fibers_.back()->body = std::move(body);
    }
  }

  // Follows the choices made so far, then goes on with the first enabled thread each time.
  std::string run(std::vector<Choice>& choices) {
    current = this;
    for (auto& fiber : fibers_) start(*fiber);
    for (std::size_t depth = 0;; ++depth) {
      std::set<std::size_t> enabled;
      for (std::size_t i = 0; i < fibers_.size(); ++i)
        if (fibers_[i]->enabled()) enabled.insert(i);
      if (enabled.empty()) break;
      if (depth == choices.size()) {
        if (!choose(choices, enabled)) return finish("");
      } else {
        choices[depth].next = next_operations();  // the same as before, at this execution's addresses
      }
      resume(*fibers_[choices[depth].chosen]);
      if (depth > kTooLong) return finish("an execution does not end");
    }
    const bool all = std::all_of(fibers_.begin(), fibers_.end(), [](const auto& f) { return f->finished; });
    return finish(!all ? "threads sleep for ever" : program_.holds_at_end() ? "" : "the check at the end failed");
  }

  // What each thread is about to do; nothing if it has finished.
  std::vector<Operation> next_operations() const {
    std::vector<Operation> operations;
    for (const auto& fiber : fibers_) operations.push_back(fiber->finished ? Operation{} : fiber->next);
    return operations;
  }

  void pause(const void* word, Access access) {
    running_->next = {word, access};
    yield();
  }
  bool sleep(const void* word, bool can_time_out) {
    Fiber& fiber = *running_;
    fiber.asleep_on = word;
    fiber.can_time_out = can_time_out;
    fiber.next = {word, Access::read};  // depends on the wake, which writes
    yield();
    return std::exchange(fiber.asleep_on, nullptr) == nullptr;
  }
  void wake(const void* word) {
    for (auto& fiber : fibers_)
      if (fiber->asleep_on == word) {
        fiber->asleep_on = nullptr;
        return;
      }
  }
  Fiber& running() { return *running_; }
  bool inside() const { return running_ != nullptr; }

 private:
  static constexpr std::size_t kTooLong = 10'000;

  static void enter() {
    Fiber& fiber = current->running();
    fiber.body();
    fiber.finished = true;
    current->yield();
  }

  // Takes the first thread whose turn has not been explored yet. False: there is none, all that could follow
  // has been seen.
  bool choose(std::vector<Choice>& choices, const std::set<std::size_t>& enabled) {
    Choice choice;
    choice.enabled = enabled;
    choice.next = next_operations();
    if (!choices.empty()) {
      const Choice& last = choices.back();
      for (const std::size_t thread : last.asleep)
        if (thread != last.chosen && !dependent(last.next[thread], last.operation())) choice.asleep.insert(thread);
    }
    for (const std::size_t thread : enabled) {
      if (choice.asleep.contains(thread)) continue;
      choice.chosen = thread;
      choice.to_try.insert(thread);
      choices.push_back(std::move(choice));
      return true;
    }
    return false;
  }

  // Runs up to the thread's first operation.
  void start(Fiber& fiber) {
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kStackSize;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, &enter, 0);
    resume(fiber);
  }
  void resume(Fiber& fiber) {
    running_ = &fiber;
    swapcontext(&scheduler_, &fiber.context);
    running_ = nullptr;
  }
  void yield() { swapcontext(&running_->context, &scheduler_); }
  std::string finish(std::string failure) {
    current = nullptr;
    return failure;
  }

  Program program_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* running_ = nullptr;
  ucontext_t scheduler_{};
};

void join(Clock& into, const Clock& other) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = std::max(into[i], other[i]);
}

// Where the last operation that conflicts with this one, and is not ordered before it anyway, was chosen, the
// other order must be tried.
void find_other_order(std::vector<Choice>& choices, std::size_t end, std::size_t thread,
                      const Operation& operation, const Clock& known) {
  for (std::size_t i = end; i-- > 0;) {
    Choice& choice = choices[i];
    if (choice.chosen == thread || !dependent(choice.operation(), operation)) continue;
    if (known[choice.chosen] > i) continue;  // clocks count from one
    if (choice.enabled.contains(thread)) {
      choice.to_try.insert(thread);
    } else {
      choice.to_try.insert(choice.enabled.begin(), choice.enabled.end());
    }
    return;
  }
}

// For every operation of the execution, and for those that threads were about to do when it was broken off.
void find_other_orders(std::vector<Choice>& choices, const std::vector<Operation>& pending) {
  const std::size_t threads = pending.size();
  std::vector<Clock> known(threads, Clock(threads, 0));
  std::map<const void*, Clock> of_writes, of_accesses;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const std::size_t thread = choices[i].chosen;
    const Operation operation = choices[i].operation();
    find_other_order(choices, i, thread, operation, known[thread]);
    auto& writes = of_writes.try_emplace(operation.word, threads, 0).first->second;
    auto& accesses = of_accesses.try_emplace(operation.word, threads, 0).first->second;
    join(known[thread], operation.access == Access::write ? accesses : writes);
    known[thread][thread] = i + 1;
    if (operation.access == Access::write) join(writes, known[thread]);
    join(accesses, known[thread]);
  }
  for (std::size_t thread = 0; thread < threads; ++thread)
    if (pending[thread].word != nullptr)
      find_other_order(choices, choices.size(), thread, pending[thread], known[thread]);
}

// Goes back to the last place with a choice left. False: there is none.
bool go_back(std::vector<Choice>& choices) {
  while (!choices.empty()) {
    Choice& last = choices.back();
    last.asleep.insert(last.chosen);
    for (const std::size_t thread : last.to_try) {
      if (last.asleep.contains(thread)) continue;
      last.chosen = thread;
      return true;
    }
    choices.pop_back();
  }
  return false;
}

}  // namespace

Exploration explore(const std::function<Program()>& make) {
  Exploration result;
  std::vector<Choice> choices;
  do {
    ++result.executions;
    Execution execution(make());
    result.failure = execution.run(choices);
    find_other_orders(choices, execution.next_operations());
  } while (result.failure.empty() && go_back(choices));
  return result;
}

void before(const void* word, Access access) {
  if (current != nullptr && current->inside()) current->pause(word, access);
}
bool sleep(const void* word, bool can_time_out) { return current->sleep(word, can_time_out); }
void wake_sleepers(const void* word) {
  if (current != nullptr && current->inside()) current->wake(word);
}
std::int64_t& fiber_clock() { return current->running().clock; }

}  // namespace raddle::model
