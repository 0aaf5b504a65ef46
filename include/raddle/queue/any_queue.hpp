// AnyQueue: what all blocking queues offer, for code that does not care which one it has.
//
// BlockingQueue implements it over a core: FifoQueue, LifoQueue, PriorityQueue. What each call promises is
// described at the core and at BlockingQueue. Calls take effect entirely or not at all, but for put_many().
#pragma once

#include <cstddef>
#include <cstdint>

#include "raddle/base/deadline.hpp"
#include "raddle/queue/queue_status.hpp"
#include "raddle/sync/parking_lot.hpp"

namespace raddle {

template <class T>
class AnyQueue {
 public:
  using Item = T;

  // Without waiting: done, or why not.
  virtual QueueStatus try_put(T item) = 0;
  virtual QueueStatus try_get(T& item) = 0;
  virtual QueueProgress try_get_many(T* items, std::size_t count) = 0;

  // Until the deadline; Deadline::passed() tries once.
  virtual QueueStatus put(T item, Deadline deadline, Waiting& waiting) = 0;
  virtual QueueStatus get(T& item, Deadline deadline, Waiting& waiting) = 0;

  // Puts all items, in order, and waits for room as often as it must. What has been put stays.
  virtual QueueProgress put_many(const T* items, std::size_t count, Deadline deadline, Waiting& waiting) = 0;

  // Waits until an item can be taken or put, which another thread may then do first.
  virtual QueueStatus wait_for_item(Deadline deadline, Waiting& waiting) = 0;
  virtual QueueStatus wait_for_room(Deadline deadline, Waiting& waiting) = 0;

  // From now on nothing can be put, and what is in the queue can still be taken. All who wait look again.
  virtual void close() = 0;
  // Closes and empties the queue in one step; the tasks of what was in it count as done. sink(context, item) gets
  // every item, with no lock held and after all who wait were told. done, or interrupted before it began.
  virtual QueueStatus close_and_take_all(void (*sink)(void*, T), void* context) = 0;
  // Takes everything, item by item, without closing the queue. done, or interrupted before it began.
  virtual QueueStatus take_all(void (*sink)(void*, T), void* context) = 0;
  virtual bool is_closed() const = 0;

  virtual std::size_t size() = 0;
  // 0 or less: unbounded. Below the present size nothing can be put until the queue is below it.
  virtual std::int64_t maxsize() const = 0;
  virtual void set_maxsize(std::int64_t maxsize) = 0;

  // Every item that is put is a task until finish_task() reports it; false if none was unfinished.
  virtual bool finish_task() = 0;
  virtual std::uint64_t unfinished_tasks() const = 0;
  // Waits until no task is unfinished: done, empty (too late) or interrupted.
  virtual QueueStatus join(Deadline deadline, Waiting& waiting) = 0;

  // How many threads wait to put and to get, as of some recent moment.
  virtual std::size_t approx_waiting_producers() const = 0;
  virtual std::size_t approx_waiting_consumers() const = 0;

  // Only while no thread is inside a call: shows every item to visit(context, item) until that returns false.
  virtual void for_each_at_rest(bool (*visit)(void*, T), void* context) = 0;

  virtual ~AnyQueue() = default;
};

}  // namespace raddle
