#include "http/upload.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/prepared_request.hpp"

namespace loadgen::http {
namespace {

/// A folder for files, for the length of a test.
class Uploads : public testing::Test {
 protected:
  Uploads() {
    std::string name = (std::filesystem::temp_directory_path() / "upload-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Uploads() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path folder_;
};

std::shared_ptr<const Upload> opened(std::initializer_list<BodyPart> parts) {
  Result<std::shared_ptr<const Upload>> upload = Upload::open(std::vector(parts));
  EXPECT_TRUE(upload.ok()) << upload.error();
  return upload ? *upload : nullptr;
}

std::string error_of(std::initializer_list<BodyPart> parts) {
  const Result<std::shared_ptr<const Upload>> upload = Upload::open(std::vector(parts));
  return upload ? "none" : upload.error();
}

/// What anything with read() holds from there on, by so many bytes at once.
template <class Source>
std::string all_of(const Source& source, std::uint64_t from, std::size_t at_once) {
  std::string all, some(at_once, '-');
  for (;;) {
    const ssize_t n = source.read(from + all.size(), some);
    EXPECT_GE(n, 0);
    if (n <= 0) return all;
    all.append(some, 0, static_cast<std::size_t>(n));
  }
}

TEST_F(Uploads, FromWhereverAndByHowMuchItIsRead) {
  const auto upload = opened({{"head ", {}},
                              {{}, file("a", "first")},
                              {"", {}},
                              {{}, file("empty", "")},
                              {" and ", {}},
                              {{}, file("b", "second")}});
  const std::string whole = "head first and second";
  ASSERT_EQ(upload->size(), whole.size());
  for (std::size_t from = 0; from <= whole.size() + 1; ++from)
    for (const std::size_t at_once : {1, 3, 7, 100})
      EXPECT_EQ(all_of(*upload, from, at_once), from < whole.size() ? whole.substr(from) : "")
          << from << ' ' << at_once;
}

TEST_F(Uploads, NothingIsSentOfWhatAFileGrowsBy) {
  const std::string path = file("a", "first");
  const auto upload = opened({{{}, path}, {".", {}}});
  std::ofstream(path, std::ios::app) << " and more";
  EXPECT_EQ(all_of(*upload, 0, 100), "first.");
}

TEST_F(Uploads, AFileThatHasBecomeShorterIsTold) {
  const std::string path = file("a", "first");
  const auto upload = opened({{{}, path}});
  std::filesystem::resize_file(path, 2);
  std::array<char, 10> to{};
  EXPECT_EQ(upload->read(0, to), -ENODATA);
}

TEST_F(Uploads, WhatCannotBeOpenedIsRefused) {
  EXPECT_EQ(error_of({{{}, folder_ / "none"}}),
            "\"" + (folder_ / "none").string() + "\" cannot be sent: No such file or directory");
  const std::string why = "\" cannot be sent: it is not a regular file, which alone can be sent more than once";
  EXPECT_EQ(error_of({{{}, folder_.string()}}), "\"" + folder_.string() + why);
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error_of({{{}, pipe}}), "\"" + pipe + why) << "and nobody waited for a writer";
  const std::string large = file("large", "");
  std::filesystem::resize_file(large, Upload::kMost);
  EXPECT_EQ(error_of({{{}, large}}), "none");
  EXPECT_EQ(error_of({{".", {}}, {{}, large}}),
            "a body of more than 4278190080 bytes cannot be sent: with \"" + large + "\" there are 4278190081");
}

TEST_F(Uploads, ARequestIsReadAsOne) {
  const auto upload = opened({{{}, file("a", "first")}});
  const PreparedRequest request = prepare({.method = "POST",
                                           .authority = "a",
                                           .path_and_query = "/",
                                           .headers = {{"expect", "100-Continue"}},
                                           .body = {},
                                           .upload = upload,
                                           .user_agent = {}});
  const std::string whole = request.bytes + "first";
  EXPECT_TRUE(request.bytes.ends_with("Content-Length: 5\r\n\r\n"));
  EXPECT_EQ(request.header_size(), request.bytes.size());
  EXPECT_EQ(request.size(), whole.size());
  EXPECT_TRUE(request.awaits_continue);
  for (std::size_t from = 0; from <= whole.size(); ++from)
    EXPECT_EQ(all_of(request, from, 4), whole.substr(from)) << from;
}

}  // namespace
}  // namespace loadgen::http
