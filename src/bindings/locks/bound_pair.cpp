#include "bound_pair.hpp"

#include <cstddef>

#include "../counts.hpp"

namespace raddle::python {

#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000

namespace {

BoundMethod& bound(PyObject* self) noexcept { return *reinterpret_cast<BoundMethod*>(self); }

// The end of its use, which may be in another thread.
void put_back(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject* object = bound(self).object;
  bound(self).in_use.store(false, order::release);  // release, pairs with take_bound()
  Py_DECREF(type);
  Py_DECREF(object);
}

PyMemberDef bound_members[] = {
    {"__self__", T_OBJECT, offsetof(BoundMethod, object), READONLY, nullptr},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(BoundMethod, call), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};
PyType_Slot bound_slots[] = {{Py_tp_call, as_slot(PyVectorcall_Call)},
                             {Py_tp_dealloc, as_slot(put_back)},
                             {Py_tp_members, bound_members},
                             {0, nullptr}};
PyType_Spec bound_spec = {
    "raddle._raddle.BoundMethod", sizeof(BoundMethod), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_VECTORCALL,
    bound_slots};

// A descriptor in the place of a method.
struct BindingMethod {
  PyObject_HEAD PyObject* method;  // the method descriptor itself
  PyTypeObject* bound_type;
  std::size_t offset;  // of the BoundPair in the object
  bool is_exit;
  vectorcallfunc call;
};

BindingMethod& binding(PyObject* self) noexcept { return *reinterpret_cast<BindingMethod*>(self); }

// Does a `with` ask that has the only reference on the object, besides that of the `__enter__` it has just asked
// for?
bool asks_first(const BindingMethod& of, PyObject* object, const BoundPair& pair) noexcept {
  const std::uint32_t references = of.is_exit ? 2 : 1;
  return _Py_IsOwnedByCurrentThread(object) &&
         _Py_atomic_load_uint32_relaxed(&object->ob_ref_local) == references &&
         _Py_atomic_load_ssize_relaxed(&object->ob_ref_shared) == 0 &&
         pair.enter.in_use.load(order::relaxed) == of.is_exit;  // relaxed: read again before it is taken
}

// A new reference on the method in the object, or null.
PyObject* take_bound(const BindingMethod& of, PyObject* object) {
  auto& pair = *reinterpret_cast<BoundPair*>(reinterpret_cast<char*>(object) + of.offset);
  if (!asks_first(of, object, pair)) return nullptr;
  BoundMethod* method = of.is_exit ? &pair.exit : &pair.enter;
  if (method->in_use.load(order::acquire)) return nullptr;  // acquire, pairs with put_back(): it is done with it
  method->in_use.store(true, order::relaxed);               // relaxed: for this thread
  method->call = of.call;
  method->object = Py_NewRef(object);
  return PyObject_Init(reinterpret_cast<PyObject*>(method), of.bound_type);
}

PyObject* get_method(PyObject* self, PyObject* object, PyObject* type) {
  BindingMethod& of = binding(self);
  if (object == nullptr) return Py_NewRef(of.method);
  if (PyObject* method = take_bound(of, object)) return method;
  return Py_TYPE(of.method)->tp_descr_get(of.method, object, type);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(binding(self).method);
  Py_VISIT(binding(self).bound_type);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(binding(self).method);
  Py_XDECREF(binding(self).bound_type);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot binding_slots[] = {{Py_tp_descr_get, as_slot(get_method)},
                               {Py_tp_traverse, as_slot(traverse)},
                               {Py_tp_dealloc, as_slot(dealloc)},
                               {0, nullptr}};
PyType_Spec binding_spec = {
    "raddle._raddle.BindingMethod", sizeof(BindingMethod), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    binding_slots};

struct Types {
  PyTypeObject* binding;
  PyTypeObject* bound;
};

bool put_in_place(PyTypeObject* type, const Types& types, std::size_t offset, bool is_exit, vectorcallfunc call) {
  const Ref dict(PyType_GetDict(type));
  PyObject* found;
  const char* name = is_exit ? "__exit__" : "__enter__";
  if (!dict || PyDict_GetItemStringRef(dict.get(), name, &found) <= 0) return false;
  Ref method(found);
  auto* object = PyObject_GC_New(BindingMethod, types.binding);
  if (object == nullptr) return false;
  object->method = method.release();
  object->bound_type = reinterpret_cast<PyTypeObject*>(Py_NewRef(types.bound));
  object->offset = offset;
  object->is_exit = is_exit;
  object->call = call;
  auto* self = reinterpret_cast<PyObject*>(object);
  PyObject_GC_Track(self);
  if (!pin(self) || PyDict_SetItemString(dict.get(), name, self) < 0) return false;
  PyType_Modified(type);
  return true;
}

}  // namespace

int bind_in_objects(PyTypeObject* type, std::size_t offset, vectorcallfunc enter, vectorcallfunc exit) {
  const Ref binding_type(PyType_FromSpec(&binding_spec));
  const Ref bound_type(binding_type ? PyType_FromSpec(&bound_spec) : nullptr);
  if (!bound_type) return -1;
  const Types types{reinterpret_cast<PyTypeObject*>(binding_type.get()),
                    reinterpret_cast<PyTypeObject*>(bound_type.get())};
  pin_class(types.binding);
  pin_class(types.bound);
  return put_in_place(type, types, offset, false, enter) && put_in_place(type, types, offset, true, exit) ? 0 : -1;
}

PyObject* object_of_bound(PyObject* method) noexcept { return bound(method).object; }

#else

int bind_in_objects(PyTypeObject*, std::size_t, vectorcallfunc, vectorcallfunc) { return 0; }
PyObject* object_of_bound(PyObject* method) noexcept { return method; }

#endif

}  // namespace raddle::python
