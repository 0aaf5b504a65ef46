// Behaviours of raddle's own classes that no other has.
#include "sync_behaviour.hpp"

namespace raddle::python {

const Behaviour raddle_behaviours[] = {{nullptr, nullptr, nullptr}};

}  // namespace raddle::python
