#include "handoffs.hpp"

#include "raddle/check/address_filter.hpp"
#include "sync_elements.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

// Of containers that have elements in their place. Made with the first; never freed.
check::AddressFilter& with_elements() noexcept {
  static auto& filter = *new check::AddressFilter;
  return filter;
}
constinit atomic<bool> are_there_any{false};

check::ClocksRef take_clocks(PyObject* container, std::uintptr_t element) noexcept {
  check::ClocksRef clocks;
  if (!with_elements().may_have(address(container))) return clocks;
  places::with(address(container), false, [&](Place& place) {
    if (place.elements != nullptr) clocks = place.elements->take_first(element);
  });
  return clocks;
}

}  // namespace

void put_element(const Telling& telling, PyObject* container, std::uintptr_t element) noexcept {
  check::ClocksRef clocks = telling.engine().release(telling.thread());
  if (!clocks) return;
  are_there_any.store(true, order::relaxed);  // relaxed: the container's end comes after its use, by other means
  places::with(address(container), true, [&](Place& place) {
    if (place.elements == nullptr) {
      place.elements = new (std::nothrow) Elements;
      with_elements().add(address(container));
    }
    if (place.elements != nullptr) place.elements->put(element, std::move(clocks));
  });
}

void take_element(const Telling& telling, PyObject* container, std::uintptr_t element) noexcept {
  telling.engine().acquire(telling.thread(), take_clocks(container, element));
}

// The clocks stay for the next who asks.
void meet_at_key(const Telling& telling, PyObject* container, std::uint64_t key) noexcept {
  const auto element = static_cast<std::uintptr_t>(key);
  take_element(telling, container, element);
  put_element(telling, container, element);
}

void forget_handoffs(PyObject* container) noexcept {
  if (!are_there_any.load(order::relaxed)) return;  // relaxed: as in put_element()
  if (!with_elements().may_have(address(container))) return;
  with_elements().remove(address(container));
  places::forget(address(container));
}

}  // namespace raddle::python
