// The wait words and the clock of the model, in place of an operating system's.
#include "model/explorer.hpp"
#include "raddle/sync/wait_word.hpp"

namespace raddle {

std::int64_t Deadline::now() noexcept { return model::fiber_clock(); }

void sleep_on(const WaitWord& word, std::uint32_t expected, Deadline deadline) noexcept {
  // Looks at the word and falls asleep in one step, as a futex does.
  const auto unchanged = [&word, expected] { return word.now() == expected; };
  if (model::sleep(&word, unchanged, !deadline.is_never()) == model::Slept::until_timeout)
    model::fiber_clock() = deadline.nanoseconds();
}

void wake(const WaitWord* word) noexcept { model::wake(word); }

}  // namespace raddle
