# How every part of the tree is compiled, and the functions that declare a part.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers -Werror=return-type
                    -Werror=unused-result -fno-omit-frame-pointer)
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                        BOOST_ASIO_NO_DEPRECATED)
find_program(RENXIN_MOLD mold)
if(RENXIN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
if(RENXIN_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1")
  add_compile_options(-fsanitize=${RENXIN_SANITIZE})
  add_link_options(-fsanitize=${RENXIN_SANITIZE})
endif()
if(RENXIN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(RENXIN_CRASH_POINTS)
  add_compile_definitions(RENXIN_CRASH_POINTS=1)
endif()

# A test's own code is no work; what it calls is compiled as it runs. A third of its compile time.
set(RENXIN_TEST_FLAGS -O0)
include(Precompiled)
include(Joined)
if(RENXIN_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # A private name in a type that others know: meant for headers, and said of every source that is not compiled alone.
  add_compile_options(-Wno-subobject-linkage)
endif()

# renxin_library(name [PRECOMPILED kind] SOURCES a.cc … DEPS lib …): one folder, one target. FIXTURES: of tests alone, and compiled as they are.
function(renxin_library name)
  cmake_parse_arguments(ARG "FIXTURES" "PRECOMPILED" "SOURCES;DEPS" ${ARGN})
  renxin_joined(sources ${name} ${ARG_SOURCES})
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  if(ARG_FIXTURES)
    target_link_libraries(${name} PUBLIC GTest::gmock GTest::gtest)
    target_compile_options(${name} PRIVATE ${RENXIN_TEST_FLAGS})
    set(ARG_PRECOMPILED module_test)
  endif()
  renxin_precompiled(${name} "${ARG_PRECOMPILED}" module)
endfunction()

# What runs, without the tests: `./dev up` builds this.
add_custom_target(programs)

# renxin_program(name SOURCES … DEPS …): build/<preset>/bin/<name>.
function(renxin_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  renxin_precompiled(${name} "" module)
  # A service finds its own contract among what is linked (contract::LinkedDescriptors): all of its package is, also a file that no handler uses yet.
  string(REPLACE renxin- renxin_proto_ package ${name})
  if(TARGET ${package})
    set_property(TARGET ${name} PROPERTY LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,${package}")
  endif()
  add_dependencies(programs ${name})
endfunction()

# The tests of shared/ alone: what `./dev test --sanitize` builds.
add_custom_target(shared_tests)
file(WRITE ${CMAKE_BINARY_DIR}/shared_tests.txt "")

# renxin_test(name [PRECOMPILED kind] SOURCES … DEPS …): a GoogleTest program under build/<preset>/tests.
function(renxin_test name)
  if(NOT RENXIN_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "PRECOMPILED" "SOURCES;DEPS" ${ARGN})
  renxin_joined(sources ${name} ${ARG_SOURCES})
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${RENXIN_TEST_FLAGS})
  renxin_precompiled(${name} "${ARG_PRECOMPILED}" module_test)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${CMAKE_SOURCE_DIR}/shared/")
    add_dependencies(shared_tests ${name})
    file(APPEND ${CMAKE_BINARY_DIR}/shared_tests.txt "${name}\n")
  endif()
endfunction()

# renxin_migrations(out.cc namespace function folder): embeds every .sql of the folder, in order.
function(renxin_migrations out namespace function folder)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql)
  list(SORT files)
  add_custom_command(
    OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${out}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${files}" -DOUT=${CMAKE_CURRENT_BINARY_DIR}/${out} -DNAMESPACE=${namespace}
            -DFUNCTION=${function} -P ${CMAKE_SOURCE_DIR}/infra/cmake/Migrations.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/infra/cmake/Migrations.cmake
    VERBATIM)
endfunction()
