// See sync_tokens.hpp; and the behaviours of objects that order threads by one set of clocks.
#include "sync_tokens.hpp"

#include <cstdlib>
#include <new>

#include "sync_elements.hpp"
#include "sync_permits.hpp"

namespace raddle::python {

Place::~Place() {
  delete elements;
  delete permits;
}

namespace {

constinit PyTypeObject* token_type = nullptr;  // immortal in effect: of the first interpreter that asks
constinit PyObject* usual_key = nullptr;

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = type->tp_alloc(type, 0);
  if (self == nullptr) return nullptr;
  ::new (static_cast<void*>(&token_at(self).lock)) RawMutex;
  ::new (static_cast<void*>(&token_at(self).place)) Place;
  return self;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  token_at(self).place.~Place();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* release(PyObject* self, PyObject*) {
  check::Engine* engine = engine_in_use();
  check::Thread* thread = engine != nullptr ? current_thread(*engine) : nullptr;
  if (thread != nullptr) release_into(*engine, *thread, token_at(self));
  Py_RETURN_NONE;
}

PyObject* acquire(PyObject* self, PyObject*) {
  check::Engine* engine = engine_in_use();
  check::Thread* thread = engine != nullptr ? current_thread(*engine) : nullptr;
  if (thread != nullptr) acquire_from(*engine, *thread, token_at(self));
  Py_RETURN_NONE;
}

constexpr char kDoc[] = "What some threads did until now, for others to come after it.";
PyMethodDef methods[] = {
    {"release", release, METH_NOARGS, "release($self, /)\n--\n\nAdd what this thread did until now."},
    {"acquire", acquire, METH_NOARGS, "acquire($self, /)\n--\n\nCome after all that was added until now."},
    {nullptr, nullptr, 0, nullptr}};
PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>(kDoc)},
                       {Py_tp_new, as_slot(create)},
                       {Py_tp_dealloc, as_slot(dealloc)},
                       {Py_tp_methods, methods},
                       {0, nullptr}};
PyType_Spec spec = {"raddle._raddle.Token", sizeof(Token), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
                    slots};

// A new reference, null without an exception. The dict may be changed by others meanwhile.
PyObject* look_up(PyObject* dict, PyObject* key) noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  PyObject* found = nullptr;
  if (PyDict_GetItemRef(dict, key, &found) < 0) PyErr_Clear();
  return found;
#else
  PyObject* found = PyDict_GetItemWithError(dict, key);
  if (found == nullptr) PyErr_Clear();
  return Py_XNewRef(found);
#endif
}

// Somebody else's, if that came first.
PyObject* put_down(PyObject* dict, PyObject* key, PyObject* token) noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  PyObject* there = nullptr;
  if (PyDict_SetDefaultRef(dict, key, token, &there) < 0) PyErr_Clear();
  return there;
#else
  PyObject* there = PyDict_SetDefault(dict, key, token);
  if (there == nullptr) PyErr_Clear();
  return Py_XNewRef(there);
#endif
}

}  // namespace

bool is_token(PyObject* object) noexcept { return Py_IS_TYPE(object, token_type); }

PyObject* make_token() { return create(token_type, nullptr, nullptr); }

Ref token_of(PyObject* object, PyObject* key, bool make) noexcept {
  const KeepException kept;
  const Ref dict(PyObject_GenericGetDict(object, nullptr));
  if (!dict || !PyDict_Check(dict.get())) {
    PyErr_Clear();
    return Ref();
  }
  if (key == nullptr) key = usual_key;
  Ref found(look_up(dict.get(), key));
  if (!found && make) {
    const Ref fresh(make_token());
    if (fresh) found = Ref(put_down(dict.get(), key, fresh.get()));
    PyErr_Clear();
  }
  // The program may have put something else there.
  return found && is_token(found.get()) ? std::move(found) : Ref();
}

void release_into(check::Engine& engine, check::Thread& thread, Token& token) noexcept {
  token.lock.lock();
  engine.release_into(thread, token.place.clocks);
  token.number = thread.number();
  token.lock.unlock();
}

check::ClocksRef clocks_in(Token& token) noexcept {
  token.lock.lock();
  check::ClocksRef clocks = token.place.clocks;
  token.lock.unlock();
  return clocks;
}

void acquire_from(check::Engine& engine, check::Thread& thread, Token& token) noexcept {
  engine.acquire(thread, clocks_in(token));
}

void acquire_key(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  const Ref token = token_of(call.self, call.key, false);
  if (token) acquire_from(engine, thread, token_at(token.get()));
}

