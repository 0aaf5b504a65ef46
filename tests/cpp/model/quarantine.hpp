// Memory that was given back, kept for a while to see whether anybody writes into it.
#pragma once

#include <cstddef>

namespace raddle::model {

// From here on `delete` of objects of this size keeps their memory, filled with a pattern.
void quarantine(std::size_t size);
// Frees what was kept. False: some of it was written into.
bool quarantine_rests();

}  // namespace raddle::model
