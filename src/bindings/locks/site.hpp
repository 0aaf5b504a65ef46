// Places in Python programs, for reports: where a lock was taken.
#pragma once

namespace raddle::python {

// Lives as long as the process; the same place is mostly the same Site.
struct Site {
  const char* file;
  const char* function;
  int line;
  const Site* next;  // of the table's own
};

// Where the calling thread is: its innermost frame of Python. Null if there is none, memory is wanting, or the
// program has too many places to remember. Sets no exception and runs no code of Python: a thread may call it that
// stands in a queue of the parking lot. It must be attached.
const Site* current_site();

}  // namespace raddle::python
