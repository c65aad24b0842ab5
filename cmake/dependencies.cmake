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

# liburing brings no CMake package.
find_path(URING_INCLUDE liburing.h REQUIRED)
find_library(URING_LIBRARY uring REQUIRED)
add_library(Uring::Uring UNKNOWN IMPORTED)
set_target_properties(Uring::Uring PROPERTIES IMPORTED_LOCATION ${URING_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${URING_INCLUDE})
