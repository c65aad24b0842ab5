# loadgen_floor(NAME SOURCES… LINKS …): a folder below loadgen/ as a static library. LINKS is the list of folders and
# packages it may include; the test `layering` reads the includes and holds them to the same order.
function(loadgen_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;LINKS" ${ARGN})
  add_library(loadgen_${name} STATIC ${FLOOR_SOURCES})
  target_include_directories(loadgen_${name} PUBLIC ${CMAKE_SOURCE_DIR}/loadgen)
  target_link_libraries(loadgen_${name} PUBLIC ${FLOOR_LINKS} PRIVATE loadgen_warnings)
  loadgen_takes(loadgen_${name} precompiled)
endfunction()

# loadgen_tests(NAME [THREADS] SOURCES… LINKS …): the unit tests of one folder, label "unit"; with THREADS also "threads":
# the thread sanitizer runs those.
function(loadgen_tests name)
  if(NOT LOADGEN_TESTS)
    return()
  endif()
  cmake_parse_arguments(T "THREADS" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name}_tests ${T_SOURCES})
  target_include_directories(${name}_tests PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name}_tests PRIVATE ${T_LINKS} GTest::gtest_main loadgen_warnings)
  loadgen_takes(${name}_tests precompiled_tests)
  add_test(NAME unit.${name} COMMAND ${name}_tests)
  set_tests_properties(unit.${name} PROPERTIES LABELS "unit$<$<BOOL:${T_THREADS}>:;threads>" TIMEOUT 300)
endfunction()
