// Makes probes of what the rewriter says of a module.
#include <cstdlib>
#include <cstring>

#include "containers.hpp"
#include "interner.hpp"
#include "keys.hpp"
#include "resolve.hpp"

namespace raddle::python {

namespace {

// All probes by their number. Chunks are never moved; a chunk's entry is written before its number is given out.
constexpr unsigned kChunkBits = 12, kChunks = 4096;
constinit SpinLock numbering;
atomic<Probe*>* chunks[kChunks];
std::uint32_t probe_count = 0;

check::SiteId number_probe(Probe& probe) noexcept {
  const SpinGuard guard(numbering);
  const std::uint32_t id = probe_count + 1;
  if ((id >> kChunkBits) >= kChunks) return 0;
  atomic<Probe*>*& chunk = chunks[id >> kChunkBits];
  if (chunk == nullptr)
    chunk = static_cast<atomic<Probe*>*>(std::calloc(std::size_t{1} << kChunkBits, sizeof(atomic<Probe*>)));
  if (chunk == nullptr) return 0;
  // release, pairs with find_probe()
  chunk[id & ((1U << kChunkBits) - 1)].store(&probe, order::release);
  probe_count = id;
  return id;
}

PyTypeObject probe_type = [] {
  PyTypeObject type{};
  type.tp_name = "raddle._raddle.checker.Probe";
  type.tp_basicsize = sizeof(Probe);
  type.tp_vectorcall_offset = offsetof(Probe, call);
  type.tp_call = PyVectorcall_Call;
  type.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                  Py_TPFLAGS_IMMUTABLETYPE;
  type.tp_doc = "What rewritten code calls beside one of its operations.";
  return type;
}();

// Nobody counts its references any more. Of an object that no other thread has seen yet.
void make_immortal(PyObject* object) noexcept {
#if defined(Py_GIL_DISABLED)
  object->ob_tid = 0;
  object->ob_ref_local = _Py_IMMORTAL_REFCNT_LOCAL;
  object->ob_ref_shared = 0;
#elif PY_VERSION_HEX >= 0x030E0000
  object->ob_refcnt = _Py_IMMORTAL_INITIAL_REFCNT;
#elif PY_VERSION_HEX >= 0x030C0000
  object->ob_refcnt = _Py_IMMORTAL_REFCNT;
#else
  Py_SET_REFCNT(object, PY_SSIZE_T_MAX / 4);
#endif
}

// The text of one specification.
struct Spec {
  int op, line, column, end_line, end_column, flags, guards_as;
  PyObject *name, *expression, *links, *extra;
};

bool read_spec(PyObject* spec, Spec& read) {
  if (!PyTuple_Check(spec)) {
    PyErr_SetString(PyExc_TypeError, "a specification of a site is a tuple");
    return false;
  }
  return PyArg_ParseTuple(spec, "iOiiiiUiiO!O:site", &read.op, &read.name, &read.line, &read.column,
                          &read.end_line, &read.end_column, &read.expression, &read.flags, &read.guards_as,
                          &PyTuple_Type, &read.links, &read.extra) != 0;
}

bool is_method(Op op) noexcept { return op == Op::method || op == Op::method_key || op == Op::method_object; }
bool is_update(Op op) noexcept {
  return op == Op::attr_update || op == Op::item_update || op == Op::global_update || op == Op::cell_update;
}

// Everything of a probe that is about itself alone. Null with an exception set.
Probe* make_probe(PyObject* file, PyObject* globals, const Spec& spec) {
  const Op op = static_cast<Op>(spec.op);
  if (spec.op <= 0 || spec.op >= kOpCount || handler_of(op) == nullptr) {
    PyErr_Format(PyExc_ValueError, "%d is no operation", spec.op);
    return nullptr;
  }
  auto* const probe = static_cast<Probe*>(std::calloc(1, sizeof(Probe)));
  auto* const text = static_cast<SiteText*>(std::calloc(1, sizeof(SiteText)));
  if (probe == nullptr || text == nullptr) {
    std::free(probe);
    std::free(text);
    PyErr_NoMemory();
    return nullptr;
  }
  PyObject* name = Py_NewRef(spec.name);
  if (PyUnicode_CheckExact(name)) PyUnicode_InternInPlace(&name);
  *text = {Py_NewRef(file), Py_NewRef(spec.expression), name, spec.line, spec.column, spec.end_line,
           spec.end_column};
  PyObject_Init(reinterpret_cast<PyObject*>(probe), &probe_type);
  make_immortal(reinterpret_cast<PyObject*>(probe));
  probe->call = handler_of(op);
  probe->op = op;
  probe->acts_as = op;
  probe->text = text;
  probe->flags = static_cast<std::uint32_t>(spec.flags);
  probe->globals = Py_NewRef(globals);
  probe->access.value = static_cast<check::Value>(spec.flags & static_cast<int>(kValueMask));
  probe->access.guards_as = static_cast<check::Guard>(spec.guards_as);
  if (PyUnicode_CheckExact(name)) {
    probe->name = name;
    probe->key = key_of_name(name);
  }
  probe->access.site = number_probe(*probe);
  return probe;
}

Probe* probe_in(PyObject* probes, PyObject* index) {
  const Py_ssize_t at = PyNumber_AsSsize_t(index, PyExc_IndexError);
  if (at == -1 && PyErr_Occurred() != nullptr) return nullptr;
  if (at < 0 || at >= PyList_GET_SIZE(probes)) {
    PyErr_Format(PyExc_IndexError, "there is no site %zd", at);
    return nullptr;
  }
  return &probe_at(PyList_GET_ITEM(probes, at));
}

bool needs_partner(Op op) noexcept {
  return op == Op::update_end || op == Op::item_key || op == Op::contains_in || op == Op::result ||
         op == Op::iter_end || op == Op::value;
}

// `extra`: another site of the list, for ITEM_KEY with an operation.
bool link_partner(PyObject* probes, Probe& probe, PyObject* extra) {
  PyObject* site = extra;
  if (probe.op == Op::item_key) {
    int acts_as = 0;
    if (!PyTuple_Check(extra) || !PyArg_ParseTuple(extra, "Oi:item_key", &site, &acts_as)) {
      if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_TypeError, "ITEM_KEY wants (site, operation)");
      return false;
    }
    probe.acts_as = static_cast<Op>(acts_as);
  }
  if (site != Py_None && (needs_partner(probe.op) || probe.op == Op::method_key)) {
    probe.partner = probe_in(probes, site);
    if (probe.partner == nullptr) return false;
    if (probe.op == Op::result) probe.partner->has_result = true;
    if (probe.op == Op::value) probe.partner->takes_value = true;
  }
  if (probe.partner == nullptr && needs_partner(probe.op)) {
    PyErr_Format(PyExc_ValueError, "a site of operation %d names no other site", static_cast<int>(probe.op));
    return false;
  }
  return true;
}

// The links of an act, and of an update the one to its own read.
bool link_reads(PyObject* probes, Probe& probe, PyObject* links) {
  const Py_ssize_t count = PyTuple_GET_SIZE(links);
  const Probe* own = is_update(probe.op) || (probe.op == Op::item_key && is_update(probe.acts_as)) ? &probe
                     : probe.op == Op::update_end                                                  ? probe.partner
                                                                                                   : nullptr;
  if (count == 0 && own == nullptr) return true;
  if (count > 200) {
    PyErr_SetString(PyExc_ValueError, "a site has too many links");
    return false;
  }
  auto* const made =
      static_cast<check::PairLink*>(std::calloc(static_cast<std::size_t>(count) + 1, sizeof(check::PairLink)));
  if (made == nullptr) return PyErr_NoMemory(), false;
  std::uint8_t used = 0;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* from;
    int type, expects;
    if (!PyArg_ParseTuple(PyTuple_GET_ITEM(links, i), "Oii:link", &from, &type, &expects)) return false;
    Probe* const read = probe_in(probes, from);
    if (read == nullptr) return false;
    read->access.starts_pair = true;
    if (read == own && static_cast<check::Link>(type) == check::Link::data) continue;
    made[used++] = {read->access.site, static_cast<check::Link>(type), static_cast<check::Guard>(expects)};
  }
  if (own != nullptr) made[used++] = {own->access.site, check::Link::data, check::Guard::none};
  probe.access.links = made;
  probe.access.link_count = used;
  return true;
}

