#include "server/options.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "server/behaviour.hpp"

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

std::variant<Options, ExitCode> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "loadgen-server");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, Defaults) {
  const auto options = std::get<Options>(parse({}));
  EXPECT_EQ(options.port, 3000);
  EXPECT_EQ(options.bind, "127.0.0.1");
  EXPECT_EQ(options.threads, 1U);
  EXPECT_EQ(options.delay, 2ms);
  EXPECT_EQ(options.idle_timeout, 60s);
  EXPECT_EQ(options.max_body, 1'048'576U);
  EXPECT_FALSE(options.freeze.active());
}

TEST(Options, EveryOptionArrives) {
  const auto options = std::get<Options>(parse(
      {"--port",   "0",        "--bind",         "::1",          "--threads",  "3",     "--delay",        "5us",
       "--freeze", "100ms/1s", "--idle-timeout", "2s",           "--max-body", "64KiB", "--accept-delay", "20ms",
       "--spin",   "80us",     "--log",          "requests.log", "--stretch",  "1.2",   "--extra-work",   "3us"}));
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.bind, "::1");
  EXPECT_EQ(options.threads, 3U);
  EXPECT_EQ(options.delay, 5us);
  EXPECT_EQ(options.freeze.length, 100ms);
  EXPECT_EQ(options.freeze.period, 1s);
  EXPECT_EQ(options.accept_delay, 20ms);
  EXPECT_EQ(options.spin, 80us);
  EXPECT_EQ(options.stretch, 1.2);
  EXPECT_EQ(options.extra_work, 3us);
  EXPECT_EQ(options.log, "requests.log");
  EXPECT_EQ(options.idle_timeout, 2s);
  EXPECT_EQ(options.max_body, 65'536U);

  const auto once = std::get<Options>(parse({"--freeze-at", "5s/1s"}));
  EXPECT_EQ(once.freeze.begin, 5s);
  EXPECT_EQ(once.freeze.length, 1s);
  EXPECT_EQ(once.freeze.period, 0s);
}

TEST(Options, MistakesExplainThemselvesAndExitWith64) {
  const std::vector<std::vector<const char*>> mistakes{{"--delay", "5"},
                                                       {"--freeze", "1s"},
                                                       {"--freeze", "2s/1s"},
                                                       {"--freeze", "1s/1s"},
                                                       {"--port", "70000"},
                                                       {"--bind", "localhost"},
                                                       {"--threads", "0"},
                                                       {"--max-body", "5"},
                                                       {"--idle-timeout", "1ms"},
                                                       {"--freeze-at", "5s"},
                                                       {"--freeze-at", "5s/0s"},
                                                       {"--spin", "1s"},
                                                       {"--stretch", "-1"},
                                                       {"--stretch", "2000"},
                                                       {"--stretch", "20%"},
                                                       {"--extra-work", "3"},
                                                       {"--extra-work", "1s"},
                                                       {"--accept-delay", "2h"},
                                                       {"--freeze", "1s/2s", "--freeze-at", "1s/1s"},
                                                       {"--nonsense"},
                                                       {"surplus"},
                                                       {"--delay", "2h"}};
  for (const auto& arguments : mistakes) {
    testing::internal::CaptureStderr();
    const auto parsed = parse(arguments);
    EXPECT_NE(testing::internal::GetCapturedStderr(), "") << arguments.front();
    ASSERT_TRUE(std::holds_alternative<ExitCode>(parsed)) << arguments.front();
    EXPECT_EQ(std::get<ExitCode>(parsed).value, exit_usage);
  }
  testing::internal::CaptureStderr();
  parse({"--delay", "5"});
  EXPECT_NE(testing::internal::GetCapturedStderr().find("2ms"), std::string::npos) << "says how to write it";
}

TEST(Options, HelpNamesEveryBehaviour) {
  testing::internal::CaptureStdout();
  const auto parsed = parse({"--help"});
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::get<ExitCode>(parsed).value, exit_ok);
  for (const BehaviourRow& row : behaviour_rows())
    EXPECT_NE(help.find(std::string(row.what)), std::string::npos) << row.name;
}

}  // namespace
}  // namespace loadgen_server
