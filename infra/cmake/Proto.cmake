# renxin_proto(): every package below proto/renxin becomes a library renxin_proto_<package>, and all of them one descriptor set.

# The packages that the files of `package` import.
function(renxin_imports out root package)
  file(GLOB_RECURSE protos ${root}/renxin/${package}/*.proto)
  set(found "")
  foreach(proto ${protos})
    file(STRINGS ${proto} lines REGEX "^import \"renxin/")
    foreach(line ${lines})
      string(REGEX REPLACE "^import \"renxin/([a-z_]+)/.*$" "\\1" imported ${line})
      list(APPEND found ${imported})
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES found)
  list(REMOVE_ITEM found ${package})
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# protoc writes beside, and what is the same as before is not touched: a changed comment compiles nothing again.
function(renxin_proto_package root package out)
  file(GLOB_RECURSE protos CONFIGURE_DEPENDS RELATIVE ${root} ${root}/renxin/${package}/*.proto)
  renxin_imports(imports ${root} ${package})
  set(fresh ${CMAKE_CURRENT_BINARY_DIR}/fresh/${package})
  file(MAKE_DIRECTORY ${out} ${fresh})
  set(inputs ${protos})
  foreach(imported ${imports})
    file(GLOB_RECURSE others RELATIVE ${root} ${root}/renxin/${imported}/*.proto)
    list(APPEND inputs ${others})
  endforeach()
  list(TRANSFORM inputs PREPEND ${root}/)
  set(copies "")
  foreach(proto ${protos})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    foreach(ending pb.h pb.cc)
      list(APPEND outputs ${out}/${stem}.${ending})
      list(APPEND copies COMMAND ${CMAKE_COMMAND} -E copy_if_different ${fresh}/${stem}.${ending} ${out}/${stem}.${ending})
    endforeach()
    list(APPEND stems ${stem})
  endforeach()
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc -I ${root} --cpp_out=${fresh} ${protos}
    ${copies}
    WORKING_DIRECTORY ${root}
    DEPENDS ${inputs}
    VERBATIM)
  renxin_join_proto(joined ${package} "${stems}")
  # What protoc writes is named, so that it is there before anything is compiled, and compiled as part of what it is joined to.
  set_source_files_properties(${outputs} PROPERTIES HEADER_FILE_ONLY ON)
  add_library(renxin_proto_${package} STATIC ${joined} ${outputs})
  target_include_directories(renxin_proto_${package} PRIVATE ${CMAKE_SOURCE_DIR})
  target_include_directories(renxin_proto_${package} SYSTEM PUBLIC ${out})
  target_link_libraries(renxin_proto_${package} PUBLIC protobuf::libprotobuf)
  foreach(imported ${imports})
    target_link_libraries(renxin_proto_${package} PUBLIC renxin_proto_${imported})
  endforeach()
  renxin_compile_proto(renxin_proto_${package})
endfunction()

# Four .pb.cc at a time as one source: the files of a package include the same headers. Not CMake's unity build, which writes the path of the
# checkout into it, and a clone elsewhere would miss the compiler cache. Two names stand in each file, so each gets its own pair.
function(renxin_join_proto sources package stems)
  set(text "")
  set(number 0)
  set(joined "")
  foreach(stem ${stems})
    string(APPEND text "#undef RENXIN_FILE\n#define RENXIN_FILE ${number}\n#include \"infra/cmake/join_proto.h\"\n#include \"${stem}.pb.cc\"\n")
    math(EXPR number "${number} + 1")
    math(EXPR place "${number} % 4")
    list(LENGTH stems count)
    if(place EQUAL 0 OR number EQUAL count)
      set(source ${CMAKE_CURRENT_BINARY_DIR}/joined/${package}_${number}.cc)
      file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
      list(APPEND joined ${source})
      set(text "")
    endif()
  endforeach()
  set(${sources} ${joined} PARENT_SCOPE)
endfunction()

# protoc's code is a third of all lines and is neither stepped through nor hot: a request is parsed and written once.
function(renxin_compile_proto target)
  target_compile_options(${target} PRIVATE -w -O1 -g0)
  if(RENXIN_SANITIZE)
    # protoc's code is not what is looked at, and slow to instrument.
    target_compile_options(${target} PRIVATE -fno-sanitize=all)
  endif()
endfunction()

function(renxin_proto)
  set(root ${CMAKE_CURRENT_SOURCE_DIR})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/gen)
  file(GLOB packages CONFIGURE_DEPENDS RELATIVE ${root}/renxin ${root}/renxin/*)
  file(GLOB_RECURSE protos CONFIGURE_DEPENDS RELATIVE ${root} ${root}/*.proto)
  # Who imports whom is read when cmake runs.
  list(TRANSFORM protos PREPEND ${root}/ OUTPUT_VARIABLE inputs)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})
  foreach(package ${packages})
    renxin_proto_package(${root} ${package} ${out})
  endforeach()
  # The gateway, OpenAPI, the command line and the compatibility test read this; comments are kept for the documentation.
  add_custom_command(
    OUTPUT ${out}/renxin.binpb
    COMMAND protobuf::protoc -I ${root} --include_imports --include_source_info --descriptor_set_out=${out}/renxin.binpb ${protos}
    WORKING_DIRECTORY ${root}
    DEPENDS ${inputs}
    VERBATIM)
  set(FILE ${out}/renxin.binpb)
  configure_file(${CMAKE_SOURCE_DIR}/infra/cmake/descriptor_set.S.in ${out}/descriptor_set.S @ONLY)
  set_property(SOURCE ${out}/descriptor_set.S PROPERTY OBJECT_DEPENDS ${out}/renxin.binpb)
  add_library(renxin_descriptor_set STATIC ${out}/descriptor_set.S)
  # The archive of an assembler file is added to, never written again: what an earlier build left in it would be linked.
  set_target_properties(renxin_descriptor_set PROPERTIES LINKER_LANGUAGE CXX)
endfunction()
