// BlockingQueue: a queue whose callers can wait, for room, for an item, or for all tasks to be done.
//
// `Core` is the queue (FifoQueue, LifoQueue, PriorityQueue): its calls wait for no item and no room. Here is only
// what waiting adds: two rooms, one for producers and one for consumers, and the announcements that fill them with
// life. Every change that makes room or an item is a sequentially consistent exchange of a word that can_put() or
// can_get() loads, as WaitingRoom asks.
//
// Order: a put wakes the consumer that has waited longest, but a consumer that just comes may take the item first,
// and the woken one waits again. A call that times out or is interrupted has put or taken nothing and has
// swallowed no wake-up.
//
// Deadlines: Deadline::passed() tries once.
// Progress: with room, or with an item, as the core's; they pay one load for the announcement.
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/cache_line.hpp"
#include "raddle/queue/any_queue.hpp"
#include "raddle/queue/queue_status.hpp"
#include "raddle/queue/unfinished_tasks.hpp"
#include "raddle/sync/waiting_room.hpp"

namespace raddle {

template <class Core>
class BlockingQueue final : public AnyQueue<typename Core::Item> {
 public:
  using Item = typename Core::Item;

  explicit BlockingQueue(std::int64_t maxsize = 0) noexcept : core_(maxsize) {}

  QueueStatus try_put(Item item) override {
    const QueueStatus status = core_.try_put(item);
    if (status == QueueStatus::done) consumers_.announce();
    return status;
  }
  QueueStatus try_get(Item& item) override {
    const QueueStatus status = core_.try_get(item);
    if (status == QueueStatus::done) producers_.announce();
    return status;
  }
  QueueProgress try_get_many(Item* items, std::size_t count) override {
    const QueueProgress progress = core_.try_get_many(items, count);
    if (progress.moved != 0) producers_.announce(progress.moved);
    if (progress.status == QueueStatus::failed) consumers_.announce_to_all();  // items were away and are back
    return progress;
  }

  // done, full (until the deadline), closed, no_memory or interrupted
  QueueStatus put(Item item, Deadline deadline, Waiting& waiting) override {
    return put_many(&item, 1, deadline, waiting).status;
  }

  // done, empty (until the deadline), closed or interrupted
  QueueStatus get(Item& item, Deadline deadline, Waiting& waiting) override {
    for (;;) {
      const QueueStatus status = try_get(item);
      if (status == QueueStatus::done) return status;
      if (status != QueueStatus::empty) return hand_on(consumers_, status);
      const QueueStatus waited = wait_in_consumers(deadline, waiting);
      if (waited != QueueStatus::done) return waited;
    }
  }

  QueueProgress put_many(const Item* items, std::size_t count, Deadline deadline, Waiting& waiting) override {
    std::size_t moved = 0;
    for (;;) {
      const QueueProgress progress = core_.try_put_many(items + moved, count - moved);
      if (progress.moved != 0) consumers_.announce(progress.moved);
      moved += progress.moved;
      if (progress.status == QueueStatus::done) return {moved, QueueStatus::done};
      if (progress.status != QueueStatus::full) return {moved, hand_on(producers_, progress.status)};
      const QueueStatus waited = wait_in_producers(deadline, waiting);
      if (waited != QueueStatus::done) return {moved, waited};
    }
  }

  QueueStatus wait_for_item(Deadline deadline, Waiting& waiting) override {
    for (;;) {
      const bool closed = core_.is_closed();  // before size(): what is closed and then empty stays so
      if (core_.size() != 0) return hand_on(consumers_, QueueStatus::done);
      if (closed) return QueueStatus::closed;
      const QueueStatus waited = wait_in_consumers(deadline, waiting);
      if (waited != QueueStatus::done) return waited;
    }
  }

  QueueStatus wait_for_room(Deadline deadline, Waiting& waiting) override {
    while (!core_.can_put()) {
      const QueueStatus waited = wait_in_producers(deadline, waiting);
      if (waited != QueueStatus::done) return waited;
    }
    return core_.is_closed() ? QueueStatus::closed : hand_on(producers_, QueueStatus::done);
  }

  void close() override {
    core_.close();
    wake_all();
  }
  QueueStatus close_and_take_all(void (*sink)(void*, Item), void* context) override {
    const auto closed = [this](std::size_t taken) {
      tasks_->finish_up_to(taken, put_counter());
      wake_all();
    };
    return core_.close_and_take_all(closed, [=](Item item) { sink(context, item); });
  }
  QueueStatus take_all(void (*sink)(void*, Item), void* context) override {
    const QueueStatus status = core_.take_all([=](Item item) { sink(context, item); });
    producers_.announce_to_all();
    return status;
  }
  bool is_closed() const override { return core_.is_closed(); }

  std::size_t size() override { return core_.size(); }
  std::int64_t maxsize() const override { return core_.maxsize(); }
  void set_maxsize(std::int64_t maxsize) override {
    core_.set_maxsize(maxsize);
    producers_.announce_to_all();
  }

  bool finish_task() override { return tasks_->finish(put_counter()); }
  std::uint64_t unfinished_tasks() const override { return tasks_->count(put_counter()); }
  QueueStatus join(Deadline deadline, Waiting& waiting) override {
    return status_of(tasks_->join(put_counter(), deadline, waiting), QueueStatus::empty);
  }

  std::size_t approx_waiting_producers() const override { return producers_.approx_waiting(); }
  std::size_t approx_waiting_consumers() const override { return consumers_.approx_waiting(); }

  void for_each_at_rest(bool (*visit)(void*, Item), void* context) override {
    core_.for_each_at_rest([=](Item item) { return visit(context, item); });
  }

 private:
  auto put_counter() const noexcept {
    return [this] { return core_.put_count(); };
  }

  // done: look again
  QueueStatus wait_in_producers(Deadline deadline, Waiting& waiting) {
    const auto can_put = [this] { return core_.can_put(); };
    return wait(producers_, "queue put", can_put, QueueStatus::full, deadline, waiting);
  }
  QueueStatus wait_in_consumers(Deadline deadline, Waiting& waiting) {
    const auto can_get = [this] { return core_.can_get(); };
    return wait(consumers_, "queue get", can_get, QueueStatus::empty, deadline, waiting);
  }

  // Whoever was woken for an item or for room and does not take it wakes the next one.
  static QueueStatus hand_on(WaitingRoom& room, QueueStatus status) noexcept {
    room.announce();
    return status;
  }

  template <class IsReady>
  QueueStatus wait(WaitingRoom& room, const char* what, IsReady is_ready, QueueStatus too_late, Deadline deadline,
                   Waiting& waiting) {
    if (deadline.has_passed()) return too_late;
    if constexpr (requires { core_.is_held_here(); })
      if (core_.is_held_here() && deadline.is_never()) return QueueStatus::deadlock;
    return status_of(room.wait(what, is_ready, deadline, waiting), too_late);
  }
  static QueueStatus status_of(WaitingRoom::Outcome outcome, QueueStatus too_late) noexcept {
    switch (outcome) {
      case WaitingRoom::Outcome::look_again:
        return QueueStatus::done;
      case WaitingRoom::Outcome::timed_out:
        return too_late;
      case WaitingRoom::Outcome::interrupted:
        return QueueStatus::interrupted;
    }
    __builtin_unreachable();
  }

  void wake_all() noexcept {
    consumers_.announce_to_all();
    producers_.announce_to_all();
  }

  Core core_;
  OwnLine<UnfinishedTasks> tasks_;
  WaitingRoom consumers_;
  WaitingRoom producers_;
};

}  // namespace raddle
