#include "resolve.hpp"

#include "interner.hpp"
#include "interpreter.h"
#include "keys.hpp"
#include "lifetimes.hpp"

namespace raddle::python {

namespace {

// Interned strings, which live for ever: classes may not be kept alive, so those of one qualified name are one
// here.
struct Group {
  PyObject* owner;  // the qualified name of a class, or the name of a module
  PyObject* name;
};
constinit Interner<Group> groups;

// Interned names, and what the base of all classes has under one of them.
struct Known {
  PyObject* getattribute_name;
  PyObject* getattr_name;
  PyObject* plain_getattribute;
  PyTypeObject* thread_local_type;
};
constinit Known known_things{};

// The attribute of the class, as the interpreter finds it. Calls nothing; assigns the class a version tag.
Ref look_up(PyTypeObject* type, PyObject* name) noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  return Ref(_PyType_LookupRef(type, name));
#else
  return Ref(Py_XNewRef(_PyType_Lookup(type, name)));
#endif
}

bool has_dict(const PyTypeObject* type) noexcept {
#if PY_VERSION_HEX >= 0x030C0000
  if ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0) return true;
#endif
  return type->tp_dictoffset != 0;
}

bool is_slot(PyObject* descriptor) noexcept {
  if (!Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) return false;
  const int kind = reinterpret_cast<PyMemberDescrObject*>(descriptor)->d_member->type;
  return kind == T_OBJECT_EX || kind == T_OBJECT;
}

bool is_made_in_python(const PyTypeObject* descriptor) noexcept {
  return descriptor == &PyProperty_Type || (descriptor->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0;
}

enum class Hooks { none, getattr, unknown };

Hooks hooks_of(PyTypeObject* type) noexcept {
  if (type->tp_getattro == PyObject_GenericGetAttr) return Hooks::none;
  const Ref getattribute = look_up(type, known_things.getattribute_name);
  if (getattribute.get() != known_things.plain_getattribute) return Hooks::unknown;
  if (!look_up(type, known_things.getattr_name)) return Hooks::none;
  return type->tp_setattro == PyObject_GenericSetAttr ? Hooks::getattr : Hooks::unknown;
}

Storage of_instance(PyTypeObject* type, PyObject* name) noexcept {
  if (PyType_IsSubtype(type, known_things.thread_local_type)) return Storage::none;
  const Hooks hooks = hooks_of(type);
  if (hooks == Hooks::unknown) return Storage::none;
  const Ref found = look_up(type, name);
  if (!found) {
    if (!has_dict(type)) return Storage::none;
    return hooks == Hooks::getattr ? Storage::hooked : Storage::field;
  }
  if (is_slot(found.get())) return hooks == Hooks::getattr ? Storage::hooked : Storage::field;
  PyTypeObject* const kind = Py_TYPE(found.get());
  if (kind->tp_descr_set != nullptr) return is_made_in_python(kind) ? Storage::computed : Storage::none;
  if (kind->tp_descr_get != nullptr) return has_dict(type) ? Storage::method : Storage::none;
  return has_dict(type) ? Storage::shadowing : Storage::in_class;
}

Storage of_class(PyTypeObject* type, PyObject* name) noexcept {
  if (const Ref found = look_up(Py_TYPE(type), name); found && Py_TYPE(found.get())->tp_descr_set != nullptr)
    return Storage::none;
  const Ref found = look_up(type, name);
  // A function, a property, a slot: a store replaces it, a read is a call most of the time.
  if (found && Py_TYPE(found.get())->tp_descr_get != nullptr) return Storage::method;
  return Storage::of_type;
}

Resolved find(PyObject* object, PyObject* name) noexcept {
  PyTypeObject* const type = Py_TYPE(object);
  if (PyModule_Check(object)) return {Storage::module, 0};
  const bool is_class = PyType_Check(object);
  PyTypeObject* const holder = is_class ? reinterpret_cast<PyTypeObject*>(object) : type;
  const Storage storage = is_class ? of_class(holder, name) : of_instance(type, name);
  if (storage == Storage::none) return {};
  if (!watch_ends(type)) return {};
  // What the class itself has is told as the class's.
  if (storage == Storage::in_class && !watch_ends(Py_TYPE(type))) return {};
  return {storage, group_of(holder, name)};
}

}  // namespace

namespace detail {

Resolved resolve_slow(Probe& probe, PyObject* object) noexcept {
  // Of a class only what `type` itself does with it is kept: a class of classes may change without its classes.
  const bool is_class = Py_TYPE(object) == &PyType_Type;
  const PyTypeObject* const type = is_class ? reinterpret_cast<PyTypeObject*>(object) : Py_TYPE(object);
  const std::uint32_t version = version_of(type);
  if (is_class) {
    const std::uint64_t known = probe.cache.load(order::relaxed);  // relaxed: as in resolve()
    if (known >> 32 == version && version != 0 && (known & kOwnVersion) != 0)
      return {static_cast<Storage>((known >> kGroupBits) & 15), static_cast<check::GroupId>(known & kGroupMask)};
  }
  const Resolved found = find(object, probe.name);
  const bool is_kept = version != 0 && version == version_of(type) && (is_class || !PyType_Check(object));
  if (is_kept && found.group <= kGroupMask) {
    const std::uint64_t word = (std::uint64_t{version} << 32) | (is_class ? kOwnVersion : 0) |
                               (static_cast<std::uint64_t>(found.storage) << kGroupBits) | found.group;
    probe.cache.store(word, order::relaxed);  // relaxed: as in resolve()
  }
  return found;
}

}  // namespace detail

