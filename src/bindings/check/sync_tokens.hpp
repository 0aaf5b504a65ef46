// Where the clocks of synchronisation objects are kept.
//
// Objects of classes written in Python (Event, Semaphore, Future, Thread ...) keep them in their own `__dict__`,
// as a Token: it ends with the object. Others (atomics, queues in C) have a place in a table by their address,
// which is given up when the object ends. A place is guarded by a lock that is held for a few steps, in which no
// Python runs.
#pragma once

#include "raddle/sync/raw_mutex.hpp"
#include "sync_behaviour.hpp"

namespace raddle::python {

class Elements;  // sync_elements.hpp
class Permits;   // sync_permits.hpp

// What is kept for an object.
struct Place {
  Place() noexcept = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

  check::ClocksRef clocks;
  Elements* elements = nullptr;
  Permits* permits = nullptr;
  std::uint64_t count = 0;  // of a barrier: who came
};

// The object `Token`, also for Python: release(), acquire().
struct Token {
  PyObject_HEAD RawMutex lock;
  Place place;
  // Of the thread that released last: who made a task, and where.
  check::ThreadNumber number;
  check::StackId stack;
};

// -1 with an exception set.
int add_tokens(PyObject* checker);
PyObject* make_token();
bool is_token(PyObject* object) noexcept;
inline Token& token_at(PyObject* object) noexcept { return *reinterpret_cast<Token*>(object); }

// The object's token under this key (null: the usual one); empty without an exception if it has none, has no
// `__dict__`, or memory is wanting.
Ref token_of(PyObject* object, PyObject* key, bool make) noexcept;

void release_into(check::Engine& engine, check::Thread& thread, Token& token) noexcept;
void acquire_from(check::Engine& engine, check::Thread& thread, Token& token) noexcept;
void add_to(check::Engine& engine, check::Thread& thread, Token& token, const check::ClocksRef& clocks) noexcept;
// From the token that call.self has under call.key, if any. Keeps the exception that is set.
void acquire_key(check::Engine& engine, check::Thread& thread, Call& call) noexcept;
// What the token has now.
check::ClocksRef clocks_in(Token& token) noexcept;

// The table by address.
namespace places {
constexpr std::size_t kShards = 256;
struct Entry {
  std::uintptr_t address;
  Entry* next;
  Place place{};
};
struct alignas(64) Shard {
  RawMutex lock;
  Entry** buckets = nullptr;
  std::size_t bucket_count = 0, count = 0;
};
Shard& shard_of(std::uintptr_t address) noexcept;
// With the shard's lock held. Null: there is none, or no memory.
Place* find(Shard& shard, std::uintptr_t address, bool make) noexcept;
// The object is gone.
void forget(std::uintptr_t address) noexcept;

// Runs work(Place&) with the place locked; false: there is none.
template <class Work>
bool with(std::uintptr_t address, bool make, Work work) noexcept {
  Shard& shard = shard_of(address);
  shard.lock.lock();
  Place* place = find(shard, address, make);
  if (place != nullptr) work(*place);
  shard.lock.unlock();
  return place != nullptr;
}
}  // namespace places

// With what is kept for the object: in its `__dict__` if it can have one, else in the table. False: there is none.
template <class Work>
bool with_place(PyObject* object, bool make, Work work) noexcept {
  if (Py_TYPE(object)->tp_dictoffset == 0 && (Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0)
    return places::with(address_of(object), make, work);
  const Ref found = token_of(object, nullptr, make);
  if (!found) return false;
  Token& token = token_at(found.get());
  token.lock.lock();
  work(token.place);
  token.lock.unlock();
  return true;
}

// For objects in C.
void release_at(check::Engine& engine, check::Thread& thread, std::uintptr_t address) noexcept;
void acquire_at(check::Engine& engine, check::Thread& thread, std::uintptr_t address) noexcept;

}  // namespace raddle::python
