#include "lifetimes.hpp"

#include <cstring>
#include <utility>

#include "current.hpp"
#include "handoffs.hpp"
#include "interner.hpp"

namespace raddle::python {

namespace {

// A wrapper is a function without data of its own, so there is one for each place in a table of originals.
// Originals are written before the wrapper is put anywhere, and never change.
constexpr int kDeallocators = 48, kFinalizers = 16;

constinit SpinLock registration;
destructor original_deallocs[kDeallocators];
destructor original_finalizers[kFinalizers];
int dealloc_count = 0, finalizer_count = 0;
destructor class_dealloc;  // of all classes made by `class`

void tell_end(PyObject* object) noexcept {
  check::Engine* const engine = engine_in_use();
  if (engine == nullptr) return;
  engine->retire(reinterpret_cast<std::uintptr_t>(object));
  forget_handoffs(object);
}

template <int N>
void plain_dealloc(PyObject* object) {
  tell_end(object);
  original_deallocs[N](object);
}

// Types whose deallocator keeps deep nesting off the C stack with the help of the "trashcan", which before 3.14
// only works for the function that the type names: so the wrapper does it in the original's place.
#if PY_VERSION_HEX < 0x030E0000
template <int N>
void nesting_dealloc(PyObject* object) {
  PyObject_GC_UnTrack(object);
  Py_TRASHCAN_BEGIN(object, nesting_dealloc<N>) tell_end(object);
  original_deallocs[N](object);
  Py_TRASHCAN_END
}
#else
template <int N>
void nesting_dealloc(PyObject* object) {
  plain_dealloc<N>(object);
}
#endif

template <int N>
void finalizer(PyObject* object) {
  if (original_finalizers[N] != nullptr) original_finalizers[N](object);
  tell_end(object);
}

struct Wrappers {
  destructor plain[kDeallocators];
  destructor nesting[kDeallocators];
  destructor finalizers[kFinalizers];
};

template <int... D, int... F>
constexpr Wrappers make_wrappers(std::integer_sequence<int, D...>, std::integer_sequence<int, F...>) {
  return {{plain_dealloc<D>...}, {nesting_dealloc<D>...}, {finalizer<F>...}};
}
constexpr Wrappers wrappers = make_wrappers(std::make_integer_sequence<int, kDeallocators>{},
                                            std::make_integer_sequence<int, kFinalizers>{});

bool is_wrapped(destructor dealloc) noexcept {
  for (int i = 0; i < dealloc_count; ++i)
    if (dealloc == wrappers.plain[i] || dealloc == wrappers.nesting[i]) return true;
  return false;
}

bool is_wrapped_finalizer(destructor finalize) noexcept {
  for (int i = 0; i < finalizer_count; ++i)
    if (finalize == wrappers.finalizers[i]) return true;
  return false;
}

// Slots of types are read by all threads without a lock: one word, written as one.
void put(destructor& slot, destructor function) noexcept { __atomic_store_n(&slot, function, __ATOMIC_RELEASE); }

// With the lock held.
bool wrap_dealloc(PyTypeObject* type, bool may_nest) noexcept {
  if (is_wrapped(type->tp_dealloc)) return true;
  if (dealloc_count == kDeallocators) return false;
  const int place = dealloc_count;
  original_deallocs[place] = type->tp_dealloc;
  dealloc_count = place + 1;
  put(type->tp_dealloc, (may_nest ? wrappers.nesting : wrappers.plain)[place]);
  return true;
}

bool wrap_finalizer(PyTypeObject* type) noexcept {
  const destructor original = type->tp_finalize;
  if (is_wrapped_finalizer(original)) return true;
  int place = 0;
  while (place < finalizer_count && original_finalizers[place] != original) ++place;
  if (place == kFinalizers) return false;
  if (place == finalizer_count) {
    original_finalizers[place] = original;
    finalizer_count = place + 1;
  }
  put(type->tp_finalize, wrappers.finalizers[place]);
  return true;
}

// Builtin types beside the containers whose objects have attributes, or are iterators.
bool is_known_type(PyTypeObject* type) noexcept {
  static PyTypeObject* const known[] = {
      &PyType_Type,     &PyFunction_Type,    &PyCell_Type,          &PyGen_Type,
      &PyMap_Type,      &PyZip_Type,         &PyFilter_Type,        &PyEnum_Type,
      &PyListIter_Type, &PyTupleIter_Type,   &PyRangeIter_Type,     &PyReversed_Type,
      &PySeqIter_Type,  &PyDictIterKey_Type, &PyDictIterValue_Type, &PyDictIterItem_Type};
  for (PyTypeObject* const one : known)
    if (one == type) return true;
  return std::strcmp(type->tp_name, "types.SimpleNamespace") == 0;
}

// Adds the type that the module has under this name.
int wrap_named(const char* module_name, const char* name) {
  const Ref module(PyImport_ImportModule(module_name));
  const Ref type(module ? PyObject_GetAttrString(module.get(), name) : nullptr);
  if (!type) return -1;
  const SpinGuard guard(registration);
  auto* const found = reinterpret_cast<PyTypeObject*>(type.get());
  return found->tp_dealloc == class_dealloc || wrap_dealloc(found, false) ? 0 : -1;
}

// What a class is given for a deallocator.
int find_class_dealloc() {
  static PyType_Slot slots[] = {{0, nullptr}};
  static PyType_Spec spec = {"raddle._raddle.checker.Probed", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
  const Ref type(PyType_FromSpec(&spec));
  if (!type) return -1;
  class_dealloc = reinterpret_cast<PyTypeObject*>(type.get())->tp_dealloc;
  return 0;
}

}  // namespace

bool watch_ends(PyTypeObject* type) noexcept {
  const SpinGuard guard(registration);
  if (type->tp_dealloc == class_dealloc) return wrap_finalizer(type);
  if (is_wrapped(type->tp_dealloc)) return true;
  return is_known_type(type) && wrap_dealloc(type, type == &PyFilter_Type);
}

int ready_lifetimes() {
  if (class_dealloc != nullptr) return 0;
  if (find_class_dealloc() < 0) return -1;
  {
    const SpinGuard guard(registration);
    for (PyTypeObject* const type : {&PyList_Type, &PyDict_Type, &PySet_Type, &PyODict_Type})
      wrap_dealloc(type, true);
    for (PyTypeObject* const type : {&PyByteArray_Type, &PyCell_Type}) wrap_dealloc(type, false);
  }
  if (wrap_named("collections", "deque") < 0 || wrap_named("collections", "defaultdict") < 0) return -1;
  return wrap_named("array", "array");
}

void lock_lifetimes_for_fork() noexcept { registration.lock(); }
void unlock_lifetimes_after_fork() noexcept { registration.unlock(); }

}  // namespace raddle::python
