// Behaviours of concurrent.futures.Future: who completes it is before who finds it done.
#include "sync_threads.hpp"
#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

// Done, as the standard library has it. From the object's own dict: nothing of the program's runs.
bool is_done(PyObject* future) noexcept {
  const Ref dict(PyObject_GenericGetDict(future, nullptr));
  PyObject* state = dict ? PyDict_GetItemString(dict.get(), "_state") : nullptr;
  if (state == nullptr || !PyUnicode_Check(state)) return PyErr_Clear(), false;
  for (const char* name : {"FINISHED", "CANCELLED", "CANCELLED_AND_NOTIFIED"})
    if (PyUnicode_CompareWithASCIIString(state, name) == 0) return true;
  return false;
}

void acquire_if_done(check::Engine& engine, check::Thread& thread, PyObject* future) noexcept {
  if (!is_done(future)) return;
  const Ref token = token_of(future, nullptr, false);
  if (token) acquire_from(engine, thread, token_at(token.get()));
}

// Also where it raises what the task raised.
void acquired_if_done(check::Engine& engine, check::Thread& thread, Call& call, PyObject*) noexcept {
  const KeepException kept;
  acquire_if_done(engine, thread, call.self);
}

// A callback of a future that is done is called at once, by this thread.
void acquire_before(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  acquire_if_done(engine, thread, call.self);
}

void acquire_each(check::Engine& engine, check::Thread& thread, PyObject* futures) noexcept {
  if (!PyAnySet_CheckExact(futures) && !PyList_CheckExact(futures) && !PyTuple_CheckExact(futures)) return;
  const KeepException kept;
  const Ref iterator(PyObject_GetIter(futures));
  while (iterator) {
    const Ref future(PyIter_Next(iterator.get()));
    if (!future) break;
    acquire_if_done(engine, thread, future.get());
  }
  PyErr_Clear();
}

// From the object's own dict, likewise; empty without an exception.
Ref attribute_of(PyObject* object, const char* name) noexcept {
  const Ref dict(PyObject_GenericGetDict(object, nullptr));
  Ref value(dict ? Py_XNewRef(PyDict_GetItemString(dict.get(), name)) : nullptr);
  PyErr_Clear();
  return value;
}

// wait() and as_completed() look which are done with the locks of all of them: this is where they give these back.
void acquire_attribute_futures(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  const Ref futures = attribute_of(call.self, "futures");
  if (futures) acquire_each(engine, thread, futures.get());
}

// For those that were not done they wait for one event, which is set when enough are.
void release_attribute_event(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  const Ref event = attribute_of(call.self, "event");
  const Ref token = event ? token_of(event.get(), nullptr, true) : Ref();
  if (token) release_into(engine, thread, token_at(token.get()));
}

// as_completed() hands these out now.
void acquire_each_before(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  acquire_each(engine, thread, call.self);
}

// threading._shutdown() has waited for all threads that are no daemons.
void acquired_ended_threads(check::Engine& engine, check::Thread& thread, Call&, PyObject*) noexcept {
  acquire_ended_threads(engine, thread);
}

}  // namespace

const Behaviour future_behaviours[] = {
    {"acquire_if_done", nullptr, acquired_if_done},
    {"acquire_if_done_before", acquire_before, nullptr},
    {"acquire_futures", acquire_attribute_futures, nullptr},
    {"release_event", release_attribute_event, nullptr},
    {"acquire_each_done_before", acquire_each_before, nullptr},
    {"acquire_ended_threads", nullptr, acquired_ended_threads},
    {nullptr, nullptr, nullptr},
};

}  // namespace raddle::python
