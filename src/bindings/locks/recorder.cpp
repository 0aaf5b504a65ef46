// A bounded buffer into which all threads write without waiting for each other.
//
// Places are numbered for as long as the process lives, and a slot belongs to the places that are equal modulo the
// size. A recording is a range of places: what is beyond its end is lost and counted. A thread that was late, and
// still writes for an earlier recording, finds its slot taken by a later place, or is found out by the number in
// the slot.
//
// The functions of the table are called by attached threads at places where no internal lock is held. A thread
// that is about to sleep stands in a queue already: nothing here runs Python code (see current_site()). Waits for
// locks that are raddle's own are left out: they may come while the thread is not attached.
//
// The memory is static, so that nobody has to know when the last late thread is out of it; the system gives pages
// to what is used of it.
#include "recorder.hpp"

#include <time.h>

#include <algorithm>
#include <cstring>

#include "lock_places.hpp"
#include "raddle/diag/observers.hpp"
#include "site.hpp"

namespace raddle::python {

namespace {

constexpr std::uint64_t kCapacity = std::uint64_t{1} << 16;

struct Slot {
  // 2 * place + 1 while it is being written, 2 * place + 2 when it is whole; 0: never
  atomic<std::uint64_t> state{0};
  atomic<const char*> event{nullptr};
  atomic<const char*> kind{nullptr};
  atomic<const void*> address{nullptr};
  atomic<std::uint64_t> ident{0};
  atomic<std::int64_t> when{0};
  atomic<const Site*> site{nullptr};
};

constinit Slot slots[kCapacity];
constinit atomic<std::uint64_t> next_place{0};
constinit atomic<std::uint64_t> first_place{0};  // of the recording
constinit atomic<bool> recording{false};

PyThreadState* attached_thread() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  return PyThreadState_GetUnchecked();
#else
  return _PyThreadState_UncheckedGet();
#endif
}

std::int64_t now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void note(const char* event, Observed observed) noexcept {
  if (std::strcmp(observed.kind, "internal lock") == 0) return;
  const std::int64_t when = now();
  const Site* site = attached_thread() != nullptr ? current_site() : nullptr;
  // relaxed: the slot's state orders what is written; a place beyond the end of the recording is only counted
  const std::uint64_t place = next_place.fetch_add(1, order::relaxed);
  if (place - first_place.load(order::relaxed) >= kCapacity) return;
  Slot& slot = slots[place % kCapacity];
  std::uint64_t state = slot.state.load(order::relaxed);  // relaxed: the exchange checks it
  // Taken by a late thread, or this one is the late one. acquire: keeps the writes below behind it
  if (state % 2 != 0 || state > 2 * place ||
      !slot.state.compare_exchange_strong(state, 2 * place + 1, order::acquire, order::relaxed))
    return;
  slot.event.store(event, order::relaxed);  // relaxed, like the following: the state tells when they can be read
  slot.kind.store(observed.kind, order::relaxed);
  slot.address.store(observed.primitive, order::relaxed);
  slot.ident.store(PyThread_get_thread_ident(), order::relaxed);
  slot.when.store(when, order::relaxed);
  slot.site.store(site, order::relaxed);
  slot.state.store(2 * place + 2, order::release);  // release, pairs with the acquire in event_at()
}

constexpr Observers kTable{
    [](Observed observed) noexcept { note("contended", observed); },
    [](Observed observed) noexcept { note("acquired", observed); },
    [](Observed observed) noexcept { note("released", observed); },
    [](Observed observed) noexcept { note("wait_begun", observed); },
    [](Observed observed) noexcept { note("wait_ended", observed); },
};

PyObject* site_of(const Site* site) {
  if (site == nullptr) Py_RETURN_NONE;
  return Py_BuildValue("(ssi)", site->file, site->function, site->line);
}

// Null without an exception: it was lost. No writer is left but late ones, which the state tells.
PyObject* event_at(std::uint64_t place) {
  const Slot& slot = slots[place % kCapacity];
  if (slot.state.load(order::acquire) != 2 * place + 2) return nullptr;  // acquire: what was written is visible
  return Py_BuildValue(
      "(ssKKLN)", slot.event.load(order::relaxed), slot.kind.load(order::relaxed),
      static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(slot.address.load(order::relaxed))),
      static_cast<unsigned long long>(slot.ident.load(order::relaxed)),
      static_cast<long long>(slot.when.load(order::relaxed)), site_of(slot.site.load(order::relaxed)));
}

// Appends the events of these places. False with an exception set.
bool collect(PyObject* events, std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t place = first; place != end; ++place) {
    const Ref event(event_at(place));
    if (!event && PyErr_Occurred() != nullptr) return false;
    if (event && PyList_Append(events, event.get()) < 0) return false;
  }
  return true;
}

}  // namespace

PyObject* start_recording(PyObject*, PyObject*) {
  if (recording.exchange(true, order::acq_rel)) {  // acq_rel: one recording after the other
    PyErr_SetString(PyExc_RuntimeError, "events are being recorded already; there is one recording at a time");
    return nullptr;
  }
  begin_noting_ends();
  first_place.store(next_place.load(order::relaxed), order::relaxed);  // relaxed: observe() publishes it
  observe(&kTable);
  Py_RETURN_NONE;
}

PyObject* stop_recording(PyObject* module, PyObject*) {
  if (!recording.load(order::acquire)) {
    PyErr_SetString(PyExc_RuntimeError, "nothing is being recorded");
    return nullptr;
  }
  observe(nullptr);
  const std::uint64_t first = first_place.load(order::relaxed), end = next_place.load(order::relaxed);
  const std::uint64_t kept = std::min(end, first + kCapacity);
  const Ref events(PyList_New(0));
  const bool collected = events && collect(events.get(), first, kept);
  const auto& state = *static_cast<const ModuleState*>(PyModule_GetState(module));
  const Ref places(collected ? list_lock_places(state) : nullptr);
  end_noting_ends();
  recording.store(false, order::release);
  if (!places) return nullptr;
  const auto count = static_cast<std::uint64_t>(PyList_GET_SIZE(events.get()));
  return Py_BuildValue("(OKO)", events.get(), static_cast<unsigned long long>(end - first - count), places.get());
}

}  // namespace raddle::python
