# LOADGEN_PRECOMPILED: the headers that nearly all files include are parsed once. For the builds that nobody edits under:
# where it is on, a file that forgot an #include compiles all the same.
option(LOADGEN_PRECOMPILED "parse common headers once" OFF)

# loadgen_precompiled(NAME HEADER LINKS…): an object library whose parsed header others take over by loadgen_takes().
function(loadgen_precompiled name header)
  file(WRITE ${CMAKE_BINARY_DIR}/${name}.cpp "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE ${ARGN} loadgen_warnings)
  target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/${header})
endfunction()

function(loadgen_takes target precompiled)
  if(LOADGEN_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
  endif()
endfunction()

if(LOADGEN_PRECOMPILED)
  loadgen_precompiled(precompiled precompiled.hpp fmt::fmt)
  if(LOADGEN_TESTS)
    loadgen_precompiled(precompiled_tests precompiled_tests.hpp fmt::fmt GTest::gtest)
  endif()
endif()
