// Where an attribute is kept: in the object, in its class, in a module, or nowhere that could be raced for.
//
// A data descriptor of C (a field of a struct) is no storage; slots are. What a property or a descriptor of the
// program does is not known here: it is a place of its own, for reads and writes that depend on each other. A
// class that has its own __getattribute__, or both __getattr__ and __setattr__ (a proxy, most of the time), and
// thread-local objects keep theirs where nobody knows.
//
// What was found for a class is kept in the probe's `cache`, one word, so that threads may read and replace it at
// any time: the class's version tag, which no two states of classes share, with what was found.
#pragma once

#include "probe.hpp"

namespace raddle::python {

enum class Storage : std::uint8_t {
  none,       // nothing to tell
  field,      // in the object, a slot or its dict; without it the attribute does not exist
  hooked,     // in the object; without it __getattr__ answers
  shadowing,  // in the object; without it there is a value in the class
  method,     // reads find a function or the like in the class; stores go to the object
  in_class,   // the object cannot have it: reads find the class's value
  of_type,    // the object is a class, and has it itself
  module,     // in the module's dict
  computed    // by a property or another descriptor made in Python
};

struct Resolved {
  Storage storage = Storage::none;
  check::GroupId group = 0;
};

namespace detail {
// cache: bits 0-26 group, 27-30 storage, 31: is the version that of the object itself (a class), 32-63 the
// version.
constexpr int kGroupBits = 27;
constexpr std::uint64_t kGroupMask = (std::uint64_t{1} << kGroupBits) - 1;
constexpr std::uint64_t kOwnVersion = std::uint64_t{1} << 31;
inline std::uint32_t version_of(const PyTypeObject* type) noexcept {
  // relaxed: a tag is never used again, so an old one finds nothing wrong
  return __atomic_load_n(&type->tp_version_tag, __ATOMIC_RELAXED);
}
Resolved resolve_slow(Probe& probe, PyObject* object) noexcept;
}  // namespace detail

inline Resolved resolve(Probe& probe, PyObject* object) noexcept {
  const std::uint64_t known = probe.cache.load(order::relaxed);  // relaxed: one word says it all
  const std::uint32_t version = detail::version_of(Py_TYPE(object));
  if (known >> 32 != version || version == 0 || (known & detail::kOwnVersion) != 0) [[unlikely]]
    return detail::resolve_slow(probe, object);
  return {static_cast<Storage>((known >> detail::kGroupBits) & 15),
          static_cast<check::GroupId>(known & detail::kGroupMask)};
}

// For names that are only known when they are used (getattr). `name` is an exact str. Nothing is kept.
Resolved resolve_name(PyObject* object, PyObject* name) noexcept;

// Has the object the attribute, where resolve() says that it is kept? For `shadowing`: has the object itself it?
bool has_attribute(PyObject* object, PyObject* name, Storage storage) noexcept;

// The class of the object (or the class that is the object, or a base of it) whose dict has the name. Null: none.
PyTypeObject* owner_of(PyTypeObject* type, PyObject* name) noexcept;

check::GroupId group_of(PyTypeObject* type, PyObject* name) noexcept;
check::GroupId group_of_variable(PyObject* module_name, PyObject* name) noexcept;
// The name alone, borrowed; null: there is none.
PyObject* name_in_group(check::GroupId group) noexcept;
// "Account.balance" for a report, a new reference; null without an exception where there is none.
PyObject* describe_group(check::GroupId group) noexcept;

// Finds out what the rest needs to know of the interpreter. -1 with an exception set.
int ready_resolution();

void lock_groups_for_fork() noexcept;
void unlock_groups_after_fork() noexcept;

}  // namespace raddle::python