namespace places {

namespace {
constinit Shard shards[kShards];
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
std::size_t mix(std::uintptr_t address) noexcept {
  return static_cast<std::size_t>((address >> 4) * kGolden >> 16);
}

bool grow(Shard& shard) noexcept {
  constexpr std::size_t kSmallest = 8;
  const std::size_t count = shard.bucket_count == 0 ? kSmallest : 2 * shard.bucket_count;
  auto** buckets = static_cast<Entry**>(std::calloc(count, sizeof(Entry*)));
  if (buckets == nullptr) return shard.bucket_count != 0;
  for (std::size_t i = 0; i < shard.bucket_count; ++i) {
    for (Entry* entry = shard.buckets[i]; entry != nullptr;) {
      Entry* next = entry->next;
      Entry*& first = buckets[mix(entry->address) / kShards % count];
      entry->next = first;
      first = entry;
      entry = next;
    }
  }
  std::free(shard.buckets);
  shard.buckets = buckets;
  shard.bucket_count = count;
  return true;
}

Entry** link_of(Shard& shard, std::uintptr_t address) noexcept {
  if (shard.bucket_count == 0) return nullptr;
  Entry** link = &shard.buckets[mix(address) / kShards % shard.bucket_count];
  while (*link != nullptr && (*link)->address != address) link = &(*link)->next;
  return link;
}
}  // namespace

Shard& shard_of(std::uintptr_t address) noexcept { return shards[mix(address) % kShards]; }

Place* find(Shard& shard, std::uintptr_t address, bool make) noexcept {
  Entry** link = link_of(shard, address);
  if (link != nullptr && *link != nullptr) return &(*link)->place;
  if (!make || (shard.count >= shard.bucket_count && !grow(shard))) return nullptr;
  auto* entry = new (std::nothrow) Entry{address, nullptr};
  if (entry == nullptr) return nullptr;
  Entry*& first = shard.buckets[mix(address) / kShards % shard.bucket_count];
  entry->next = first;
  first = entry;
  ++shard.count;
  return &entry->place;
}

void forget(std::uintptr_t address) noexcept {
  Shard& shard = shard_of(address);
  Entry* gone = nullptr;
  shard.lock.lock();
  Entry** link = link_of(shard, address);
  if (link != nullptr && *link != nullptr) {
    gone = *link;
    *link = gone->next;
    --shard.count;
  }
  shard.lock.unlock();
  delete gone;
}

}  // namespace places

void release_at(check::Engine& engine, check::Thread& thread, std::uintptr_t address) noexcept {
  places::with(address, true, [&](Place& place) { engine.release_into(thread, place.clocks); });
}

void acquire_at(check::Engine& engine, check::Thread& thread, std::uintptr_t address) noexcept {
  check::ClocksRef clocks;
  places::with(address, false, [&](const Place& place) { clocks = place.clocks; });
  engine.acquire(thread, clocks);
}

namespace {

// --- Objects in Python. ---

void releasing(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  const Ref token = token_of(call.self, call.key, true);
  if (token) release_into(engine, thread, token_at(token.get()));
}

void released(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) releasing(engine, thread, call);
}

void acquired(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) acquire_key(engine, thread, call);
}
void acquired_if_true(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == Py_True) acquire_key(engine, thread, call);
}
void acquired_if_false(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == Py_False) acquire_key(engine, thread, call);
}

// One set of clocks for each round of a barrier: who enters first begins it. With the barrier's own lock held.
void entered_round(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  const Ref object = result != nullptr ? token_of(call.self, call.key, true) : Ref();
  if (!object) return;
  Token& token = token_at(object.get());
  const Ref dict(PyObject_GenericGetDict(call.self, nullptr));
  PyObject* count = dict ? PyDict_GetItemString(dict.get(), "_count") : nullptr;
  const bool is_first = count != nullptr && PyLong_CheckExact(count) && PyLong_AsLong(count) == 0;
  token.lock.lock();
  if (is_first) token.place.clocks = check::ClocksRef();
  engine.release_into(thread, token.place.clocks);
  token.lock.unlock();
}

void acquire_before(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  acquire_key(engine, thread, call);
}

// --- Objects in C. ---

void releasing_object(check::Engine& engine, check::Thread& thread, Call& call) noexcept {
  release_at(engine, thread, address_of(call.self));
}
void acquired_object(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result != nullptr) acquire_at(engine, thread, address_of(call.self));
}
void acquired_object_if_true(check::Engine& engine, check::Thread& thread, Call& call, PyObject* result) noexcept {
  if (result == Py_True) acquire_at(engine, thread, address_of(call.self));
}

}  // namespace

const Behaviour token_behaviours[] = {
    {"release", releasing, nullptr},
    {"release_always", releasing, nullptr, true},
    {"release_after", nullptr, released},
    {"acquire", nullptr, acquired},
    {"acquire_if_true", nullptr, acquired_if_true},
    {"acquire_if_false", nullptr, acquired_if_false},
    {"enter_round", nullptr, entered_round},
    {"open_round", acquire_before, released},
    {"release_object", releasing_object, nullptr},
    {"acquire_object", nullptr, acquired_object},
    {"acquire_object_if_true", nullptr, acquired_object_if_true},
    {"exchange_object", releasing_object, acquired_object},
    {nullptr, nullptr, nullptr},
};

int add_tokens(PyObject* checker) {
  if (usual_key == nullptr) usual_key = PyUnicode_InternFromString("_raddle_order");
  if (usual_key == nullptr) return -1;
  if (token_type == nullptr) token_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (token_type == nullptr) return -1;
  return PyObject_SetAttrString(checker, "Token", reinterpret_cast<PyObject*>(token_type));
}

}  // namespace raddle::python
