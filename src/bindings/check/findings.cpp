#include "findings.hpp"

#include <cinttypes>
#include <cstdio>

#include "interpreter.h"
#include "resolve.hpp"
#include "stacks.hpp"
#include "telling.hpp"

namespace raddle::python {

namespace {

constinit atomic<PyObject*> on_finding{nullptr};
constinit atomic<PyObject*> shown_objects{
    nullptr};  // by the id of a finding: how its object was described while it was alive

const char* kind_name(check::Kind kind) noexcept {
  constexpr const char* names[] = {"read",  "missed",      "write",         "create",      "remove",
                                   "clear", "append_like", "iterate_begin", "iterate_end", "advance"};
  return names[static_cast<int>(kind)];
}

const char* value_name(check::Value value) noexcept {
  constexpr const char* names[] = {nullptr, "None", "falsy", "immutable", "mutable"};
  return names[static_cast<int>(value)];
}

const char* guard_name(check::Guard guard) noexcept {
  constexpr const char* names[] = {nullptr,  "present", "absent",    "not_none", "is_none",
                                   "truthy", "falsy",   "non_empty", "empty"};
  return names[static_cast<int>(guard)];
}

const char* severity_name(check::Severity severity) noexcept {
  constexpr const char* names[] = {"note", "warning", "error"};
  return names[static_cast<int>(severity)];
}

// Builds dicts without a branch for each entry; the first failure is kept.
class Dict {
 public:
  Dict() : dict_(PyDict_New()), is_good_(static_cast<bool>(dict_)) {}

  void put(const char* key, PyObject* owned) {
    const Ref value(owned);
    if (is_good_) is_good_ = value && PyDict_SetItemString(dict_.get(), key, value.get()) == 0;
  }
  void put(const char* key, const char* text) {
    put(key, text == nullptr ? Py_NewRef(Py_None) : PyUnicode_FromString(text));
  }
  void put(const char* key, std::uint64_t number) { put(key, PyLong_FromUnsignedLongLong(number)); }
  PyObject* release() { return is_good_ ? dict_.release() : nullptr; }

