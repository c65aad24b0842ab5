# LOADGEN_SANITIZE=address (with undefined behaviour) or thread: for the presets asan and tsan.
set(LOADGEN_SANITIZE "" CACHE STRING "address | thread | empty")
if(LOADGEN_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(LOADGEN_SANITIZE STREQUAL "thread")
  # GCC 12 warns that it does not see Asio's one atomic_thread_fence; what that orders, Asio's locks order as well.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  add_link_options(-fsanitize=thread)
elseif(NOT LOADGEN_SANITIZE STREQUAL "")
  message(FATAL_ERROR "LOADGEN_SANITIZE is '${LOADGEN_SANITIZE}'; it takes address or thread")
endif()
