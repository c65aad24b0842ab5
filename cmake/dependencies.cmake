# Debian 12's packages, found, never downloaded. tools/install names them.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
if(LOADGEN_TESTS)
  find_package(GTest REQUIRED)
endif()

# Brotli brings no CMake package: its decoder, and for tests its encoder.
find_path(BROTLI_INCLUDE brotli/decode.h REQUIRED)
foreach(part dec enc)
  find_library(BROTLI_${part}_LIBRARY brotli${part} REQUIRED)
  add_library(Brotli::${part} UNKNOWN IMPORTED)
  set_target_properties(Brotli::${part} PROPERTIES IMPORTED_LOCATION ${BROTLI_${part}_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${BROTLI_INCLUDE})
endforeach()

# liburing and nghttp2 bring no CMake packages.
find_path(URING_INCLUDE liburing.h REQUIRED)
find_library(URING_LIBRARY uring REQUIRED)
add_library(Uring::Uring UNKNOWN IMPORTED)
set_target_properties(Uring::Uring PROPERTIES IMPORTED_LOCATION ${URING_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${URING_INCLUDE})

find_path(NGHTTP2_INCLUDE nghttp2/nghttp2.h REQUIRED)
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
add_library(Nghttp2::Nghttp2 UNKNOWN IMPORTED)
set_target_properties(Nghttp2::Nghttp2 PROPERTIES IMPORTED_LOCATION ${NGHTTP2_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${NGHTTP2_INCLUDE})
