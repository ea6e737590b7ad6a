#pragma once
// web.h for tests, which are compiled without optimisation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "infra/cmake/precompiled/web.h"