 private:
  Ref dict_;
  bool is_good_;
};

// "a lock" and its address: told apart, and the report finds what the source calls it.
PyObject* describe_lock(const check::HeldLock& lock) {
  Dict dict;
  char name[48];
  std::snprintf(name, sizeof name, "lock at 0x%" PRIxPTR, lock.lock);
  dict.put("name", name);
  dict.put("shared", PyBool_FromLong(lock.shared));
  dict.put("stack", describe_stack(lock.taken_at));
  return dict.release();
}

template <class Item, class Describe>
PyObject* describe_all(const std::vector<Item>& items, Describe describe) {
  Ref list(PyList_New(0));
  for (const Item& item : items) {
    const Ref described(list ? describe(item) : nullptr);
    if (!described || PyList_Append(list.get(), described.get()) < 0) return nullptr;
  }
  return list.release();
}

PyObject* describe_access(const check::FoundAccess& access) {
  Dict dict;
  const Probe* const probe = find_probe(access.site);
  if (probe != nullptr) {
    dict.put("site_file", Py_NewRef(probe->text->file));
    dict.put("expression", Py_NewRef(probe->text->expression));
    dict.put("line", PyLong_FromLong(probe->text->line));
    dict.put("column", PyLong_FromLong(probe->text->column));
    dict.put("end_line", PyLong_FromLong(probe->text->end_line));
    dict.put("end_column", PyLong_FromLong(probe->text->end_column));
  }
  dict.put("kind", kind_name(access.kind));
  dict.put("value", value_name(access.value));
  dict.put("guard", guard_name(access.guard));
  dict.put("stack", describe_stack(access.stack));
  dict.put("locks", describe_all(access.locks, describe_lock));
  return dict.release();
}

PyObject* describe_side(const check::FoundSide& side) {
  Dict dict;
  dict.put("thread", std::uint64_t{side.thread});
  dict.put("thread_name", PyUnicode_DecodeUTF8(side.thread_name.data(),
                                               static_cast<Py_ssize_t>(side.thread_name.size()), "replace"));
  dict.put("thread_created", describe_stack(side.created_at));
  dict.put("accesses", describe_all(side.accesses, describe_access));
  return dict.release();
}

// An attribute by which people tell objects apart, if it is a plain str or int in the object's own dict.
PyObject* describe_object(PyObject* object) {
  const Ref type(PyType_Check(object) ? PyType_GetName(reinterpret_cast<PyTypeObject*>(object))
                                      : PyType_GetName(Py_TYPE(object)));
  if (!type || PyType_Check(object)) return type ? Py_NewRef(type.get()) : nullptr;
  for (const char* const name : {"name", "id", "key", "title"}) {
    const Ref attribute(PyUnicode_InternFromString(name));
    if (!attribute) return nullptr;
    const Storage storage = resolve_name(object, attribute.get()).storage;
    if (storage != Storage::field || !has_attribute(object, attribute.get(), storage)) continue;
    const Ref value(_PyObject_GenericGetAttrWithDict(object, attribute.get(), nullptr, 1));
    if (value && (PyUnicode_CheckExact(value.get()) || PyLong_CheckExact(value.get())))
      return PyUnicode_FromFormat("<%U %s=%R>", type.get(), name, value.get());
    PyErr_Clear();
  }
  return PyUnicode_FromFormat("%U", type.get());
}

const char* location_kind(const check::Finding& finding, const Probe* probe) noexcept {
  if (finding.where.key == check::kStructure) return "structure";
  if (finding.where.key == check::kIterator) return "iterator";
  if (finding.where.key == check::kCell) return "cell";
  if (probe == nullptr) return "item";
  const Op op = probe->op;
  if (op >= Op::global_read && op <= Op::global_update_begin) return "global";
  if (op >= Op::item_read && op <= Op::result) return "item";
  if (op == Op::update_end && probe->partner != nullptr) return location_kind(finding, probe->partner);
  return "attribute";
}

const Probe* first_probe(const check::Finding& finding) noexcept {
  for (const check::FoundSide& side : finding.sides)
    for (const check::FoundAccess& access : side.accesses)
      if (const Probe* const probe = find_probe(access.site); probe != nullptr) return probe;
  return nullptr;
}

// What the finding is about is alive only while it is new.
PyObject* describe_object_of(const check::Finding& finding, PyObject* object) {
  PyObject* const shown = shown_objects.load(order::acquire);  // acquire, pairs with set_on_finding()
  const Ref id(PyLong_FromUnsignedLong(finding.id));
  const Ref now(object != nullptr ? describe_object(object) : Py_NewRef(Py_None));
  if (!id || !now) return nullptr;
  // Entries are never replaced, so what is borrowed stays.
  PyObject* const first =
      object != nullptr ? PyDict_SetDefault(shown, id.get(), now.get()) : PyDict_GetItemWithError(shown, id.get());
  if (first == nullptr && PyErr_Occurred() != nullptr) return nullptr;
  return Py_NewRef(first != nullptr ? first : Py_None);
}

PyObject* describe_location(const check::Finding& finding, PyObject* object) {
  Dict dict;
  const Probe* const probe = first_probe(finding);
  const char* const kind = location_kind(finding, probe);
  dict.put("kind", kind);
  PyObject* const group = describe_group(finding.group);
  dict.put("group", group != nullptr ? group : Py_NewRef(Py_None));
  const Probe* const named = probe != nullptr && probe->op == Op::update_end ? probe->partner : probe;
  const bool has_name = named != nullptr && kind[0] != 's' && kind[0] != 'i';
  PyObject* name = has_name ? named->text->name : Py_None;
  // A name that was given when it ran.
  if (has_name && name == Py_None && name_in_group(finding.group) != nullptr) name = name_in_group(finding.group);
  dict.put("name", Py_NewRef(name));
  dict.put("object", describe_object_of(finding, object));
  dict.put("expression", Py_NewRef(named != nullptr ? named->text->expression : Py_None));
  return dict.release();
}

PyObject* describe_guard(const check::Finding& finding) {
  if (finding.guard_lock == 0) return Py_NewRef(Py_None);
  Dict dict;
  check::HeldLock lock;
  lock.lock = finding.guard_lock;
  for (const check::FoundSide& side : finding.sides)
    for (const check::FoundAccess& access : side.accesses)
      for (const check::HeldLock& held : access.locks)
        if (held.lock == finding.guard_lock) lock = held;
  dict.put("lock", describe_lock(lock));
  dict.put("held", finding.guarded);
  dict.put("of", finding.total);
  return dict.release();
}

void call_back(const check::Finding& finding, PyObject* object) {
  PyObject* const callable = on_finding.load(order::acquire);  // acquire, pairs with set_on_finding()
  if (callable == nullptr) return;
  const Ref described(describe_finding(finding, object));
  const Ref answer(described ? PyObject_CallOneArg(callable, described.get()) : nullptr);
  if (!answer) PyErr_WriteUnraisable(callable);
}

}  // namespace

// What was there before is kept, like the engine that it belongs to: a late thread may be about to call it.
int set_on_finding(PyObject* callable) {
  PyObject* const shown = PyDict_New();
  if (shown == nullptr) return -1;
  shown_objects.store(shown, order::release);  // release, pairs with the loads: what they point to is there
  on_finding.store(Py_XNewRef(callable), order::release);
  return 0;
}

PyObject* describe_finding(const check::Finding& finding, PyObject* object) {
  Dict dict;
  char rule[16];
  std::snprintf(rule, sizeof rule, "RD%d", check::number_of(finding.rule));
  dict.put("rule", rule);
  dict.put("id", std::uint64_t{finding.id});
  dict.put("severity", severity_name(finding.severity));
  dict.put("evidence", finding.evidence == check::Evidence::happened ? "happened" : "can happen");
  dict.put("count", finding.count);
  dict.put("location", describe_location(finding, object));
  dict.put("expects", guard_name(finding.guard));
  dict.put("guard", describe_guard(finding));
  Ref sides(PyList_New(0));
  for (const check::FoundSide& side : finding.sides) {
    const Ref described(sides ? describe_side(side) : nullptr);
    if (!described || PyList_Append(sides.get(), described.get()) < 0) return nullptr;
  }
  dict.put("sides", sides.release());
  return dict.release();
}

PyObject* describe_summary(const check::Summary& summary) {
  Dict dict;
  dict.put("cells", summary.cells);
  dict.put("evicted", summary.evicted);
  dict.put("bytes", summary.bytes);
  dict.put("threads", summary.threads);
  dict.put("unwatched", summary.unwatched);
  dict.put("dropped", summary.dropped);
  dict.put("findings", summary.findings);
  return dict.release();
}

// Probes of this thread are off meanwhile: what runs is the checker's code, and it may run the program's.
void deliver_findings(check::Engine& engine, check::Thread& thread, PyObject* object) noexcept {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  ++detail::this_checked_thread.off;
  const std::vector<check::Finding> found = engine.take_findings(thread);
  for (const check::Finding& finding : found) {
    const bool is_of_object = object != nullptr && finding.where.object == address(object);
    call_back(finding, is_of_object ? object : nullptr);
  }
  --detail::this_checked_thread.off;
  PyErr_Restore(type, value, traceback);
}

}  // namespace raddle::python
