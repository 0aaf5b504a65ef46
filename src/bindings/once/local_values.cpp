#include "local_values.hpp"

#include <new>

#include "../counts.hpp"
#include "attempt.hpp"

namespace raddle::python {

LocalValues* LocalValues::make() {
  void* memory = PyMem_RawMalloc(sizeof(LocalValues));
  return memory != nullptr ? ::new (memory) LocalValues : (PyErr_NoMemory(), nullptr);
}

LocalValues* LocalValues::share() noexcept {
  references_.fetch_add(1, order::relaxed);  // relaxed: from one that is held
  return this;
}

void LocalValues::release() noexcept {
  // acq_rel: what others did with it comes before its end
  if (references_.fetch_sub(1, order::acq_rel) == 1) PyMem_RawFree(this);
}

void LocalValues::set_combine(PyObject* combine) noexcept {
  const RawLock lock(mutex_);
  combine_ = Py_NewRef(combine);
}

void LocalValues::set_open(bool open) noexcept {
  const RawLock lock(mutex_);
  is_open_ = open;
}

void LocalValues::close() {
  PyObject* combine;
  Ended* left = nullptr;
  {
    const RawLock lock(mutex_);
    is_open_ = false;
    combine = std::exchange(combine_, nullptr);
    for (Ended** place = &ended_; *place != nullptr;) {
      Ended* node = *place;
      if (node->is_busy) {  // whoever combines it drops it
        place = &node->next;
        continue;
      }
      *place = node->next;
      node->next = left;
      left = node;
    }
  }
  while (left != nullptr) {
    Ended* node = std::exchange(left, left->next);
    Py_DECREF(node->value);
    PyMem_RawFree(node);
  }
  Py_XDECREF(combine);
}

void LocalValues::link(LocalValueObject& object) noexcept {
  const RawLock lock(mutex_);
  object.values = share();
  object.previous = last_;
  (last_ != nullptr ? last_->next : first_) = &object;
  last_ = &object;
}

void LocalValues::unlink_ended(LocalValueObject& object) {
  {
    const RawLock lock(mutex_);
    (object.previous != nullptr ? object.previous->next : first_) = object.next;
    (object.next != nullptr ? object.next->previous : last_) = object.previous;
    if (!is_open_ || combine_ == nullptr) return;
    Ended* node = std::exchange(object.node, nullptr);
    node->value = std::exchange(object.value, nullptr);
    node->is_busy = false;
    node->next = ended_;
    ended_ = node;
  }
  if (!is_alone()) combine_ended();  // code of Python may not run any more; nothing is lost
}

PyObject* LocalValues::exchange(LocalValueObject& object, PyObject* value) noexcept {
  const RawLock lock(mutex_);
  return std::exchange(object.value, value);
}

bool LocalValues::take_two(Ended*& older, Ended*& newer) noexcept {
  older = newer = nullptr;
  for (Ended* node = ended_; node != nullptr; node = node->next) {
    if (node->is_busy) continue;
    newer = older;
    older = node;
  }
  if (newer == nullptr || combine_ == nullptr) return false;
  older->is_busy = newer->is_busy = true;
  return true;
}

void LocalValues::remove(Ended* node) noexcept {
  Ended** place = &ended_;
  while (*place != node) place = &(*place)->next;
  *place = node->next;
}

// While one thread combines two, another one may combine two others, and the last of them finds what came out of
// both.
void LocalValues::combine_ended() {
  for (;;) {
    Ended *older, *newer;
    PyObject* combine;
    {
      const RawLock lock(mutex_);
      if (!take_two(older, newer)) return;
      combine = Py_NewRef(combine_);
    }
    PyObject* combined = PyObject_CallFunctionObjArgs(combine, older->value, newer->value, nullptr);
    if (combined == nullptr) PyErr_WriteUnraisable(combine);  // the newer one is dropped
    PyObject *value = newer->value, *replaced = nullptr;
    bool is_last = false;
    {
      const RawLock lock(mutex_);
      if (combined != nullptr) replaced = std::exchange(older->value, combined);
      older->is_busy = false;
      remove(newer);
      is_last = !is_open_ && combine_ == nullptr;
      if (is_last) remove(older);
    }
    PyMem_RawFree(newer);
    Py_DECREF(value);
    Py_XDECREF(replaced);
    if (is_last) {
      Py_DECREF(older->value);
      PyMem_RawFree(older);
    }
    Py_DECREF(combine);
  }
}

Py_ssize_t LocalValues::count(bool with_ended) const noexcept {
  Py_ssize_t count = 0;
  for (const LocalValueObject* object = first_; object != nullptr; object = object->next) ++count;
  if (with_ended)
    for (const Ended* node = ended_; node != nullptr; node = node->next) ++count;
  return count;
}

// An object in the list owns its value, also when it is just ending. To count a reference is no safe point.
void LocalValues::fill(bool with_ended, Pair* pairs) const noexcept {
  if (with_ended)
    for (const Ended* node = ended_; node != nullptr; node = node->next)
      *pairs++ = {nullptr, Py_NewRef(node->value)};
  for (const LocalValueObject* object = first_; object != nullptr; object = object->next)
    *pairs++ = {Py_NewRef(object->thread), Py_NewRef(object->value)};
}

Py_ssize_t LocalValues::snapshot(bool with_ended, Pair*& pairs) {
  pairs = nullptr;
  Py_ssize_t room = 0;
  for (;;) {
    {
      const RawLock lock(mutex_);
      const Py_ssize_t wanted = count(with_ended);
      if (wanted <= room) return fill(with_ended, pairs), wanted;
      room = wanted;
    }
    PyMem_RawFree(pairs);
    constexpr Py_ssize_t kSpare = 4;
    room += kSpare;
    pairs = static_cast<Pair*>(PyMem_RawMalloc(static_cast<std::size_t>(room) * sizeof(Pair)));
    if (pairs == nullptr) return PyErr_NoMemory(), -1;
  }
}

// By the collector, with every other thread stopped.
int LocalValues::traverse(visitproc visit, void* arg) {
  Py_VISIT(combine_);
  for (const Ended* node = ended_; node != nullptr; node = node->next) Py_VISIT(node->value);
  return 0;
}

namespace {

int traverse_value(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(local_value_in(self).value);
  Py_VISIT(local_value_in(self).thread);
  return traverse_class_only(self, visit, arg);
}

// Cycles through a value are broken at the threading.local that holds it.
void dealloc_value(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  LocalValueObject& object = local_value_in(self);
  PyObject_GC_UnTrack(self);
  if (object.values != nullptr) {
    PyObject* raised[3];
    PyErr_Fetch(&raised[0], &raised[1], &raised[2]);  // what is being raised must survive this
    object.values->unlink_ended(object);
    object.values->release();
    PyErr_Restore(raised[0], raised[1], raised[2]);
  }
  PyMem_RawFree(object.node);
  Py_XDECREF(object.value);
  Py_XDECREF(object.thread);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot slots[] = {
    {Py_tp_dealloc, as_slot(dealloc_value)}, {Py_tp_traverse, as_slot(traverse_value)}, {0, nullptr}};

}  // namespace

PyType_Spec local_value_spec = {"raddle._raddle.LocalValue", sizeof(LocalValueObject), 0, kClassFlagsOfParts,
                                slots};

PyObject* make_local_value(PyTypeObject* type, PyObject* value) {
  const Ref threading(PyImport_ImportModule("threading"));
  Ref thread(threading ? PyObject_CallMethod(threading.get(), "current_thread", nullptr) : nullptr);
  if (!thread) return nullptr;
  auto* node = static_cast<LocalValues::Ended*>(PyMem_RawMalloc(sizeof(LocalValues::Ended)));
  if (node == nullptr) return PyErr_NoMemory();
  PyObject* self = type->tp_alloc(type, 0);  // all zeros
  if (self == nullptr) return PyMem_RawFree(node), nullptr;
  LocalValueObject& object = local_value_in(self);
  object.value = Py_NewRef(value);
  object.thread = thread.release();
  object.node = node;
  return self;
}

}  // namespace raddle::python
