// 128-bit integers, for sums of 64-bit ones. A compiler extension, named here once.
#pragma once

namespace raddle {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

}  // namespace raddle
