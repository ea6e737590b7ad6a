#pragma once
// module.h for tests, which are compiled without optimisation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "infra/cmake/precompiled/module.h"
