#pragma once
// For tests: text, byte for byte, against a file below tests/golden. LOADGEN_APPROVE=1 (tools/approve) writes the file
// anew: read the difference before committing it.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace loadgen::report::test {

inline void expect_golden_file(const std::string& name, const std::string& actual) {
  const std::string path = std::string(LOADGEN_GOLDEN_DIR) + "/" + name;
  if (std::getenv("LOADGEN_APPROVE") != nullptr) {  // NOLINT(concurrency-mt-unsafe): nobody changes the environment
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing: tools/approve writes it";
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), actual) << "if this is meant, run tools/approve";
}

}  // namespace loadgen::report::test
