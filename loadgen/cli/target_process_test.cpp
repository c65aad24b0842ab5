#include "cli/target_process.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

void wait_for_the_end(TargetProcess& target) {
  for (int i = 0; i < 400 && target.running(); ++i) std::this_thread::sleep_for(10ms);
  ASSERT_FALSE(target.running());
}

TEST(TargetSpec, IsAUrlOrACommandWithAPort) {
  const auto url = parse_target("base=http://localhost:3000/api?x=1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->name, "base");
  EXPECT_EQ(url->url, "http://localhost:3000/api?x=1");
  EXPECT_FALSE(url->is_command());
  EXPECT_FALSE(url->has_pid());
  const auto command = parse_target("new one=./server --port {port} --db=http://x");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->name, "new one");
  EXPECT_EQ(command->command, "./server --port {port} --db=http://x");
  EXPECT_TRUE(command->is_command());
  EXPECT_TRUE(command->has_pid());
}

TEST(TargetSpec, MistakesSayWhatToWrite) {
  for (const char* text : {"", "http://localhost:3000", "http://h/?a=b", "=http://h", "./server --port 3000"})
    EXPECT_NE(parse_target(text).error().find("NAME="), std::string::npos) << text;
  EXPECT_NE(parse_target("base=./server --port 3000").error().find("{port}"), std::string::npos);
}

TEST(TargetProcess, GivesItsCommandAPortAndKeepsItsLastWords) {
  TargetSpec spec{.name = "t", .command = "for i in 1 2 3 4 5 6 7; do echo line $i {port} >&2; done; exit 4"};
  auto target = TargetProcess::start(spec);
  ASSERT_TRUE(target);
  wait_for_the_end(*target);
  EXPECT_EQ(target->ending(), "exit status 4");
  const std::string port = target->url().substr(target->url().rfind(':') + 1);
  EXPECT_EQ(target->url(), "http://127.0.0.1:" + port);
  EXPECT_GT(std::stoi(port), 1023);
  EXPECT_LT(std::stoi(port), 32'768);
  EXPECT_EQ(target->last_words(),
            "line 3 " + port + "\nline 4 " + port + "\nline 5 " + port + "\nline 6 " + port + "\nline 7 " + port);
  target->forget_output();
  EXPECT_EQ(target->last_words(), "");
}

TEST(TargetProcess, ItsWordsAreHarmless) {
  auto target = TargetProcess::start({.name = "t", .command = R"(printf 'a\033[2Jb'; : {port})"});
  ASSERT_TRUE(target);
  wait_for_the_end(*target);
  EXPECT_EQ(target->last_words().find('\033'), std::string::npos);
}

TEST(TargetProcess, OfAUrlNothingIsStarted) {
  auto target = TargetProcess::start({.name = "t", .url = "http://h:1"});
  ASSERT_TRUE(target);
  EXPECT_TRUE(target->running());
  EXPECT_EQ(target->url(), "http://h:1");
  EXPECT_EQ(target->last_words(), "");
  EXPECT_FALSE(target->cpu());
  EXPECT_TRUE(TargetProcess::start({.name = "t", .url = "http://h:1", .pid = getpid()})->cpu());
}

TEST(TargetProcess, EachStartHasAPortOfItsOwn) {
  const auto first = free_port();
  const auto second = free_port();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
}

}  // namespace
}  // namespace loadgen::cli