Resolved resolve_name(PyObject* object, PyObject* name) noexcept { return find(object, name); }

namespace {

// What the object itself has, when its class has the same value: only its dict can tell.
bool has_in_dict(PyObject* object, PyObject* name) noexcept {
  const Ref dict(PyObject_GenericGetDict(object, nullptr));
  if (!dict) {
    PyErr_Clear();
    return false;
  }
  return PyDict_Check(dict.get()) && raddle_dict_has(dict.get(), name) == 1;
}

}  // namespace

bool has_attribute(PyObject* object, PyObject* name, Storage storage) noexcept {
  if (storage == Storage::module) return raddle_dict_has(PyModule_GetDict(object), name) != 0;
  if (storage == Storage::of_type) {
    return owner_of(reinterpret_cast<PyTypeObject*>(object), name) != nullptr;
  }
  if (storage == Storage::method) return has_in_dict(object, name);
  const Ref found(_PyObject_GenericGetAttrWithDict(object, name, nullptr, 1));
  if (!found) {
    PyErr_Clear();
    return false;
  }
  if (storage != Storage::shadowing) return true;
  const Ref of_class = look_up(Py_TYPE(object), name);
  return found.get() != of_class.get() || has_in_dict(object, name);
}

PyTypeObject* owner_of(PyTypeObject* type, PyObject* name) noexcept {
  const Ref bases(Py_XNewRef(type->tp_mro));
  if (!bases) return nullptr;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases.get()); ++i) {
    auto* const base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(bases.get(), i));
#if PY_VERSION_HEX >= 0x030C0000
    const Ref dict(PyType_GetDict(base));
#else
    const Ref dict(Py_XNewRef(base->tp_dict));
#endif
    if (dict && raddle_dict_has(dict.get(), name) == 1) return base;
  }
  return nullptr;
}

namespace {

check::GroupId number_of(const Group& group) noexcept {
  Interner<Group>::Found found;
  {
    const SpinGuard guard(groups.lock());
    found = groups.find_or_add(group);
  }
  if (found.is_new) {
    Py_INCREF(group.owner);
    Py_INCREF(group.name);
  }
  return found.id;
}

}  // namespace

check::GroupId group_of(PyTypeObject* type, PyObject* name) noexcept {
  PyObject* owner = PyType_GetQualName(type);
  if (owner == nullptr) return PyErr_Clear(), 0;
  PyUnicode_InternInPlace(&owner);
  const Ref kept(owner);
  return number_of({owner, name});
}

check::GroupId group_of_variable(PyObject* module_name, PyObject* name) noexcept {
  PyObject* owner = Py_NewRef(module_name);
  PyUnicode_InternInPlace(&owner);
  const Ref kept(owner);
  return number_of({owner, name});
}

PyObject* name_in_group(check::GroupId group) noexcept { return group == 0 ? nullptr : groups.at(group).name; }

PyObject* describe_group(check::GroupId group) noexcept {
  if (group == 0) return nullptr;
  const Group& found = groups.at(group);
  const Py_ssize_t length = PyUnicode_GET_LENGTH(found.owner);
  const Py_ssize_t dot = PyUnicode_FindChar(found.owner, '.', 0, length, -1);
  const Ref owner(PyUnicode_Substring(found.owner, dot + 1, length));
  PyObject* const text = owner ? PyUnicode_FromFormat("%U.%U", owner.get(), found.name) : nullptr;
  if (text == nullptr) PyErr_Clear();
  return text;
}

int ready_resolution() {
  if (known_things.thread_local_type != nullptr) return 0;
  known_things.getattribute_name = PyUnicode_InternFromString("__getattribute__");
  known_things.getattr_name = PyUnicode_InternFromString("__getattr__");
  if (known_things.getattribute_name == nullptr || known_things.getattr_name == nullptr) return -1;
  known_things.plain_getattribute = look_up(&PyBaseObject_Type, known_things.getattribute_name).release();
  const Ref module(PyImport_ImportModule("_thread"));
  if (!module) return -1;
  known_things.thread_local_type = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(module.get(), "_local"));
  return known_things.thread_local_type == nullptr ? -1 : 0;
}

void lock_groups_for_fork() noexcept { groups.lock().lock(); }
void unlock_groups_after_fork() noexcept { groups.lock().unlock(); }

}  // namespace raddle::python
