# loadgen_warnings: an INTERFACE target; every target of ours links it, so a warning is switched on or off here only.
add_library(loadgen_warnings INTERFACE)
target_compile_options(loadgen_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Wimplicit-fallthrough
  -Wmisleading-indentation -Wdouble-promotion -Wformat=2
  $<$<BOOL:${LOADGEN_WERROR}>:-Werror>)
