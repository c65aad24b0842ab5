// The text report, byte for byte, against tests/golden/*.txt. LOADGEN_APPROVE=1 (tools/approve) writes them anew:
// read the difference before committing it.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "report/test_runs.hpp"
#include "report/text.hpp"

namespace loadgen::report {
namespace {

void expect_golden(const std::string& name, const std::string& actual) {
  const std::string path = std::string(LOADGEN_GOLDEN_DIR) + "/" + name + ".txt";
  if (std::getenv("LOADGEN_APPROVE") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing: tools/approve writes it";
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), actual) << "if this is meant, run tools/approve";
}

TEST(Golden, AllSucceeded) {
  expect_golden("all_succeeded", text(test::all_succeeded().summary(), {}));
}
TEST(Golden, ManyErrors) {
  expect_golden("many_errors", text(test::many_errors().summary(), {}));
}
TEST(Golden, ManyErrorsOnANarrowPage) {
  expect_golden("many_errors_narrow", text(test::many_errors().summary(), {.color = false, .width = 56}));
}
TEST(Golden, Empty) {
  expect_golden("empty", text(test::empty().summary(), {}));
}
TEST(Golden, HostileLabels) {
  expect_golden("hostile_labels", text(test::hostile_labels().summary(), {}));
}
TEST(Golden, GeneratorBoundInColor) {
  expect_golden("generator_bound_color", text(test::generator_bound().summary(), {.color = true, .width = 80}));
}

TEST(Golden, OpenStages) {
  expect_golden("open_stages", text(test::open_stages().summary(), {}));
}
TEST(Golden, OpenStagesOnANarrowPage) {
  expect_golden("open_stages_narrow", text(test::open_stages().summary(), {.color = false, .width = 80}));
}
TEST(Golden, Censored) {
  expect_golden("censored", text(test::censored().summary(), {}));
}
TEST(Golden, Disturbed) {
  expect_golden("disturbed", text(test::disturbed().summary(), {}));
}

}  // namespace
}  // namespace loadgen::report
