// See sync_slots.hpp. As in sync_patch.cpp there is a function for each place in a table; a class that has another
// one's operators by inheritance has its own place all the same.
#include "sync_slots.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "sync_behaviour.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

constexpr std::size_t kMost = 16;

struct Slots {
  PyTypeObject* type = nullptr;
  PyNumberMethods numbers{};
  richcmpfunc compare = nullptr;
  iternextfunc next = nullptr;
  const Behaviour* get = nullptr;
};
constinit std::array<Slots, kMost> watched;
constinit std::size_t watched_count = 0;

template <class Plain>
auto told(PyObject* self, bool writes, Plain plain) {
  check::Engine* engine = engine_in_use();
  check::Thread* thread = engine != nullptr && hearing().deaf == 0 ? current_thread(*engine) : nullptr;
  if (thread != nullptr && writes) release_at(*engine, *thread, address_of(self));
  const auto result = plain();
  if (thread != nullptr && engine_in_use() == engine) acquire_at(*engine, *thread, address_of(self));
  return result;
}

template <std::size_t I>
struct Watched {
  template <binaryfunc PyNumberMethods::* slot>
  static PyObject* binary(PyObject* self, PyObject* other) {
    return told(self, true, [&] { return (watched[I].numbers.*slot)(self, other); });
  }
  template <unaryfunc PyNumberMethods::* slot>
  static PyObject* unary(PyObject* self) {
    return told(self, false, [&] { return (watched[I].numbers.*slot)(self); });
  }
  static int truth(PyObject* self) {
    return told(self, false, [&] { return watched[I].numbers.nb_bool(self); });
  }
  static PyObject* compare(PyObject* self, PyObject* other, int operation) {
    return told(self, false, [&] { return watched[I].compare(self, other, operation); });
  }
  static PyObject* next(PyObject* self) {
    PyObject* const item = watched[I].next(self);
    check::Engine* engine = engine_in_use();
    check::Thread* thread = engine != nullptr && hearing().deaf == 0 ? current_thread(*engine) : nullptr;
    if (thread == nullptr) return item;
    Call call{self, nullptr};
    watched[I].get->after(*engine, *thread, call, item);
    return item;
  }

  template <binaryfunc PyNumberMethods::* slot>
  static void put_binary(PyNumberMethods& numbers) {
    if (numbers.*slot != nullptr) numbers.*slot = binary<slot>;
  }
  template <unaryfunc PyNumberMethods::* slot>
  static void put_unary(PyNumberMethods& numbers) {
    if (numbers.*slot != nullptr) numbers.*slot = unary<slot>;
  }
  static void install(PyTypeObject* type) {
    PyNumberMethods& numbers = *type->tp_as_number;
    put_binary<&PyNumberMethods::nb_inplace_add>(numbers);
    put_binary<&PyNumberMethods::nb_inplace_subtract>(numbers);
    put_binary<&PyNumberMethods::nb_inplace_and>(numbers);
    put_binary<&PyNumberMethods::nb_inplace_or>(numbers);
    put_binary<&PyNumberMethods::nb_inplace_xor>(numbers);
    put_unary<&PyNumberMethods::nb_int>(numbers);
    put_unary<&PyNumberMethods::nb_index>(numbers);
    put_unary<&PyNumberMethods::nb_float>(numbers);
    if (numbers.nb_bool != nullptr) numbers.nb_bool = truth;
    if (watched[I].next != nullptr)
      type->tp_iternext = next;
    else if (watched[I].compare != nullptr && numbers.nb_bool != nullptr)
      type->tp_richcompare = compare;
  }
};

template <std::size_t... I>
void install(std::size_t place, PyTypeObject* type, std::index_sequence<I...>) {
  using Install = void (*)(PyTypeObject*);
  static constexpr Install installs[] = {Watched<I>::install...};
  installs[place](type);
}

}  // namespace

bool watch_slots(PyTypeObject* type) {
  std::size_t place = 0;
  while (place < watched_count && watched[place].type != type) ++place;
  if (place == kMost) return PyErr_SetString(PyExc_SystemError, "too many classes with operators"), false;
  if (place == watched_count) {
    Slots& slots = watched[place];
    slots.type = type;
    slots.numbers = *type->tp_as_number;
    slots.compare = type->tp_richcompare;
    slots.next = type->tp_iternext;
    slots.get = find_behaviour("own_get");
    ++watched_count;
  }
  install(place, type, std::make_index_sequence<kMost>());
  return true;
}

void unwatch_slots() noexcept {
  for (std::size_t i = 0; i < watched_count; ++i) {
    *watched[i].type->tp_as_number = watched[i].numbers;
    watched[i].type->tp_richcompare = watched[i].compare;
    watched[i].type->tp_iternext = watched[i].next;
  }
}

}  // namespace raddle::python
