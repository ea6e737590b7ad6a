#pragma once

namespace renxin {

// For products of fen, the one place where 64 bits are too few.
__extension__ using Wide = __int128;

}  // namespace renxin
