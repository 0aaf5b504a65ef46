// Memory that was given back, kept for a while to see whether anybody writes into it.
#pragma once

#include <cstddef>

namespace raddle::model {

// From here on `delete` of objects of this size keeps their memory, filled with a pattern.
void quarantine(std::size_t size);
// The same for the objects that are made by `new (std::nothrow)`; all of them are of one size.
void quarantine_nothrow();
// Frees what was kept. False: some of it was written into.
bool quarantine_rests();

}  // namespace raddle::model
