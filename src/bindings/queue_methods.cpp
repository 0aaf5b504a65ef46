// What is called on queues.
#include <algorithm>

#include "check/hooks.hpp"
#include "queues.hpp"

namespace raddle::python {

namespace {

// Raises what the stdlib's queues raise; returns null.
PyObject* raise(PyObject* self, QueueStatus status) {
  const ModuleState& state = state_of(self);
  switch (status) {
    case QueueStatus::full:
      PyErr_SetNone(state.full);
      break;
    case QueueStatus::empty:
      PyErr_SetNone(state.empty);
      break;
    case QueueStatus::closed:
      PyErr_SetNone(state.shut_down);
      break;
    case QueueStatus::no_memory:
      PyErr_NoMemory();
      break;
    case QueueStatus::deadlock:
      PyErr_SetString(
          state.deadlock_error,
          "this thread is comparing items of the queue: nobody could put or take what it would wait for");
      break;
    case QueueStatus::interrupted:  // the exception is set
    case QueueStatus::failed:
    case QueueStatus::done:
      break;
  }
  return nullptr;
}

// block and timeout, null where not given. A timeout is not looked at where nothing waits.
bool read_patience(PyObject* block, PyObject* timeout, Deadline& deadline) {
  const int may_wait = block == nullptr ? 1 : PyObject_IsTrue(block);
  if (may_wait < 0) return false;
  deadline = may_wait != 0 ? Deadline::never() : Deadline::passed();
  return may_wait == 0 || timeout == nullptr || read_timeout(timeout, deadline);
}

PyObject* put_until(PyObject* self, PyObject* item, Deadline deadline) {
  DetachedWaiting waiting;
  const QueueStatus status = queue_of(self).put(Py_NewRef(item), deadline, waiting);
  if (status == QueueStatus::done) Py_RETURN_NONE;
  Py_DECREF(item);
  return raise(self, status);
}

PyObject* get_until(PyObject* self, Deadline deadline) {
  DetachedWaiting waiting;
  PyObject* item;
  const QueueStatus status = queue_of(self).get(item, deadline, waiting);
  return status == QueueStatus::done ? item : raise(self, status);
}

// What put_many has done so far: how many items went in, and what stopped it.
struct Put {
  PyObject* object;
  PyQueue& queue;
  Deadline deadline;
  Py_ssize_t count = 0;
  QueueStatus status = QueueStatus::done;
  DetachedWaiting waiting{};
};

// A new reference on an item of a list or tuple, or null beyond its end. Sets no exception.
PyObject* item_at(PyObject* sequence, Py_ssize_t index) {
  if (PyTuple_CheckExact(sequence))
    return index < PyTuple_GET_SIZE(sequence) ? Py_NewRef(PyTuple_GET_ITEM(sequence, index)) : nullptr;
  if (index >= PyList_Size(sequence)) return nullptr;
#if PY_VERSION_HEX >= 0x030D0000
  PyObject* item = PyList_GetItemRef(sequence, index);
  if (item == nullptr) PyErr_Clear();  // another thread has shortened the list just now
  return item;
#else
  return Py_NewRef(PyList_GET_ITEM(sequence, index));
#endif
}

// Lists and tuples go in batch by batch.
void put_sequence(Put& put, PyObject* sequence) {
  constexpr std::size_t kBatch = 64;
  PyObject* batch[kBatch];
  Py_ssize_t next = 0;
  while (put.status == QueueStatus::done) {
    std::size_t filled = 0;
    while (filled < kBatch && (batch[filled] = item_at(sequence, next)) != nullptr) ++filled, ++next;
    if (filled == 0) return;
    const bool is_checked = checked::is_at_work();
    for (std::size_t i = 0; is_checked && i < filled; ++i) checked::putting(put.object, batch[i]);
    const QueueProgress progress = put.queue.put_many(batch, filled, put.deadline, put.waiting);
    put.count += static_cast<Py_ssize_t>(progress.moved);
    put.status = progress.status;
    for (std::size_t i = progress.moved; is_checked && i < filled; ++i) checked::not_put(put.object, batch[i]);
    for (std::size_t i = progress.moved; i < filled; ++i) Py_DECREF(batch[i]);
  }
}

// Anything else is asked for its items one by one. An item that then cannot be put is lost to the caller; so with
// a time limit there must be room first. Without one there will be room, and the end must not wait for it. False
// if the iterable raised.
bool put_iterator(Put& put, PyObject* iterable) {
  const Ref iterator(PyObject_GetIter(iterable));
  if (!iterator) return false;
  for (;; ++put.count) {
    if (put.queue.is_closed())
      put.status = QueueStatus::closed;
    else if (!put.deadline.is_never())
      put.status = put.queue.wait_for_room(put.deadline, put.waiting);
    if (put.status != QueueStatus::done) return true;
    PyObject* item = PyIter_Next(iterator.get());
    if (item == nullptr) return PyErr_Occurred() == nullptr;
    const bool is_checked = checked::is_at_work();
    if (is_checked) [[unlikely]]
      checked::putting(put.object, item);
    put.status = put.queue.put(item, put.deadline, put.waiting);
    if (put.status == QueueStatus::done) continue;
    if (is_checked) [[unlikely]]
      checked::not_put(put.object, item);
    Py_DECREF(item);
    return true;
  }
}

// A list for up to `size` items, hidden from the collector while it is being filled.
PyObject* make_hidden_list(std::size_t size) {
#ifdef Py_GIL_DISABLED
  // Not PyList_New(size): free-threaded 3.13 frees twice there if memory is wanting. None is immortal.
  const Ref one(PyList_New(0));
  if (!one || PyList_Append(one.get(), Py_None) < 0) return nullptr;
  PyObject* list = PySequence_Repeat(one.get(), static_cast<Py_ssize_t>(size));
#else
  PyObject* list = PyList_New(static_cast<Py_ssize_t>(size));
#endif
  if (list != nullptr) PyObject_GC_UnTrack(list);
  return list;
}

// Moves up to `size` items into the list's slots and shows it. False with an exception set if it could not.
bool fill(PyObject* list, std::size_t size, PyQueue& queue) {
  const QueueProgress progress = queue.try_get_many(reinterpret_cast<PyListObject*>(list)->ob_item, size);
  Py_SET_SIZE(list, static_cast<Py_ssize_t>(progress.moved));
  PyObject_GC_Track(list);
  return progress.status != QueueStatus::failed && progress.status != QueueStatus::interrupted;
}

}  // namespace

PyObject* queue_put(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyQueue& queue = queue_of(self);
  if (nargs == 1 && kwnames == nullptr) [[likely]] {
    const QueueStatus status = queue.try_put(Py_NewRef(args[0]));
    if (status == QueueStatus::done) [[likely]]
      Py_RETURN_NONE;
    Py_DECREF(args[0]);
    return status == QueueStatus::full ? put_until(self, args[0], Deadline::never()) : raise(self, status);
  }
  PyObject* values[3];
  const Parameters<3> parameters{"put", {"item", "block", "timeout"}, 1};
  Deadline deadline = Deadline::never();
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  // An unbounded queue has no use for block and timeout, and so no opinion on them.
  if (queue.maxsize() <= 0) {
    const QueueStatus status = queue.try_put(Py_NewRef(values[0]));
    if (status == QueueStatus::done) Py_RETURN_NONE;
    Py_DECREF(values[0]);
    if (status != QueueStatus::full) return raise(self, status);  // full: another thread has just bounded it
  }
  if (queue.is_closed()) return raise(self, QueueStatus::closed);  // as the stdlib: before looking at them
  if (!read_patience(values[1], values[2], deadline)) return nullptr;
  return put_until(self, values[0], deadline);
}

PyObject* queue_put_nowait(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[1];
  const Parameters<1> parameters{"put_nowait", {"item"}, 1};
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  return put_until(self, values[0], Deadline::passed());
}

PyObject* queue_get(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  if (nargs == 0 && kwnames == nullptr) [[likely]] {
    PyObject* item;
    const QueueStatus status = queue_of(self).try_get(item);
    if (status == QueueStatus::done) [[likely]]
      return item;
    return status == QueueStatus::empty ? get_until(self, Deadline::never()) : raise(self, status);
  }
  PyObject* values[2];
  const Parameters<2> parameters{"get", {"block", "timeout"}, 0};
  Deadline deadline = Deadline::never();
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  PyQueue& queue = queue_of(self);
  if (queue.is_closed() && queue.size() == 0) return raise(self, QueueStatus::closed);  // before looking at them
  if (!read_patience(values[0], values[1], deadline)) return nullptr;
  return get_until(self, deadline);
}

PyObject* queue_get_nowait(PyObject* self, PyObject*) { return get_until(self, Deadline::passed()); }

PyObject* queue_next(PyObject* self) {
  DetachedWaiting waiting;
  PyObject* item;
  const QueueStatus status = queue_of(self).get(item, Deadline::never(), waiting);
  if (status == QueueStatus::done) return item;
  return status == QueueStatus::closed ? nullptr : raise(self, status);  // null alone: the end
}

PyObject* queue_put_many(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[3];
  const Parameters<3> parameters{"put_many", {"iterable", "block", "timeout"}, 1};
  Deadline deadline = Deadline::never();
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  if (!read_patience(values[1], values[2], deadline)) return nullptr;
  Put put{self, queue_of(self), deadline};
  if (PyList_CheckExact(values[0]) || PyTuple_CheckExact(values[0]))
    put_sequence(put, values[0]);
  else if (!put_iterator(put, values[0]))
    return nullptr;
  if (put.count == 0 && put.status == QueueStatus::done && put.queue.is_closed()) put.status = QueueStatus::closed;
  const bool is_answer = put.status == QueueStatus::done || put.status == QueueStatus::full ||
                         (put.status == QueueStatus::closed && put.count != 0);
  return is_answer ? PyLong_FromSsize_t(put.count) : raise(self, put.status);
}

PyObject* queue_get_many(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[3];
  const Parameters<3> parameters{"get_many", {"max_items", "block", "timeout"}, 1};
  Deadline deadline = Deadline::never();
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  const Py_ssize_t max_items = PyNumber_AsSsize_t(values[0], nullptr);
  if (max_items == -1 && PyErr_Occurred() != nullptr) return nullptr;
  if (max_items < 0) {
    PyErr_SetString(PyExc_ValueError, "'max_items' must be a non-negative number");
    return nullptr;
  }
  if (!read_patience(values[1], values[2], deadline)) return nullptr;
  if (max_items == 0) return PyList_New(0);
  PyQueue& queue = queue_of(self);
  DetachedWaiting waiting;
  for (;;) {
    const QueueStatus status = queue.wait_for_item(deadline, waiting);
    if (status == QueueStatus::empty) return PyList_New(0);
    if (status != QueueStatus::done) return raise(self, status);
    // The list is there before the items are taken: they must not be lost for want of memory.
    const std::size_t size = std::min(queue.size(), static_cast<std::size_t>(max_items));
    Ref list(make_hidden_list(size));
    if (!list || !fill(list.get(), size, queue)) return nullptr;
    if (PyList_GET_SIZE(list.get()) != 0) return list.release();  // otherwise other consumers were faster
  }
}

PyObject* queue_drain(PyObject* self, PyObject*) {
  PyQueue& queue = queue_of(self);
  const std::size_t size = queue.size();
  Ref list(make_hidden_list(size));
  return list && fill(list.get(), size, queue) ? list.release() : nullptr;
}

PyObject* queue_task_done(PyObject* self, PyObject*) {
  if (queue_of(self).finish_task()) Py_RETURN_NONE;
  PyErr_SetString(PyExc_ValueError, "task_done() called too many times");
  return nullptr;
}

PyObject* queue_join(PyObject* self, PyObject*) {
  DetachedWaiting waiting;
  const QueueStatus status = queue_of(self).join(Deadline::never(), waiting);
  if (status == QueueStatus::done) Py_RETURN_NONE;
  return raise(self, status);
}

PyObject* queue_shutdown(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyObject* values[1];
  const Parameters<1> parameters{"shutdown", {"immediate"}, 0};
  if (!read_arguments(parameters, args, nargs, kwnames, values)) return nullptr;
  const int immediate = values[0] == nullptr ? 0 : PyObject_IsTrue(values[0]);
  if (immediate < 0) return nullptr;
  QueueStatus status = QueueStatus::done;
  if (immediate != 0)
    status = queue_of(self).close_and_take_all([](void*, PyObject* item) { Py_DECREF(item); }, nullptr);
  else
    queue_of(self).close();
  if (status == QueueStatus::done) Py_RETURN_NONE;
  return raise(self, status);
}

PyObject* queue_qsize(PyObject* self, PyObject*) { return PyLong_FromSize_t(queue_of(self).size()); }
PyObject* queue_empty(PyObject* self, PyObject*) { return PyBool_FromLong(queue_of(self).size() == 0); }
PyObject* queue_full(PyObject* self, PyObject*) {
  PyQueue& queue = queue_of(self);
  const std::int64_t maxsize = queue.maxsize();
  return PyBool_FromLong(maxsize > 0 && queue.size() >= static_cast<std::size_t>(maxsize));
}

PyObject* queue_maxsize(PyObject* self, void*) { return PyLong_FromLongLong(queue_of(self).maxsize()); }
int queue_set_maxsize(PyObject* self, PyObject* value, void*) {
  std::int64_t maxsize;
  if (value == nullptr) {
    PyErr_SetString(PyExc_AttributeError, "maxsize cannot be deleted");
    return -1;
  }
  if (!read_maxsize(value, maxsize)) return -1;
  queue_of(self).set_maxsize(maxsize);
  return 0;
}
PyObject* queue_unfinished_tasks(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(queue_of(self).unfinished_tasks());
}
PyObject* queue_is_shutdown(PyObject* self, void*) { return PyBool_FromLong(queue_of(self).is_closed()); }

}  // namespace raddle::python
