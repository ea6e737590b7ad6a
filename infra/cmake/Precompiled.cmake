# Headers that are compiled once and read by every source: infra/cmake/precompiled. A kind is compiled with the very flags of the targets that
# read it, otherwise the compiler takes no notice of it (and says so: -Winvalid-pch).

option(RENXIN_PRECOMPILED "Compile the common headers once" ON)

# Declares the kind `kind`, with DEPS for its include directories and definitions and FLAGS beside the common ones.
function(renxin_precompiled_kind kind)
  if(NOT RENXIN_PRECOMPILED)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "DEPS;FLAGS" ${ARGN})
  add_library(renxin_precompiled_${kind} OBJECT ${CMAKE_SOURCE_DIR}/infra/cmake/precompiled/empty.cc)
  target_include_directories(renxin_precompiled_${kind} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(renxin_precompiled_${kind} PRIVATE ${ARG_DEPS})
  target_compile_options(renxin_precompiled_${kind} PRIVATE ${ARG_FLAGS})
  # In angle brackets: no path of this checkout gets into what the compiler cache compares.
  target_precompile_headers(renxin_precompiled_${kind} PRIVATE <infra/cmake/precompiled/${kind}.h>)
endfunction()

# `target` reads the headers of `kind`, or of `default` where that is empty; `none`: of no kind.
function(renxin_precompiled target kind default)
  if(NOT kind)
    set(kind ${default})
  endif()
  if(TARGET renxin_precompiled_${kind})
    target_precompile_headers(${target} REUSE_FROM renxin_precompiled_${kind})
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      # g++ 12 warns of std::string's own operator+ (GCC bug 105329) where it no longer sees that the code is of a system header.
      target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict)
      # What the compiler cache compares is preprocessed with the compiled header, too, and not from its text.
      target_compile_options(${target} PRIVATE -fpch-preprocess)
    endif()
  endif()
endfunction()
