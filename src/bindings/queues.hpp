// What the queue classes have in common: layout, methods, errors.
//
// LifoQueue and PriorityQueue are subclasses of Queue, as in the stdlib: one layout and one set of methods, over
// the queue that tp_new has built. A queue owns a reference on each of its items.
//
// Reference counts on the hot paths: put writes the item's (in the thread that has it at hand anyway), get hands
// that reference on and writes none. Every call writes the queue's own, which pin() stops.
//
// The collector: an item is visible in the queue exactly as long as the queue owns it, wherever the world can be
// stopped: between taking a reference and publishing it, and the other way round, there is no such point.
#pragma once

#include <type_traits>

#include "object.hpp"
#include "raddle/queue/blocking_queue.hpp"
#include "raddle/queue/fifo_queue.hpp"
#include "waiting.hpp"

namespace raddle::python {

using PyQueue = AnyQueue<PyObject*>;
using PyFifoQueue = BlockingQueue<FifoQueue<PyObject*>>;

class QueueContent {
 public:
  template <class Queue>
  explicit QueueContent(std::type_identity<Queue>) {
    static_assert(sizeof(Queue) <= sizeof(storage_) && alignof(Queue) <= kAlignment);
    queue_ = ::new (static_cast<void*>(storage_)) Queue;
  }
  ~QueueContent() { queue_->~PyQueue(); }

  PyQueue& operator*() noexcept { return *queue_; }
  // True the first time.
  bool configure() noexcept { return !configured_.exchange(true, order::acq_rel); }

 private:
  static constexpr std::size_t kAlignment = 16;

  PyQueue* queue_;
  atomic<bool> configured_{false};
  alignas(kAlignment) std::byte storage_[sizeof(PyFifoQueue)];  // the largest of them
};

using QueueObject = Object<QueueContent>;

inline PyQueue& queue_of(PyObject* self) noexcept { return *QueueObject::of(self); }

// tp_new. The object is valid from here on, whatever its __init__ will say.
template <class Queue>
PyObject* create_queue(PyTypeObject* type, PyObject*, PyObject*) {
  return QueueObject::make(type, std::type_identity<Queue>{});
}

// --- what the classes are made of (queue_object.cpp) ---

int queue_init(PyObject* self, PyObject* args, PyObject* kwargs);
int simple_queue_init(PyObject* self, PyObject* args, PyObject* kwargs);
void queue_dealloc(PyObject* self);
int queue_traverse(PyObject* self, visitproc visit, void* arg);
int queue_clear(PyObject* self);
PyObject* queue_repr(PyObject* self);
PyObject* queue_init_subclass(PyObject* type, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
PyObject* queue_reduce(PyObject* self, PyObject*);
// A getter for what the stdlib's queues have and these do not: raises the AttributeError with this advice.
PyObject* queue_refuse_attribute(PyObject* self, void* advice);

// --- methods (queue_methods.cpp) ---

PyObject* queue_put(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
PyObject* queue_put_nowait(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
PyObject* queue_get(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
PyObject* queue_get_nowait(PyObject* self, PyObject*);
PyObject* queue_next(PyObject* self);
PyObject* queue_put_many(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
PyObject* queue_get_many(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
PyObject* queue_drain(PyObject* self, PyObject*);
PyObject* queue_task_done(PyObject* self, PyObject*);
PyObject* queue_join(PyObject* self, PyObject*);
PyObject* queue_shutdown(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
PyObject* queue_qsize(PyObject* self, PyObject*);
PyObject* queue_empty(PyObject* self, PyObject*);
PyObject* queue_full(PyObject* self, PyObject*);
PyObject* queue_maxsize(PyObject* self, void*);
int queue_set_maxsize(PyObject* self, PyObject* value, void*);
PyObject* queue_unfinished_tasks(PyObject* self, void*);
PyObject* queue_is_shutdown(PyObject* self, void*);

// `maxsize` as users give it: an integer, or a float, which is rounded up; infinite is unbounded.
bool read_maxsize(PyObject* object, std::int64_t& maxsize);

}  // namespace raddle::python
