#include "server/request_log.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

TEST(RequestLog, ThreadsLogsBecomeOneInTheOrderOfArrival) {
  RequestLog first;
  const auto early = first.came(TimePoint{10ns});
  first.came(TimePoint{30ns});
  first.answered(early, 7ns);
  RequestLog second;
  second.answered(second.came(TimePoint{20ns}), 0ns);
  first.merge(second);

  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  ASSERT_NE(file, nullptr);
  EXPECT_TRUE(first.write(file.get()));
  std::rewind(file.get());
  std::string text(100, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  EXPECT_EQ(text, "10 7\n20 0\n30 -\n");
}

TEST(RequestLog, AFullDiskIsNoticed) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> full(std::fopen("/dev/full", "w"), std::fclose);
  ASSERT_NE(full, nullptr);
  RequestLog log;
  log.came(TimePoint{1ns});
  EXPECT_FALSE(log.write(full.get()));
}

}  // namespace
}  // namespace loadgen_server
