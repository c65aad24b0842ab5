# Debian 12's packages, found, never downloaded. tools/install names them.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
if(LOADGEN_TESTS)
  find_package(GTest REQUIRED)
endif()
