// See sync_tasks.hpp.
//
// That a task runs after another one in the same worker is an accident, and orders nothing: a task begins after
// its submit (and its worker's initializer) only. The worker itself comes after all its tasks, so that whoever
// joins it does too. A task that reads a threading.local says that it counts on its thread: it comes after all
// tasks that ran there. An executor with one worker runs one task after the other by design: there the worker's
// order is the tasks'.
#include "sync_tasks.hpp"

#include "sync_tokens.hpp"

namespace raddle::python {

namespace {

struct Worker {
  check::Thread* thread = nullptr;  // whose place a task has taken; null: no task runs
  bool is_confined = false;         // the running task comes after all others of this thread
  bool has_initializer = false;
  bool is_only_one = false;  // of its executor, which so runs one task after the other
};
constinit thread_local Worker this_worker;
// What the initializer did: of the worker that runs in this thread. A reference.
constinit thread_local check::Clocks* initialized = nullptr;

void set_initialized(check::ClocksRef clocks) noexcept {
  check::ClocksRef::attach(initialized);  // drops what was
  initialized = clocks.detach();
}

// `_worker(executor_reference, work_queue, initializer, initargs)`; from 3.14 `_worker(executor_reference,
// context, ...)`.
bool has_initializer(const Call& call) noexcept {
  if (call.arg_count < 3) return false;
  const KeepException kept;
  const Ref of_context(PyObject_GetAttrString(call.args[1], "initializer"));
  PyErr_Clear();
  if (of_context) return of_context.get() != Py_None;
  return call.arg_count == 4 && call.args[2] != Py_None;
}

// The executor that the weak reference is to has one worker.
bool has_one_worker(const Call& call) noexcept {
  if (call.arg_count < 1 || !PyWeakref_CheckRef(call.args[0])) return false;
  const KeepException kept;
  const Ref executor(PyObject_CallNoArgs(call.args[0]));
  const Ref dict(executor ? PyObject_GenericGetDict(executor.get(), nullptr) : nullptr);
  PyObject* count = dict ? PyDict_GetItemString(dict.get(), "_max_workers") : nullptr;
  const bool is_one = count != nullptr && PyLong_CheckExact(count) && PyLong_AsLong(count) == 1;
  PyErr_Clear();
  return is_one;
}

void worker_begins(check::Engine&, check::Thread&, Call& call) noexcept {
  this_worker = {};
  set_initialized({});
  this_worker.has_initializer = has_initializer(call);
  this_worker.is_only_one = has_one_worker(call);
}
void worker_ends(check::Engine&, check::Thread&, Call&, PyObject*) noexcept {
  this_worker = {};
  set_initialized({});
}

void task_begins(check::Engine& engine, check::Thread& worker, Call& call) noexcept {
  const Ref object = token_of(call.self, nullptr, false);
  if (!object) return;
  Token& token = token_at(object.get());
  if (this_worker.is_only_one) return engine.acquire(worker, clocks_in(token));
  if (this_worker.has_initializer && initialized == nullptr) set_initialized(engine.release(worker));
  const check::ClocksRef submitted = clocks_in(token);
  if (begin_task(engine, submitted.get(), "task", token.number, token.stack, call) && initialized != nullptr)
    engine.acquire(*current_thread(engine), *initialized);
}

void task_ends(check::Engine& engine, check::Thread&, Call& call, PyObject*) noexcept {
  if (call.word != 0) end_task(engine, call);
}

// A work item is made by who submits it.
void submitted(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  const Ref object = token_of(call.self, nullptr, true);
  if (!object) return;
  release_into(engine, thread, token_at(object.get()));
  token_at(object.get()).stack = capture_stack();
}

}  // namespace

bool begin_task(check::Engine& engine, const check::Clocks* from, std::string_view name,
                check::ThreadNumber creator, check::StackId created_at, Call& call) noexcept {
  check::Thread* task = engine.begin_task(from, name, creator, created_at);
  if (task == nullptr) return false;
  check::Thread* const before = set_current_thread(engine, task);
  call.word = address_of(before);
  call.second_word = address_of(this_worker.thread);
  this_worker.thread = before;
  this_worker.is_confined = false;
  return true;
}

check::ClocksRef end_task(check::Engine& engine, Call& call) noexcept {
  check::Thread* task = current_thread(engine);
  auto* const before = reinterpret_cast<check::Thread*>(call.word);
  set_current_thread(engine, before);
  this_worker.thread = reinterpret_cast<check::Thread*>(call.second_word);
  check::ClocksRef done = task != nullptr ? engine.end_task(*task) : check::ClocksRef();
  if (before != nullptr) engine.acquire(*before, done);
  return done;
}

void confine_task() noexcept {
  Worker& worker = this_worker;
  if (worker.thread != nullptr && !worker.is_confined) {
    check::Engine* engine = engine_in_use();
    check::Thread* task = engine != nullptr ? current_thread(*engine) : nullptr;
    if (task != nullptr && task != worker.thread) {
      worker.is_confined = true;
      engine->acquire(*task, engine->release(*worker.thread));
    }
  }
}

namespace {

constinit PyTypeObject* watched_local = nullptr;
constinit getattrofunc plain_get_attribute = nullptr;
constinit setattrofunc plain_set_attribute = nullptr;

PyObject* get_attribute(PyObject* self, PyObject* name) {
  confine_task();
  return plain_get_attribute(self, name);
}
int set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  confine_task();
  return plain_set_attribute(self, name, value);
}

}  // namespace

int watch_local(PyTypeObject* local_class) {
  if (local_class->tp_getattro == get_attribute) return 0;
  watched_local = local_class;
  plain_get_attribute = local_class->tp_getattro;
  plain_set_attribute = local_class->tp_setattro;
  local_class->tp_getattro = get_attribute;
  local_class->tp_setattro = set_attribute;
  return 0;
}

void unwatch_local() noexcept {
  if (watched_local == nullptr || watched_local->tp_getattro != get_attribute) return;
  watched_local->tp_getattro = plain_get_attribute;
  watched_local->tp_setattro = plain_set_attribute;
}

const Behaviour task_behaviours[] = {
    {"worker", worker_begins, worker_ends, true},
    {"task", task_begins, task_ends, true},
    {"submit", submitted, nullptr, true},
    {nullptr, nullptr, nullptr},
};

}  // namespace raddle::python
