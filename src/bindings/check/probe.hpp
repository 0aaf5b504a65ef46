// Probes: the callable objects that rewritten code calls beside each of its operations.
//
// One per site of the program, made when a module is loaded, and never freed: code objects hold them as constants,
// and on 3.13t an immortal object is the only one that threads can call together without fighting over its count.
// A probe returns its first argument. It never raises, and runs no code of the program: what it looks up it looks
// up in tables of exact builtin types, by identity or by the value of exact builtin types.
#pragma once

#include "../python.hpp"
#include "current.hpp"
#include "ops.hpp"
#include "raddle/base/atomic.hpp"

namespace raddle::python {

// What a site is to a reader. Never changes, never freed.
struct SiteText {
  PyObject* file;        // str
  PyObject* expression;  // str
  PyObject* name;        // interned str, or None
  int line, column, end_line, end_column;
};

struct Probe {
  PyObject_HEAD vectorcallfunc call;
  check::Access access;         // as this site tells it: site, links, guard, value, starts_pair
  std::uint64_t key;            // of `name`, or of where a global is
  atomic<std::uint64_t> cache;  // attributes: see resolve.hpp; cells: see interpreter.h
  PyObject* name;               // interned str; null: none
  PyObject* globals;            // of the module: a dict
  Probe* partner;               // what `extra` names
  SiteText* text;
  std::uint32_t flags;
  Op op;
  Op acts_as;           // ITEM_KEY: the operation
  std::uint8_t method;  // METHOD...: see containers.hpp
  bool has_result;      // a RESULT takes up what this method call leaves
  bool takes_value;     // of a store: a VALUE leaves what is stored
};

inline Probe& probe_at(PyObject* object) noexcept { return *reinterpret_cast<Probe*>(object); }

// -1 with an exception set.
int ready_probe_type();

// sites(filename, module_globals, specs): a list of new probes. Null with an exception set.
PyObject* make_sites(PyObject* module, PyObject* args);

// By the number of a site; null: there is none.
const Probe* find_probe(check::SiteId site) noexcept;

void lock_sites_for_fork() noexcept;
void unlock_sites_after_fork() noexcept;

// What an operation does; null for numbers that are none.
vectorcallfunc handler_of(Op op) noexcept;

// The handlers, by subject.
vectorcallfunc attribute_handler(Op op) noexcept;
vectorcallfunc item_handler(Op op) noexcept;
vectorcallfunc method_handler(Op op) noexcept;
vectorcallfunc iteration_handler(Op op) noexcept;
vectorcallfunc variable_handler(Op op) noexcept;
vectorcallfunc update_end_handler() noexcept;

}  // namespace raddle::python
