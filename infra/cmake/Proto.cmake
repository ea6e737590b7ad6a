# renxin_proto(): every .proto under proto/ becomes one library and one descriptor set.

function(renxin_proto target)
  file(GLOB_RECURSE protos CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
       ${CMAKE_CURRENT_SOURCE_DIR}/*.proto)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/gen)
  file(MAKE_DIRECTORY ${out})
  foreach(proto ${protos})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND protobuf::protoc -I ${CMAKE_CURRENT_SOURCE_DIR} --cpp_out=${out} ${proto}
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${proto}
      VERBATIM)
    list(APPEND sources ${out}/${stem}.pb.cc)
    list(APPEND inputs ${CMAKE_CURRENT_SOURCE_DIR}/${proto})
  endforeach()
  # The gateway, OpenAPI and the compatibility test read this; comments are kept for the documentation.
  add_custom_command(
    OUTPUT ${out}/renxin.binpb
    COMMAND protobuf::protoc -I ${CMAKE_CURRENT_SOURCE_DIR} --include_imports --include_source_info
            --descriptor_set_out=${out}/renxin.binpb ${protos}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    DEPENDS ${inputs}
    VERBATIM)
  add_custom_command(
    OUTPUT ${out}/descriptor_set.cc
    COMMAND ${CMAKE_COMMAND} -DIN=${out}/renxin.binpb -DOUT=${out}/descriptor_set.cc
            -P ${CMAKE_SOURCE_DIR}/infra/cmake/Embed.cmake
    DEPENDS ${out}/renxin.binpb ${CMAKE_SOURCE_DIR}/infra/cmake/Embed.cmake
    VERBATIM)
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} SYSTEM PUBLIC ${out})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
  target_compile_options(${target} PRIVATE -w)
  if(RENXIN_SANITIZE)
    # protoc's code is not what is looked at, and slow to instrument.
    target_compile_options(${target} PRIVATE -fno-sanitize=all)
  endif()
  add_library(renxin_descriptor_set STATIC ${out}/descriptor_set.cc)
endfunction()
