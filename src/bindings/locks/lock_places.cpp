#include "lock_places.hpp"

#include <cstdlib>
#include <cstring>

#include "lock_object.hpp"
#include "raddle/base/deadline.hpp"

namespace raddle::python {

namespace {

struct Ended {
  Ended* next;
  std::uintptr_t begin, end;
  std::int64_t when;
  int kind;           // of the name's text, as PyUnicode_KIND; 0: there is no name
  Py_ssize_t length;  // of the name, in characters

  void* text() noexcept { return this + 1; }
};

struct Immortal {
  Immortal* next;
  PyObject* lock;
  std::int64_t interpreter;
};

constexpr std::size_t kMostEnded = std::size_t{1} << 18;

constinit atomic<Ended*> ended{nullptr};
constinit atomic<std::size_t> ended_count{0};
constinit atomic<Immortal*> immortals{nullptr};

template <class Node>
void push(atomic<Node*>& list, Node* node) noexcept {
  node->next = list.load(order::relaxed);  // relaxed: the exchange checks it
  // release, pairs with the acquire of who walks over the list: the node is whole
  while (!list.compare_exchange_weak(node->next, node, order::release, order::relaxed)) {
  }
}

void forget_ended() noexcept {
  for (Ended* node = ended.exchange(nullptr, order::acquire); node != nullptr;)  // acquire, pairs with push()
    std::free(std::exchange(node, node->next));
  ended_count.store(0, order::relaxed);  // relaxed: a limit that need not be met exactly
}

std::uintptr_t address_of(const void* object) noexcept { return reinterpret_cast<std::uintptr_t>(object); }

std::int64_t this_interpreter() noexcept { return PyInterpreterState_GetID(PyInterpreterState_Get()); }

// `when` (null: an exception is set) and `name` are consumed. False with an exception set.
bool append(PyObject* places, std::uintptr_t begin, std::uintptr_t end, PyObject* when, PyObject* name) {
  const Ref place(Py_BuildValue("(KKNN)", static_cast<unsigned long long>(begin),
                                static_cast<unsigned long long>(end), when, name));
  return place && PyList_Append(places, place.get()) == 0;
}

bool append_living(PyObject* places, PyObject* lock) {
  PyObject* name = head_of(lock).shown_name();
  const auto size = static_cast<std::uintptr_t>(Py_TYPE(lock)->tp_basicsize);
  return append(places, address_of(lock), address_of(lock) + size, Py_NewRef(Py_None),
                Py_NewRef(name != nullptr ? name : Py_None));
}

bool append_ended(PyObject* places, Ended& node) {
  PyObject* when = PyLong_FromLongLong(node.when);
  PyObject* name =
      node.kind == 0 ? Py_NewRef(Py_None) : PyUnicode_FromKindAndData(node.kind, node.text(), node.length);
  return append(places, node.begin, node.end, when, name);
}

bool is_lock(const ModuleState& state, PyObject* object) noexcept {
  for (std::size_t i = static_cast<std::size_t>(Class::lock); i < kClassCount; ++i)
    if (PyObject_TypeCheck(object, state.classes[i])) return true;
  return false;
}

bool append_collectable(PyObject* places, const ModuleState& state) {
  const Ref gc(PyImport_ImportModule("gc"));
  const Ref objects(gc ? PyObject_CallMethod(gc.get(), "get_objects", nullptr) : nullptr);
  if (!objects || !PyList_Check(objects.get())) return static_cast<bool>(objects);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects.get()); ++i) {
    PyObject* object = PyList_GET_ITEM(objects.get(), i);
    if (is_lock(state, object) && !append_living(places, object)) return false;
  }
  return true;
}

}  // namespace

void note_end(const LockHead& head) noexcept {
  // What was never configured is a view, or the like. relaxed: nobody else has it
  if (!head.configured.load(order::relaxed) || ended_count.load(order::relaxed) >= kMostEnded) return;
  const std::uintptr_t begin = address_of(&head) - offsetof(Object<LockHead>, content);
  PyObject* name = head.shown_name();
  const Py_ssize_t length = name != nullptr ? PyUnicode_GET_LENGTH(name) : 0;
  const int kind = name != nullptr ? static_cast<int>(PyUnicode_KIND(name)) : 0;
  const std::size_t bytes = static_cast<std::size_t>(length) * static_cast<std::size_t>(kind);
  auto* node = static_cast<Ended*>(std::malloc(sizeof(Ended) + bytes));
  if (node == nullptr) return;
  const auto size = Py_TYPE(reinterpret_cast<PyObject*>(begin))->tp_basicsize;
  *node = {nullptr, begin, begin + static_cast<std::uintptr_t>(size), Deadline::now(), kind, length};
  if (bytes != 0) std::memcpy(node->text(), PyUnicode_DATA(name), bytes);
  push(ended, node);
  ended_count.fetch_add(1, order::relaxed);  // relaxed: as in forget_ended()
}

void note_immortal(PyObject* lock) noexcept {
  if (head_of(lock).listed.exchange(true, order::relaxed)) return;  // relaxed: it tells of nothing but itself
  auto* node = static_cast<Immortal*>(std::malloc(sizeof(Immortal)));
  if (node == nullptr) return;
  *node = {nullptr, lock, this_interpreter()};
  push(immortals, node);
}

void begin_noting_ends() noexcept {
  forget_ended();
  ends_are_noted.store(true, order::relaxed);  // relaxed: observe() publishes it
}

void end_noting_ends() noexcept {
  ends_are_noted.store(false, order::relaxed);  // relaxed: who comes late is forgotten by the next
  forget_ended();
}

PyObject* list_lock_places(const ModuleState& state) {
  Ref places(PyList_New(0));
  if (!places || !append_collectable(places.get(), state)) return nullptr;
  // acquire, both: pairs with push()
  for (Immortal* node = immortals.load(order::acquire); node != nullptr; node = node->next)
    if (node->interpreter == this_interpreter() && !append_living(places.get(), node->lock)) return nullptr;
  for (Ended* node = ended.load(order::acquire); node != nullptr; node = node->next)
    if (!append_ended(places.get(), *node)) return nullptr;
  return places.release();
}

}  // namespace raddle::python
