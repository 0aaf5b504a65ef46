/* What only the interpreter's own headers tell: running frames, closure cells, and whether a table has a key.
 *
 * Implemented in C (frames.c, tables.c), because those headers are C. Nothing here runs code of the program, sets
 * an exception or allocates. All of it is for the calling thread, attached. */
#pragma once

#include <Python.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One Python function that is running. */
typedef struct {
  PyCodeObject* code; /* borrowed from the frame */
  int instruction;    /* for PyCode_Addr2Line; -1: not known */
} RaddleFrame;

/* A word for the innermost running frame; another frame may have it after that one has ended. 0: none. */
uintptr_t raddle_current_frame(void);

/* The innermost frames, the innermost first; how many there were, at most `most`. */
int raddle_frames(RaddleFrame* frames, int most);

/* The cell that holds the variable in the innermost frame, borrowed; null if there is none. `name` is an exact
 * str.
 * `*index` remembers where the variable was, and starts as 0; threads may share it. */
PyObject* raddle_frame_cell(PyObject* name, uint64_t* index);

/* Has this exact dict (or subclass), or set, the key? 1, 0, or -1 where it cannot be told without calling __eq__
 * or
 * __hash__ of the program. Keys that can be told: exact str, int, bytes, bool, float, None, and objects of
 * classes that compare by identity. */
int raddle_dict_has(PyObject* dict, PyObject* key);
int raddle_set_has(PyObject* set, PyObject* key);

/* The dict of exactly a keys(), values() or items() view; borrowed. */
PyObject* raddle_viewed_dict(PyObject* view);

#ifdef __cplusplus
}
#endif
