#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/options.hpp"

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

Command parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"loadgen", "compare"});
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

CompareCommand compare_of(std::vector<const char*> arguments) {
  arguments.insert(arguments.end(), {"--target", "a=http://h:1", "--target", "b=./server --port {port}"});
  Command command = parse(arguments);
  return std::holds_alternative<CompareCommand>(command) ? std::get<CompareCommand>(command) : CompareCommand{};
}

TEST(CompareOptions, Defaults) {
  const CompareCommand command = compare_of({"/async", "-R", "500/s"});
  ASSERT_EQ(command.targets.size(), 2U);
  EXPECT_EQ(command.targets[0].url, "http://h:1");
  EXPECT_EQ(command.targets[1].command, "./server --port {port}");
  EXPECT_EQ(command.path, "/async");
  EXPECT_EQ(command.plan.one_line->duration, 5s);
  EXPECT_EQ(command.plan.one_line->arrivals->rate, 500);
  EXPECT_EQ(command.blocks, report::kDefaultBlocks);
  EXPECT_EQ(command.passes, report::kDefaultPasses);
  EXPECT_EQ(command.alpha, 0.05);
  EXPECT_EQ(command.warm_up, std::nullopt);
  EXPECT_EQ(command.warming, 2s);
  EXPECT_FALSE(command.same);
}

TEST(CompareOptions, EveryOptionArrives) {
  const CompareCommand command = compare_of({"http://nobody:7/x?y=1",
                                             "-c",
                                             "9",
                                             "--blocks",
                                             "20",
                                             "--passes",
                                             "3",
                                             "--slice",
                                             "7s",
                                             "--warm-up",
                                             "2s",
                                             "--warming",
                                             "1s",
                                             "--metric",
                                             "rps,p99",
                                             "--delta",
                                             "p99=20%",
                                             "--delta",
                                             "error_rate=0.5%",
                                             "--blocking",
                                             "--seed",
                                             "5",
                                             "--ready",
                                             "/up",
                                             "--ready-timeout",
                                             "3s",
                                             "--save-runs",
                                             "runs",
                                             "--pid",
                                             "a=42",
                                             "--engine",
                                             "native",
                                             "-q"});
  EXPECT_EQ(command.path, "/x?y=1");
  EXPECT_EQ(command.plan.one_line->users, 9U);
  EXPECT_EQ(command.plan.one_line->duration, 7s);
  EXPECT_EQ(command.plan.one_line->seed, 5U);
  EXPECT_EQ(command.blocks, 20U);
  EXPECT_EQ(command.passes, 3U);
  EXPECT_EQ(command.warm_up, 2s);
  EXPECT_EQ(command.warming, 1s);
  EXPECT_EQ(command.metrics, (std::vector<std::string>{"rps", "p99"}));
  EXPECT_DOUBLE_EQ(command.deltas.at("p99"), 0.2) << "relative";
  EXPECT_DOUBLE_EQ(command.deltas.at("error_rate"), 0.5) << "absolute, in %";
  EXPECT_EQ(command.alpha, 0.01);
  EXPECT_EQ(command.ready, "/up");
  EXPECT_EQ(command.ready_timeout, 3s);
  EXPECT_EQ(command.save_runs, "runs");
  EXPECT_EQ(command.targets[0].pid, 42);
  EXPECT_EQ(command.manner.engine, "native");
  EXPECT_TRUE(command.quiet);
}

TEST(CompareOptions, APlanKeepsItsLength) {
  const CompareCommand command = compare_of({"plan.json"});
  EXPECT_EQ(command.plan.file, "plan.json");
  EXPECT_FALSE(command.plan.one_line);
  EXPECT_EQ(command.plan.overrides.duration, std::nullopt);
  EXPECT_EQ(compare_of({"plan.json", "-d", "3s"}).plan.overrides.duration, 3s);
}

TEST(CompareOptions, OneTargetAgainstItself) {
  const Command parsed = parse({"/", "--aa", "--target", "a=http://h:1"});
  ASSERT_TRUE(std::holds_alternative<CompareCommand>(parsed));
  const auto& command = std::get<CompareCommand>(parsed);
  EXPECT_TRUE(command.same);
  EXPECT_EQ(command.blocks, 20U);
  ASSERT_EQ(command.targets.size(), 2U);
  EXPECT_EQ(command.targets[1].name, "a again");
  EXPECT_EQ(command.targets[1].url, "http://h:1");
}

TEST(CompareOptions, HelpNamesEveryMetric) {
  testing::internal::CaptureStdout();
  EXPECT_TRUE(std::holds_alternative<Answered>(parse({"--help"})));
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_NE(help.find("p95, p99, p99.9, mean, error_rate, server_cpu;\n"), std::string::npos) << help;
}

TEST(CompareOptions, RunsWithoutStatistics) {
  const CompareCommand command = compare_of({"plan.json", "--runs", "3", "--discard", "1"});
  EXPECT_EQ(command.runs, 3U);
  EXPECT_EQ(command.discard, 1U);
}

}  // namespace
}  // namespace loadgen::cli
