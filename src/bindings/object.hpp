// What every raddle object has in common: the memory layout, creation, end, and refusing to be pickled.
#pragma once

#include <new>

#include "counts.hpp"
#include "python.hpp"
#include "raddle/base/cache_line.hpp"

namespace raddle::python {

// The words of the core that threads write lie on a cache line of their own where threads run in parallel:
// every call reads the object's header, and must not wait for the line on which others change the value.
template <class T>
class SameLine {
 public:
  template <class... Args>
  explicit SameLine(Args&&... args) : value_(std::forward<Args>(args)...) {}
  T& operator*() noexcept { return value_; }
  T* operator->() noexcept { return &value_; }

 private:
  T value_;
};
template <class T>
using Hot = std::conditional_t<kFreeThreaded, OwnLine<T>, SameLine<T>>;

// `Content` is what a class adds. It is built in tp_new and is valid from then on. With a member `kFormsChains` it
// may be a link of a chain as long as memory, whose end must not recurse once per link.
template <class Content>
struct Object {
  PyObject_HEAD PyObject* weak_references;
  Content content;

  static Content& of(PyObject* self) noexcept { return reinterpret_cast<Object*>(self)->content; }

  template <class... Args>
  static PyObject* make(PyTypeObject* type, Args&&... args) {
    PyObject* self = type->tp_alloc(type, 0);
    if (self == nullptr) return nullptr;
    ::new (static_cast<void*>(&of(self))) Content(std::forward<Args>(args)...);
    return self;
  }

  // tp_new of a class whose __init__ reads the arguments.
  static PyObject* create(PyTypeObject* type, PyObject*, PyObject*) { return make(type); }

  static void dealloc(PyObject* self) {
    PyObject_GC_UnTrack(self);
    if constexpr (requires { Content::kFormsChains; }) {
      Py_TRASHCAN_BEGIN(self, dealloc);
      end(self);
      Py_TRASHCAN_END
    } else {
      end(self);
    }
  }

  static inline PyMemberDef members[] = {
      {"__weaklistoffset__", T_PYSSIZET, offsetof(Object, weak_references), READONLY, nullptr},
      {nullptr, 0, 0, 0, nullptr}};

 private:
  static void end(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    if (reinterpret_cast<Object*>(self)->weak_references != nullptr) PyObject_ClearWeakRefs(self);
    of(self).~Content();
    type->tp_free(self);
    Py_DECREF(type);
  }
};

// tp_traverse of classes that hold no references but the one on their class.
int traverse_class_only(PyObject* self, visitproc visit, void* arg);

// `__reduce__`: raises the TypeError that says what to do instead. copy.copy() ends up here too.
PyObject* refuse_reduce(PyObject* self, PyObject* unused);

#define RADDLE_REDUCE_METHOD                                   \
  {"__reduce__", ::raddle::python::refuse_reduce, METH_NOARGS, \
   "__reduce__($self, /)\n--\n\nRaise TypeError: the object belongs to the threads of one process."}

// What every slot table has, of a class whose objects are `Object`: its end, weak references and methods, the
// docstring and repr(). The rest is the class's own: how it is made, and what the collector sees.
#define RADDLE_SLOTS(Object, doc, methods, repr)                                  \
  {Py_tp_doc, const_cast<char*>(doc)}, {Py_tp_dealloc, as_slot(Object::dealloc)}, \
      {Py_tp_members, Object::members}, {Py_tp_methods, methods}, {               \
    Py_tp_repr, as_slot(repr)                                                     \
  }

inline constexpr unsigned kClassFlags =
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE;
// Of a class whose objects only raddle makes.
inline constexpr unsigned kClassFlagsOfParts =
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION;

}  // namespace raddle::python
