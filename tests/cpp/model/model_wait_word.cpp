// The wait words and the clock of the model, in place of an operating system's.
#include "model/explorer.hpp"
#include "raddle/sync/wait_word.hpp"

namespace raddle {

std::int64_t Deadline::now() noexcept { return model::fiber_clock(); }

void sleep_on(const WaitWord& word, std::uint32_t expected, Deadline deadline) noexcept {
  if (word.load(order::seq_cst) != expected) return;  // and sleeps in the same step, as a futex does
  if (!model::sleep(&word, !deadline.is_never())) model::fiber_clock() = deadline.nanoseconds();
}

void wake(const WaitWord* word) noexcept {
  model::before(word, model::Access::write);
  model::wake_sleepers(word);
}

}  // namespace raddle
