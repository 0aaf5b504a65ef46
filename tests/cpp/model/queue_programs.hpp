// Programs of calls on a queue, whose histories are held against the sequential queue.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/explorer.hpp"
#include "model/history.hpp"
#include "model/queue_spec.hpp"
#include "raddle/queue/queue_status.hpp"

namespace raddle::model {

enum class Do : std::uint8_t { put, get, put_two, get_two, size, close, close_and_take_all };
inline constexpr std::size_t kThingsToDo = 7;

using Script = std::vector<std::vector<Do>>;  // what each thread does

inline std::string name_of(const Script& script) {
  constexpr const char* kNames[kThingsToDo] = {"put ", "get ", "put2 ", "get2 ", "size ", "close ", "take_all "};
  std::string name;
  for (const auto& thread : script) {
    name += "{ ";
    for (const Do what : thread) name += kNames[static_cast<std::size_t>(what)];
    name += "} ";
  }
  return name;
}

// How the queue is when the threads begin: `put` items were put, and `got` of them taken.
struct Start {
  std::int64_t maxsize = 0;
  std::size_t put = 0, got = 0;
};

template <class Queue>
class QueueRun {
 public:
  QueueRun(Queue& queue, Takes takes, const Start& start) : queue_(queue), initial_(takes, start.maxsize) {
    for (std::size_t item = 1; item <= start.put; ++item)
      initial_.apply({Kind::put, queue_.try_put(static_cast<std::uint8_t>(item)), item});
    for (std::size_t i = 0; i < start.got; ++i) initial_.apply(get());
  }

  void run(const std::vector<Do>& thread) {
    for (const Do what : thread) history_.record([&] { return perform(what); });
  }
  bool is_linearizable() const { return history_.is_linearizable(initial_); }

 private:
  using Kind = QueueSpec::Kind;
  using Step = QueueSpec::Step;
  using Item = typename Queue::Item;

  Item next_item() { return static_cast<Item>(100 + 10 * fiber_number() + made_[fiber_number()]++); }
  Step get() {
    Item item = 0;
    const QueueStatus status = queue_.try_get(item);
    return {Kind::get, status, item};
  }
  static std::vector<Step> steps_of(Kind kind, const QueueProgress& progress, const std::array<Item, 2>& items) {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < progress.moved; ++i) steps.push_back({kind, QueueStatus::done, items[i]});
    if (progress.status != QueueStatus::done) steps.push_back({kind, progress.status});
    return steps;
  }

  // The flawed queues know only some of the calls.
  std::vector<Step> perform(Do what) {
    switch (what) {
      case Do::put: {
        const Item item = next_item();
        return {{Kind::put, queue_.try_put(item), item}};
      }
      case Do::get:
        return {get()};
      case Do::close_and_take_all:
        if constexpr (requires { queue_.close_and_take_all([](std::size_t) {}, [](Item) {}); }) {
          Step step{Kind::close_and_take_all};
          queue_.close_and_take_all([](std::size_t) {}, [&](Item item) { step.all.push_back(item); });
          return {std::move(step)};
        }
        break;
      default:
        if constexpr (requires { queue_.try_put_many(nullptr, 0); }) return perform_more(what);
    }
    throw std::logic_error("the queue has no such call");
  }
  std::vector<Step> perform_more(Do what) {
    if (what == Do::put_two) {
      const std::array items{next_item(), next_item()};
      return steps_of(Kind::put, queue_.try_put_many(items.data(), 2), items);
    }
    if (what == Do::get_two) {
      std::array<Item, 2> items{};
      const QueueProgress progress = queue_.try_get_many(items.data(), 2);
      return steps_of(Kind::get, progress, items);
    }
    if (what == Do::size) return {{Kind::size, QueueStatus::done, queue_.size()}};
    queue_.close();
    return {{Kind::close}};
  }

  Queue& queue_;
  QueueSpec initial_;
  History<QueueSpec> history_;
  std::array<std::size_t, kMostThreads> made_{};
};

// `make_queue` makes one with the maxsize, in a shared pointer.
template <class Make>
std::function<Program()> queue_program(Make make_queue, Takes takes, const Start& start, const Script& script) {
  return [=] {
    auto queue = make_queue(start.maxsize);
    auto run = std::make_shared<QueueRun<typename decltype(queue)::element_type>>(*queue, takes, start);
    Program program{{}, [queue, run] { return run->is_linearizable(); }};
    for (const auto& thread : script) program.threads.emplace_back([run, thread] { run->run(thread); });
    return program;
  };
}

}  // namespace raddle::model
