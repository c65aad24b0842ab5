#include "cli/whole_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

class WholeFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "whole_file_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string in_folder(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(WholeFile, IsReadAsItWasWritten) {
  const std::string text("line\n\0\xff", 7);
  EXPECT_EQ(write_whole(in_folder("a"), text), "");
  EXPECT_EQ(write_whole(in_folder("a"), text + "more"), "") << "in place of the old one";
  const auto read = read_whole(in_folder("a"), 100);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, text + "more");
  EXPECT_FALSE(std::filesystem::exists(in_folder("a.new")));
}

TEST_F(WholeFile, ALinkStaysOne) {
  std::ofstream(in_folder("real")) << "old";
  std::filesystem::create_symlink(in_folder("real"), in_folder("link"));
  EXPECT_EQ(write_whole(in_folder("link"), "new"), "");
  EXPECT_TRUE(std::filesystem::is_symlink(in_folder("link")));
  EXPECT_EQ(*read_whole(in_folder("real"), 100), "new");
}

TEST_F(WholeFile, TellsWhyNot) {
  EXPECT_EQ(read_whole(in_folder("none"), 100).error(), "No such file or directory");
  EXPECT_FALSE(read_whole(folder_.string(), 100));
  EXPECT_NE(write_whole(in_folder("no/folder"), "x"), "");
  std::ofstream(in_folder("large")) << std::string(101, 'x');
  EXPECT_EQ(read_whole(in_folder("large"), 100).error(), "it is larger than 100B");
  EXPECT_EQ(read_whole("/dev/zero", 100).error(), "it is larger than 100B") << "and it ends";
  EXPECT_EQ(write_whole("/dev/null", "x"), "it is no regular file");
}

}  // namespace
}  // namespace loadgen::cli
