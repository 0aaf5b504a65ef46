/* The only file that knows the interpreter's frames.
 *
 * Frames of the calling thread do not change under it: only what the thread itself runs pushes and pops them. */
#define Py_BUILD_CORE 1
#include "interpreter.h"

#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe.h"
#else
#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"
#endif

#if PY_VERSION_HEX >= 0x030F0000
#error "frames.c: look at the frames of this version of CPython first"
#endif

static struct _PyInterpreterFrame* innermost(void) {
#if PY_VERSION_HEX >= 0x030D0000
  PyThreadState* const state = PyThreadState_GetUnchecked();
  return state == NULL ? NULL : state->current_frame;
#else
  PyThreadState* const state = _PyThreadState_UncheckedGet();
  return state == NULL || state->cframe == NULL ? NULL : state->cframe->current_frame;
#endif
}

/* Null for the frames by which C code enters the interpreter. */
static PyCodeObject* code_of(struct _PyInterpreterFrame* frame) {
#if PY_VERSION_HEX >= 0x030E0000
  if (frame->owner >= FRAME_OWNED_BY_INTERPRETER) return NULL;
  PyObject* const code = PyStackRef_AsPyObjectBorrow(frame->f_executable);
#elif PY_VERSION_HEX >= 0x030D0000
  if (frame->owner == FRAME_OWNED_BY_CSTACK) return NULL;
  PyObject* const code = frame->f_executable;
#elif PY_VERSION_HEX >= 0x030C0000
  if (frame->owner == FRAME_OWNED_BY_CSTACK) return NULL;
  PyObject* const code = (PyObject*)frame->f_code;
#else
  PyObject* const code = (PyObject*)frame->f_code;
#endif
  return code != NULL && PyCode_Check(code) ? (PyCodeObject*)code : NULL;
}

static int instruction_of(struct _PyInterpreterFrame* frame) {
#if PY_VERSION_HEX >= 0x030C0000
  return PyUnstable_InterpreterFrame_GetLasti(frame);
#else
  return _PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT);
#endif
}

static PyObject* local_at(struct _PyInterpreterFrame* frame, int index) {
#if PY_VERSION_HEX >= 0x030E0000
  const _PyStackRef local = frame->localsplus[index];
  return PyStackRef_IsNull(local) ? NULL : PyStackRef_AsPyObjectBorrow(local);
#else
  return frame->localsplus[index];
#endif
}

uintptr_t raddle_current_frame(void) { return (uintptr_t)innermost(); }

int raddle_frames(RaddleFrame* frames, int most) {
  int count = 0;
  for (struct _PyInterpreterFrame* frame = innermost(); frame != NULL && count < most; frame = frame->previous) {
    PyCodeObject* const code = code_of(frame);
    if (code == NULL) continue;
    frames[count].code = code;
    frames[count].instruction = instruction_of(frame);
    ++count;
  }
  return count;
}

/* -1: the code has no such cell. */
static int index_of(PyCodeObject* code, PyObject* name) {
  const char* const kinds = PyBytes_AS_STRING(code->co_localspluskinds);
  for (int i = 0; i < code->co_nlocalsplus; ++i) {
    if ((kinds[i] & (CO_FAST_CELL | CO_FAST_FREE)) == 0) continue;
    PyObject* const candidate = PyTuple_GET_ITEM(code->co_localsplusnames, i);
    if (candidate == name || PyUnicode_Compare(candidate, name) == 0) return i;
  }
  return -1;
}

PyObject* raddle_frame_cell(PyObject* name, uint64_t* index) {
  struct _PyInterpreterFrame* const frame = innermost();
  if (frame == NULL) return NULL;
  PyCodeObject* const code = code_of(frame);
  if (code == NULL) return NULL;
  /* bits 0-47: which code, bits 48-63: 1 + index. relaxed: one word says it all. */
  const uint64_t which = (uint64_t)(uintptr_t)code & 0xFFFFFFFFFFFFU;
  const uint64_t known = __atomic_load_n(index, __ATOMIC_RELAXED);
  int found;
  if ((known & 0xFFFFFFFFFFFFU) == which && known >> 48 != 0) {
    found = (int)(known >> 48) - 1;
    if (found >= code->co_nlocalsplus) return NULL; /* another code object at the address of an old one */
  } else {
    found = index_of(code, name);
    if (found < 0) return NULL;
    if (found < 0xFFFF) __atomic_store_n(index, which | ((uint64_t)found + 1) << 48, __ATOMIC_RELAXED);
  }
  PyObject* const cell = local_at(frame, found);
  return cell != NULL && PyCell_Check(cell) ? cell : NULL;
}
