// The class of what `locks(key)` returns.
#include "keyed_lock.hpp"
#include "locks.hpp"

namespace raddle::python {

namespace {

KeyGuardContent& content_of(PyObject* self) noexcept { return KeyGuardObject::of(self); }

PyKeyedMutex& keys_of(const KeyGuardContent& guard) noexcept { return KeyedLockObject::of(guard.lock).keys; }

PyKeyedMutex::Spot spot_of(const KeyGuardContent& guard) noexcept {
  return {guard.entry.load(order::relaxed), guard.serial.load(order::relaxed)};  // relaxed: see KeyGuardContent
}

Acquired take(PyObject* self, Deadline deadline) {
  KeyGuardContent& guard = content_of(self);
  PyKeyedMutex::Spot spot;
  const Acquired acquired = take_key(guard.lock, guard.key, guard.hash, deadline, self, spot);
  if (acquired != Acquired::yes) return acquired;
  const ThreadId me = this_thread_id();
  const bool again = guard.owner.load(order::relaxed) == me;
  guard.owner.store(me, order::relaxed);
  guard.depth.store(again ? guard.depth.load(order::relaxed) + 1 : 1, order::relaxed);
  guard.entry.store(spot.entry, order::relaxed);
  guard.serial.store(spot.serial, order::relaxed);
  return acquired;
}

bool give_back(PyObject* self) {
  KeyGuardContent& guard = content_of(self);
  if (guard.owner.load(order::relaxed) == this_thread_id()) {
    const std::uint64_t depth = guard.depth.load(order::relaxed);
    const PyKeyedMutex::Spot spot = spot_of(guard);
    guard.depth.store(depth - 1, order::relaxed);
    if (depth == 1) guard.owner.store(kNoThread, order::relaxed);
    if (keys_of(guard).release_at(guard.hash, spot)) return true;  // another thread may enter the guard now
  }
  raise_not_mine();
  return false;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(content_of(self).lock);
  Py_VISIT(content_of(self).key);
  return traverse_class_only(self, visit, arg);
}

SpareGuard* spare_of(PyObject* lock) noexcept {
  const ThreadSlot slot = slot_of(this_thread_id());
  return slot == kNoSlot ? nullptr : KeyedLockObject::of(lock).spares.find(slot);
}

// The memory stays with the lock, if there is room. The lock may end with the last line.
void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (reinterpret_cast<KeyGuardObject*>(self)->weak_references != nullptr) PyObject_ClearWeakRefs(self);
  PyObject *lock = content_of(self).lock, *key = content_of(self).key;
  content_of(self).~KeyGuardContent();
  SpareGuard* spare = kFreeThreaded ? spare_of(lock) : nullptr;
  if (spare != nullptr && spare->memory == nullptr) {
    spare->memory = self;
  } else {
    type->tp_free(self);
    Py_DECREF(type);
  }
  Py_DECREF(key);
  Py_DECREF(lock);
}

// In the memory of an earlier one, or null.
PyObject* make_in_spare(PyTypeObject* type, PyObject* lock, PyObject* key, Py_hash_t hash) {
  SpareGuard* spare = spare_of(lock);
  if (spare == nullptr || spare->memory == nullptr) return nullptr;
  PyObject* self = PyObject_Init(std::exchange(spare->memory, nullptr), type);
  Py_DECREF(type);  // the memory had one
  reinterpret_cast<KeyGuardObject*>(self)->weak_references = nullptr;
  ::new (static_cast<void*>(&content_of(self))) KeyGuardContent(lock, key, hash);
  PyObject_GC_Track(self);
  return self;
}

PyObject* enter(PyObject* self, PyObject*) {
  if (take(self, Deadline::never()) == Acquired::failed) return nullptr;
  Py_RETURN_TRUE;
}

PyObject* exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  if (!give_back(self)) return nullptr;
  Py_RETURN_NONE;
}

extern PyMethodDef methods[];

