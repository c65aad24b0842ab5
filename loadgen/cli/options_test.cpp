#include "cli/options.hpp"

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

using std::chrono::seconds;

Command parse(std::vector<const char*> words) {
  words.insert(words.begin(), "loadgen");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string complaint(const std::vector<const char*>& words) {
  testing::internal::CaptureStderr();
  const Command command = parse(words);
  const std::string text = testing::internal::GetCapturedStderr();
  const auto* answered = std::get_if<Answered>(&command);
  return answered != nullptr && answered->code == ExitCode::usage ? text : "accepted";
}

TEST(Options, APlanIsAPlanWithOrWithoutTheFlag) {
  for (const auto& words :
       {std::vector<const char*>{"p.json"}, {"--config", "p.json"}, {"run", "p.json"}, {"run", "--config", "p.json"}}) {
    const Command command = parse(words);
    const auto* run = std::get_if<RunCommand>(&command);
    ASSERT_NE(run, nullptr);
    EXPECT_EQ(run->plan.file, "p.json");
    EXPECT_FALSE(run->plan.one_line);
  }
}

TEST(Options, OverridesBeatThePlan) {
  const Command command = parse({"p.json", "--users", "10k", "--ramp-up", "2s", "--loops", "3", "-d", "1m", "--target",
                                 "http://h:1", "-J", "a=b=c", "-J", "d="});
  const auto& overrides = std::get<RunCommand>(command).plan.overrides;
  EXPECT_EQ(overrides.users, 10'000u);
  EXPECT_EQ(overrides.ramp_up, seconds(2));
  EXPECT_EQ(overrides.loops, 3u);
  EXPECT_EQ(overrides.duration, seconds(60));
  EXPECT_EQ(overrides.target, "http://h:1");
  EXPECT_EQ(overrides.variables, (std::map<std::string, std::string>{{"a", "b=c"}, {"d", ""}}));
}

TEST(Options, AUrlIsAOneLineRun) {
  const Command command =
      parse({"http://h:1/x", "-c", "7",     "-n",          "6000", "-m",        "POST", "-H",
             "A: b",         "-H", "C: d",  "-b",          "hi",   "--timeout", "2s",   "--no-keep-alive",
             "-t",           "2",  "--out", "json=r.json", "-q"});
  const auto& run = std::get<RunCommand>(command);
  ASSERT_TRUE(run.plan.one_line);
  EXPECT_EQ(run.plan.one_line->url, "http://h:1/x");
  EXPECT_EQ(run.plan.one_line->users, 7u);
  EXPECT_EQ(run.plan.one_line->iterations, 6000u);
  EXPECT_EQ(run.plan.one_line->headers, (std::vector<std::string>{"A: b", "C: d"}));
  EXPECT_EQ(run.plan.one_line->timeout, seconds(2));
  EXPECT_FALSE(run.plan.one_line->keep_alive);
  EXPECT_EQ(run.threads, 2u);
  ASSERT_EQ(run.outputs.size(), 1u);
  EXPECT_EQ(run.outputs[0].format, "json");
  EXPECT_EQ(run.outputs[0].file, "r.json");
  EXPECT_TRUE(run.quiet);
  EXPECT_EQ(run.progress, ProgressMode::none);
}

struct BadRow {
  std::vector<const char*> words;
  const char* said;
};

TEST(Options, MistakesAreToldWithWhatToDo) {
  for (const BadRow& row : {BadRow{{}, "name a plan"},
                            {{"p.json", "--users", "0"}, "--users"},
                            {{"p.json", "--ramp-up", "2"}, "2s"},
                            {{"p.json", "-n", "5"}, "iterations"},
                            {{"p.json", "-J", "x"}, "name=value"},
                            {{"p.json", "--out", "xml=f"}, "no format \"xml\""},
                            {{"p.json", "--out", "json", "--out", "text"}, "only one report"},
                            {{"p.json", "--serve", "--target", "http://x"}, "exclude"},
                            {{"p.json", "--config", "q.json"}, "both"},
                            {{"p.json", "--threads", "0"}, "--threads"},
                            {{"p.json", "--progress", "loud"}, "tty"},
                            {{"http://h/", "--loops", "2"}, "-n"},
                            {{"p.json", "--nonsense"}, "--nonsense"}})
    EXPECT_NE(complaint(row.words).find(row.said), std::string::npos) << complaint(row.words);
}

TEST(Options, OtherCommands) {
  EXPECT_TRUE(std::holds_alternative<SchemaCommand>(parse({"schema"})));
  EXPECT_EQ(std::get<CheckCommand>(parse({"check", "p.json", "--users", "3"})).plan.overrides.users, 3u);
}

}  // namespace
}  // namespace loadgen::cli
