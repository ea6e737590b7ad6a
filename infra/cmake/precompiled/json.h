#pragma once
// For what reads and writes JSON and speaks no HTTP of its own: the command line.

#include <boost/json.hpp>

#include "infra/cmake/precompiled/module.h"
