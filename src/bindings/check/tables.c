/* Looks for keys in dicts and sets by identity and by value of exact builtin types only, so that no code of the
 * program runs, which PyDict_Contains() would do for a stored key of the same hash.
 *
 * The probing is CPython's own (Objects/dictobject.c and setobject.c), read under the object's critical section.
 */
#define Py_BUILD_CORE 1
/* clang-format off: the interpreter's own headers come after its public one */
#include "interpreter.h"

#include "internal/pycore_dict.h"
/* clang-format on */

#include <stdbool.h>

#if PY_VERSION_HEX < 0x030D0000
#undef Py_BEGIN_CRITICAL_SECTION
#undef Py_END_CRITICAL_SECTION
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }
#endif

enum { kSetProbes = 9, kPerturbShift = 5 };

/* False: not without the program's code. */
static bool hash_of(PyObject* key, Py_hash_t* hash) {
  PyTypeObject* const type = Py_TYPE(key);
  const bool is_exact = type == &PyUnicode_Type || type == &PyLong_Type || type == &PyBytes_Type ||
                        type == &PyBool_Type || type == &PyFloat_Type || key == Py_None;
  const bool is_identity =
      type->tp_hash == PyBaseObject_Type.tp_hash && type->tp_richcompare == PyBaseObject_Type.tp_richcompare;
  if (!is_exact && !is_identity) return false;
  *hash = PyObject_Hash(key);
  return *hash != -1;
}

/* 1, 0, or -1 where only the program could tell. Both have the same hash. */
static int are_equal(PyObject* stored, PyObject* key) {
  if (stored == key) return 1;
  PyTypeObject* const a = Py_TYPE(stored);
  PyTypeObject* const b = Py_TYPE(key);
  if (a == &PyUnicode_Type && b == &PyUnicode_Type) return PyUnicode_Compare(stored, key) == 0;
  const bool are_numbers = (a == &PyLong_Type || a == &PyBool_Type || a == &PyFloat_Type) &&
                           (b == &PyLong_Type || b == &PyBool_Type || b == &PyFloat_Type);
  if (are_numbers || (a == &PyBytes_Type && b == &PyBytes_Type))
    return PyObject_RichCompareBool(stored, key, Py_EQ);
  const bool is_plain = a == &PyUnicode_Type || a == &PyLong_Type || a == &PyBytes_Type || a == &PyBool_Type ||
                        a == &PyFloat_Type || stored == Py_None;
  const bool is_plain_key = b == &PyUnicode_Type || b == &PyLong_Type || b == &PyBytes_Type || b == &PyBool_Type ||
                            b == &PyFloat_Type || key == Py_None;
  return is_plain && is_plain_key ? 0 : -1;
}

static Py_ssize_t index_at(const PyDictKeysObject* keys, size_t i) {
  if (keys->dk_log2_size < 8) return ((const int8_t*)keys->dk_indices)[i];
  if (keys->dk_log2_size < 16) return ((const int16_t*)keys->dk_indices)[i];
#if SIZEOF_VOID_P > 4
  if (keys->dk_log2_size >= 32) return (Py_ssize_t)((const int64_t*)keys->dk_indices)[i];
#endif
  return ((const int32_t*)keys->dk_indices)[i];
}

static PyObject* key_at(PyDictKeysObject* keys, Py_ssize_t index, Py_hash_t hash) {
  if (keys->dk_kind == DICT_KEYS_GENERAL) {
    const PyDictKeyEntry* const entry = &DK_ENTRIES(keys)[index];
    return entry->me_hash == hash ? entry->me_key : NULL;
  }
  PyObject* const key = DK_UNICODE_ENTRIES(keys)[index].me_key;
  return key != NULL && PyObject_Hash(key) == hash ? key : NULL; /* an exact str, hashed before */
}

static bool has_value(const PyDictObject* dict, const PyDictKeysObject* keys, Py_ssize_t index) {
  if (keys->dk_kind != DICT_KEYS_SPLIT) return true;
  return dict->ma_values != NULL && dict->ma_values->values[index] != NULL;
}

static int find_in_dict(PyDictObject* dict, PyObject* key, Py_hash_t hash) {
  PyDictKeysObject* const keys = dict->ma_keys;
  const size_t mask = ((size_t)1 << keys->dk_log2_size) - 1;
  size_t perturb = (size_t)hash;
  for (size_t i = (size_t)hash & mask;;) {
    const Py_ssize_t index = index_at(keys, i);
    if (index == DKIX_EMPTY) return 0;
    PyObject* const stored = index >= 0 ? key_at(keys, index, hash) : NULL;
    if (stored != NULL) {
      const int equal = are_equal(stored, key);
      if (equal != 0) return equal < 0 ? -1 : has_value(dict, keys, index);
    }
    perturb >>= kPerturbShift;
    i = (i * 5 + perturb + 1) & mask;
  }
}

static int find_in_set(const PySetObject* set, PyObject* key, Py_hash_t hash) {
  const size_t mask = (size_t)set->mask;
  size_t perturb = (size_t)hash;
  for (size_t i = (size_t)hash & mask;;) {
    const setentry* entry = &set->table[i];
    const setentry* const last = i + kSetProbes <= mask ? entry + kSetProbes : entry;
    for (; entry <= last; ++entry) {
      if (entry->hash == 0 && entry->key == NULL) return 0;
      if (entry->hash != hash) continue;
      const int equal = are_equal(entry->key, key);
      if (equal != 0) return equal;
    }
    perturb >>= kPerturbShift;
    i = (i * 5 + 1 + perturb) & mask;
  }
}

int raddle_dict_has(PyObject* dict, PyObject* key) {
  Py_hash_t hash;
  if (!hash_of(key, &hash)) return -1;
  int found;
  Py_BEGIN_CRITICAL_SECTION(dict);
  found = find_in_dict((PyDictObject*)dict, key, hash);
  Py_END_CRITICAL_SECTION();
  return found;
}

int raddle_set_has(PyObject* set, PyObject* key) {
  Py_hash_t hash;
  if (!hash_of(key, &hash)) return -1;
  int found;
  Py_BEGIN_CRITICAL_SECTION(set);
  found = find_in_set((const PySetObject*)set, key, hash);
  Py_END_CRITICAL_SECTION();
  return found;
}

PyObject* raddle_viewed_dict(PyObject* view) { return (PyObject*)((_PyDictViewObject*)view)->dv_dict; }