void finish_probe(Probe& probe, PyObject* module_name) {
  if (is_method(probe.op) && probe.name != nullptr) probe.method = method_number(PyUnicode_AsUTF8(probe.name));
  const bool is_variable = probe.op >= Op::global_read && probe.op <= Op::cell_update_begin;
  if (is_variable && probe.name != nullptr) probe.access.group = group_of_variable(module_name, probe.name);
}

}  // namespace

const Probe* find_probe(check::SiteId site) noexcept {
  if ((site >> kChunkBits) >= kChunks || chunks[site >> kChunkBits] == nullptr) return nullptr;
  // acquire, pairs with number_probe()
  return chunks[site >> kChunkBits][site & ((1U << kChunkBits) - 1)].load(order::acquire);
}

int ready_probe_type() {
  if (PyType_Ready(&probe_type) < 0) return -1;
  make_immortal(reinterpret_cast<PyObject*>(&probe_type));
  return 0;
}

PyObject* make_sites(PyObject*, PyObject* args) {
  PyObject *file, *globals, *specs;
  if (!PyArg_ParseTuple(args, "UO!O!:sites", &file, &PyDict_Type, &globals, &PyList_Type, &specs)) return nullptr;
  const Py_ssize_t count = PyList_GET_SIZE(specs);
  Ref probes(PyList_New(0));
  if (!probes) return nullptr;
  PyObject* const found = PyDict_GetItemString(globals, "__name__");
  const Ref module_name(found != nullptr && PyUnicode_CheckExact(found) ? Py_NewRef(found)
                                                                        : PyUnicode_FromString("module"));
  if (!module_name) return nullptr;
  for (Py_ssize_t i = 0; i < count; ++i) {
    Spec spec;
    if (!read_spec(PyList_GET_ITEM(specs, i), spec)) return nullptr;
    Probe* const probe = make_probe(file, globals, spec);
    if (probe == nullptr || PyList_Append(probes.get(), reinterpret_cast<PyObject*>(probe)) < 0) return nullptr;
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    Spec spec;
    Probe& probe = probe_at(PyList_GET_ITEM(probes.get(), i));
    if (!read_spec(PyList_GET_ITEM(specs, i), spec) || !link_partner(probes.get(), probe, spec.extra) ||
        !link_reads(probes.get(), probe, spec.links))
      return nullptr;
    finish_probe(probe, module_name.get());
  }
  return probes.release();
}

void lock_sites_for_fork() noexcept { numbering.lock(); }
void unlock_sites_after_fork() noexcept { numbering.unlock(); }

}  // namespace raddle::python
