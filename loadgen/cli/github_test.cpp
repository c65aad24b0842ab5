#include "cli/github.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A step's files in a folder of their own, and a stream for its annotations.
class GithubStep : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "github_test.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    name_files(summary(), outputs());
    printed_ = std::tmpfile();
  }
  void TearDown() override {
    std::fclose(printed_);
    std::filesystem::remove_all(folder_);
    unsetenv("GITHUB_STEP_SUMMARY");
    unsetenv("GITHUB_OUTPUT");
  }

  static void name_files(const std::filesystem::path& summary, const std::filesystem::path& outputs) {
    setenv("GITHUB_STEP_SUMMARY", summary.c_str(), 1);
    setenv("GITHUB_OUTPUT", outputs.c_str(), 1);
  }
  std::filesystem::path summary() const { return folder_ / "summary"; }
  std::filesystem::path outputs() const { return folder_ / "outputs"; }
  std::string printed() {
    std::string text(static_cast<std::size_t>(std::ftell(printed_)), '\0');
    std::rewind(printed_);
    text.resize(std::fread(text.data(), 1, text.size(), printed_));
    return text;
  }

  std::filesystem::path folder_;
  std::FILE* printed_ = nullptr;
};

TEST_F(GithubStep, EveryTextGoesToItsPlaceAfterWhatStandsThere) {
  std::ofstream(summary()) << "before\n";
  EXPECT_TRUE(tell_github({"::notice::a\n", "page\n", "rps=1\n"}, printed_).empty());
  EXPECT_TRUE(tell_github({"::notice::b\n", "page 2\n", "rps=2\n"}, nullptr).empty());
  EXPECT_EQ(content_of(summary()), "before\npage\npage 2\n");
  EXPECT_EQ(content_of(outputs()), "rps=1\nrps=2\n");
  EXPECT_EQ(printed(), "::notice::a\n");
}

TEST_F(GithubStep, AFileThatCannotBeAppendedToIsToldAndTheOthersAreWritten) {
  name_files(folder_ / "no" / "such", outputs());
  const auto problems = tell_github({"::notice::a\n", "page\n", "rps=1\n"}, printed_);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("GITHUB_STEP_SUMMARY"), std::string::npos) << problems[0];
  EXPECT_NE(problems[0].find("No such file"), std::string::npos) << problems[0];
  EXPECT_EQ(content_of(outputs()), "rps=1\n");
  EXPECT_EQ(printed(), "::notice::a\n");
}

TEST_F(GithubStep, AFullDiskIsTold) {
  name_files("/dev/full", outputs());
  EXPECT_EQ(tell_github({"", "page\n", ""}, nullptr).size(), 1U);
}

TEST_F(GithubStep, ASummaryIsNotMadeLongerThanGithubTakes) {
  const std::string most(1024 * 1024, 'x');
  EXPECT_TRUE(tell_github({"", most, ""}, nullptr).empty());
  EXPECT_EQ(tell_github({"", "y", ""}, nullptr).size(), 1U);
  EXPECT_EQ(content_of(summary()).size(), most.size());
}

TEST_F(GithubStep, VariablesThatAreNotSetAreNoPlace) {
  unsetenv("GITHUB_STEP_SUMMARY");
  setenv("GITHUB_OUTPUT", "", 1);
  EXPECT_TRUE(tell_github({"", "page\n", "rps=1\n"}, nullptr).empty());
  EXPECT_FALSE(std::filesystem::exists(summary()));
}

TEST(Github, AnnotationsKeepOutOfReportsForPrograms) {
  const auto with = [](const char* format) { return annotations_stream({{"csv", "file"}, {format, "-"}}); };
  EXPECT_EQ(with("text"), stdout);
  EXPECT_EQ(with("json"), stderr);
  EXPECT_EQ(with("github"), nullptr);
  EXPECT_EQ(with("jtl"), stderr);
  EXPECT_EQ(annotations_stream({}), stdout);
  EXPECT_EQ(annotations_stream({{"json", "run.json"}}), stdout) << "where the text report is";
}

}  // namespace
}  // namespace loadgen::cli
