# Access tokens; a target of its own because the gateway needs no more of this folder.
renxin_library(renxin_token SOURCES ${CMAKE_CURRENT_LIST_DIR}/token.cc ${CMAKE_CURRENT_LIST_DIR}/token_json.cc DEPS renxin_core PkgConfig::sodium)
renxin_test(token_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/token_test.cc DEPS renxin_token)
