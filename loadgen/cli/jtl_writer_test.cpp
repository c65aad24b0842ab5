#include "cli/jtl_writer.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

/// A file of this test's own, gone with it.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string name = (std::filesystem::temp_directory_path() / "loadgen-jtl-XXXXXX").string();
    close(mkstemp(name.data()));
    path_ = name;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Output output() const { return {"jtl", path_, {std::fopen(path_.c_str(), "ae"), {}}}; }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_).rdbuf();
    return all.str();
  }

 private:
  std::string path_;
};

config::Plan plan() {
  config::Plan plan;
  plan.thread_groups.resize(1);
  plan.thread_groups[0].name = "g";
  plan.thread_groups[0].steps.resize(1);
  plan.thread_groups[0].steps[0].name = "a";
  plan.thread_groups[0].steps[0].url = {.host = "h", .port = 80, .path_and_query = "/"};
  return plan;
}

/// A row that can be told by its bytes; it ended so many milliseconds after zero.
stats::SampleRow row(std::uint64_t bytes, std::int64_t end_ms) {
  stats::SampleRow r;
  r.finished = TimePoint(std::chrono::milliseconds(end_ms));
  r.bytes_in = bytes;
  r.status = 200;
  return r;
}

/// The column `bytes` of each row; fails where a line has not 17 columns or the header is another.
std::vector<std::uint64_t> bytes_of(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line + "\n", report::kJtlHeader);
  std::vector<std::uint64_t> bytes;
  while (std::getline(lines, line)) {
    EXPECT_EQ(std::ranges::count(line, ','), 16) << line;
    std::size_t at = 0;
    for (int column = 0; column < 9; ++column) at = line.find(',', at) + 1;
    bytes.push_back(std::stoull(line.substr(at)));
  }
  return bytes;
}

using Bytes = std::vector<std::uint64_t>;

TEST(JtlWriter, WritesARowForEachThatWasOffered) {
  const TemporaryFile file;
  JtlWriter writer(file.output(), plan(), 1, 1);
  for (std::uint64_t i = 0; i < 5'000; ++i) writer.rings()[0]->offer(row(i, static_cast<std::int64_t>(i)));
  const stats::RowsRecord rows = writer.finish();
  EXPECT_EQ(rows, (stats::RowsRecord{.written = 5'000, .lost = 0, .one_in = 1}));
  EXPECT_FALSE(writer.problem());
  const Bytes bytes = bytes_of(file.text());
  ASSERT_EQ(bytes.size(), 5'000u);
  for (std::uint64_t i = 0; i < 5'000; ++i) ASSERT_EQ(bytes[i], i);
}

TEST(JtlWriter, ReplacesWhatStoodThere) {
  const TemporaryFile file;
  std::fputs("an older file\n", file.output().file.get());
  ASSERT_EQ(file.text(), "an older file\n");
  JtlWriter writer(file.output(), plan(), 1, 1);
  EXPECT_EQ(file.text(), report::kJtlHeader) << "who follows the file finds its header from the start";
  writer.finish();
  EXPECT_EQ(file.text(), report::kJtlHeader);
}

/// Waits until the file has so many rows; false: it never had.
bool has_rows(const TemporaryFile& file, std::size_t rows) {
  for (const auto deadline = SteadyClock::now() + 10s; SteadyClock::now() < deadline;) {
    if (bytes_of(file.text()).size() == rows) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

TEST(JtlWriter, RowsAppearWhileTheRunGoesOn) {
  const TemporaryFile file;
  JtlWriter writer(file.output(), plan(), 1, 1);
  writer.rings()[0]->offer(row(1, 1));
  EXPECT_TRUE(has_rows(file, 1));
}

TEST(JtlWriter, RowsOfAllShardsAreInTheOrderTheirRequestsEnded) {
  const TemporaryFile file;
  JtlWriter writer(file.output(), plan(), 3, 1);
  const auto rings = writer.rings();
  rings[0]->offer(row(0, 0));
  ASSERT_TRUE(has_rows(file, 1));  // so it has just looked, and sleeps while all this comes
  for (std::uint64_t i = 1; i < 3'000; ++i) rings[i * 7 % 3]->offer(row(i, static_cast<std::int64_t>(i)));
  writer.finish();
  const Bytes bytes = bytes_of(file.text());
  ASSERT_EQ(bytes.size(), 3'000u);
  EXPECT_TRUE(std::ranges::is_sorted(bytes));
}

TEST(JtlWriter, AReaderThatStandsStillCostsRowsAndNobodysTime) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  constexpr std::uint64_t kRows = 200'000;
  std::optional<JtlWriter> writer(std::in_place, Output{"jtl", "pipe", {fdopen(ends[1], "w"), {}}}, plan(), 1U, 1U);
  for (std::uint64_t i = 0; i < kRows; ++i) writer->rings()[0]->offer(row(i, 1));  // nobody reads, and it returns
  std::uint64_t lines = 0;
  std::thread reader([&] {
    std::array<char, 65536> some{};
    for (ssize_t n = 0; (n = read(ends[0], some.data(), some.size())) > 0;)
      lines += static_cast<std::uint64_t>(std::count(some.begin(), some.begin() + n, '\n'));
    close(ends[0]);
  });
  const stats::RowsRecord rows = writer->finish();
  EXPECT_FALSE(writer->problem());
  writer.reset();  // closes the pipe
  reader.join();
  EXPECT_EQ(rows.written + rows.lost, kRows);
  EXPECT_GT(rows.lost, 0u);
  EXPECT_EQ(lines, 1 + rows.written);
}

/// No file of this process may grow beyond so many bytes: a full disk for those who may not mount one.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(JtlWriter, AFullDiskLeavesWholeLines) {
  const TemporaryFile file;
  stats::RowsRecord rows;
  {
    const FullDisk disk(100'000);  // a batch of 64 KiB fits, half of the next does
    JtlWriter writer(file.output(), plan(), 1, 1);
    for (std::uint64_t i = 0; i < 5'000; ++i) writer.rings()[0]->offer(row(i, 1));
    rows = writer.finish();
    ASSERT_TRUE(writer.problem());
    EXPECT_TRUE(writer.problem()->starts_with("the jtl report could not be written to /")) << *writer.problem();
    EXPECT_TRUE(writer.problem()->ends_with("File too large")) << *writer.problem();
  }
  const Bytes bytes = bytes_of(file.text());
  EXPECT_GT(bytes.size(), 100u);
  EXPECT_EQ(bytes.size(), rows.written);
  EXPECT_EQ(rows.written + rows.lost, 5'000u);
}

TEST(JtlWriter, WithoutItsHeaderThereAreNoRows) {
  JtlWriter writer({"jtl", "/dev/full", {std::fopen("/dev/full", "ae"), {}}}, plan(), 1, 1);
  writer.rings()[0]->offer(row(1, 1));
  EXPECT_EQ(writer.finish(), (stats::RowsRecord{.written = 0, .lost = 1, .one_in = 1}));
  EXPECT_EQ(writer.problem(), "the jtl report could not be written to /dev/full: No space left on device");
}

TEST(TakeJtl, IsOneOfTheOutputs) {
  const TemporaryFile file;
  std::vector<Output> outputs;
  outputs.push_back({"text", "stdout", {stdout, {}}});
  EXPECT_FALSE(take_jtl(outputs));
  outputs.push_back(file.output());
  const auto jtl = take_jtl(outputs);
  ASSERT_TRUE(jtl);
  EXPECT_EQ(jtl->format, "jtl");
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].format, "text");
}

}  // namespace
}  // namespace loadgen::cli
