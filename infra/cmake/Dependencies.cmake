# Debian 12's packages. Those without a CMake file of their own are found here.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(date REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
if(RENXIN_TESTS)
  find_package(GTest REQUIRED)
endif()

find_path(NATS_INCLUDE nats/nats.h REQUIRED)
find_library(NATS_LIBRARY nats REQUIRED)
add_library(renxin_nats INTERFACE)
target_link_libraries(renxin_nats INTERFACE ${NATS_LIBRARY})

find_path(SOCI_INCLUDE soci/soci.h REQUIRED)
find_path(POSTGRES_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
add_library(renxin_soci INTERFACE)
target_include_directories(renxin_soci SYSTEM INTERFACE ${SOCI_INCLUDE} ${SOCI_INCLUDE}/soci ${POSTGRES_INCLUDE})
target_link_libraries(renxin_soci INTERFACE soci_core soci_postgresql soci_sqlite3 pq sqlite3)

# libphonenumber's headers cannot be installed beside Boost 1.81 (the package asks for 1.74's), so
# `./dev deps` unpacks them into .deps; the library itself is the installed one.
set(RENXIN_PHONE_ROOT ${CMAKE_SOURCE_DIR}/.deps/phonenumber/usr CACHE PATH "Unpacked libphonenumber-dev")
find_path(PHONE_INCLUDE phonenumbers/phonenumberutil.h HINTS ${RENXIN_PHONE_ROOT}/include REQUIRED)
find_library(PHONE_LIBRARY NAMES libphonenumber.so.8 REQUIRED)
add_library(renxin_phonenumber INTERFACE)
target_include_directories(renxin_phonenumber SYSTEM INTERFACE ${PHONE_INCLUDE})
target_compile_definitions(renxin_phonenumber INTERFACE I18N_PHONENUMBERS_USE_STDMUTEX)
target_link_libraries(renxin_phonenumber INTERFACE ${PHONE_LIBRARY})