// The same, called through what bind_in_key_guards() binds. They take the functions from the table, where the race
// detector may have put others.
template <class Function>
Function current(PyMethodDef& method) noexcept {
  // relaxed: what is put there was made before it was ready to be called
  return reinterpret_cast<Function>(
      reinterpret_cast<void (*)()>(__atomic_load_n(&method.ml_meth, __ATOMIC_RELAXED)));
}
bool takes_no_keywords(PyObject* kwnames) {
  if (kwnames == nullptr || PyTuple_GET_SIZE(kwnames) == 0) return true;
  PyErr_SetString(PyExc_TypeError, "__enter__() and __exit__() of a key take no keyword arguments");
  return false;
}
PyObject* enter_bound(PyObject* method, PyObject* const*, std::size_t nargsf, PyObject* kwnames) {
  if (!takes_no_keywords(kwnames)) return nullptr;
  if (PyVectorcall_NARGS(nargsf) == 0) [[likely]]
    return current<PyCFunction>(methods[0])(object_of_bound(method), nullptr);
  PyErr_SetString(PyExc_TypeError, "__enter__() takes no arguments");
  return nullptr;
}
PyObject* exit_bound(PyObject* method, PyObject* const* args, std::size_t nargsf, PyObject* kwnames) {
  using Exit = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t);
  if (!takes_no_keywords(kwnames)) return nullptr;
  return current<Exit>(methods[1])(object_of_bound(method), args, PyVectorcall_NARGS(nargsf));
}

PyObject* repr(PyObject* self) {
  const KeyGuardContent& guard = content_of(self);
  return PyUnicode_FromFormat("<key %R of %R>", guard.key, guard.lock);
}

PyObject* taken_at(PyObject* self, void*) {
  const KeyGuardContent& guard = content_of(self);
  const auto* site = static_cast<const Site*>(keys_of(guard).noted(guard.hash, spot_of(guard)));
  if (site == nullptr) Py_RETURN_NONE;
  return Py_BuildValue("(ssi)", site->file, site->function, site->line);
}

// What a DeadlockError calls it.
PyObject* title(PyObject* self, void*) {
  const KeyGuardContent& guard = content_of(self);
  const Ref type(PyType_GetName(Py_TYPE(guard.lock)));
  PyObject* name = head_of(guard.lock).shown_name();
  const Ref named(!type             ? nullptr
                  : name != nullptr ? PyUnicode_FromFormat("%U %R", type.get(), name)
                                    : Py_NewRef(type.get()));
  if (!named) return nullptr;
  return PyUnicode_FromFormat("%U (%p), key %R", named.get(), static_cast<void*>(guard.lock), guard.key);
}

PyMethodDef methods[] = {
    {"__enter__", enter, METH_NOARGS, "__enter__($self, /)\n--\n\nTake the key; return True."},
    {"__exit__", as_method(exit), METH_FASTCALL, "__exit__($self, /, *args)\n--\n\nGive the key back."},
    RADDLE_REDUCE_METHOD,
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef getters[] = {{"_taken_at", taken_at, nullptr, nullptr, nullptr},
                         {"_title", title, nullptr, nullptr, nullptr},
                         {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A key of a KeyedLock: `with locks(key):` takes and returns it.")},
    {Py_tp_dealloc, as_slot(dealloc)},
    {Py_tp_traverse, as_slot(traverse)},
    {Py_tp_members, KeyGuardObject::members},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_tp_repr, as_slot(repr)},
    {0, nullptr}};

}  // namespace

PyType_Spec key_guard_spec = {
    "raddle._KeyGuard", sizeof(KeyGuardObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

PyObject* make_key_guard(PyObject* lock, PyObject* key, Py_hash_t hash) {
  KeyedLockContent& of = KeyedLockObject::of(lock);
  if (kFreeThreaded) {
    if (PyObject* self = make_in_spare(of.guard_type, lock, key, hash)) [[likely]]
      return self;
    if (const ThreadSlot slot = slot_of(this_thread_id()); slot != kNoSlot) of.spares.make(slot);  // or not
  }
  return KeyGuardObject::make(of.guard_type, lock, key, hash);
}

int bind_in_key_guards(PyTypeObject* type) {
  const std::size_t offset = offsetof(KeyGuardObject, content) + offsetof(KeyGuardContent, methods);
  return bind_in_objects(type, offset, enter_bound, exit_bound);
}

const NativeLock native_key_guard = {
    [](PyObject* guard) noexcept { return LockOrder{content_of(guard).lock, content_of(guard).hash}; }, take,
    give_back, true};

}  // namespace raddle::python
