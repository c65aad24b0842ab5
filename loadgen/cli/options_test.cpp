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

TEST(Options, ABaseline) {
  const Command command =
      parse({"p.json", "--baseline", "a.json", "--save-baseline", "b.json", "--label", "abc1234", "--force"});
  const BaselineRequest& baseline = std::get<RunCommand>(command).baseline;
  EXPECT_EQ(baseline.compare_with, "a.json");
  EXPECT_EQ(baseline.save_to, "b.json");
  EXPECT_EQ(baseline.label, "abc1234");
  EXPECT_TRUE(baseline.force);
  EXPECT_NE(complaint({"p.json", "--force"}).find("belong to --baseline"), std::string::npos);
  EXPECT_NE(complaint({"p.json", "--label", "x"}).find("belong to --baseline"), std::string::npos);
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

TEST(Options, OfHttpsAreNamedAsCurlNamesThem) {
  const auto check = [](const config::TlsOverrides& tls) {
    EXPECT_TRUE(tls.insecure);
    EXPECT_EQ(tls.ca_file, "ca.pem");
    EXPECT_EQ(tls.client_cert, "c.pem");
    EXPECT_EQ(tls.client_key, "k.pem");
  };
  const std::vector<const char*> options{"-k", "--cacert", "ca.pem", "--cert", "c.pem", "--key", "k.pem"};
  const auto after = [&](std::vector<const char*> words) {
    words.insert(words.end(), options.begin(), options.end());
    return parse(words);
  };
  check(std::get<RunCommand>(after({"p.json"})).plan.overrides.tls);
  check(std::get<CheckCommand>(after({"check", "p.json"})).plan.overrides.tls);
  check(std::get<FindCommand>(after({"find", "p.json"})).plan.overrides.tls);
  check(std::get<RunCommand>(after({"https://h/"})).plan.one_line->tls);
  check(std::get<CompareCommand>(after({"compare", "/x", "--target", "a=https://h:1", "--target", "b=https://h:2"}))
            .plan.one_line->tls);
  EXPECT_TRUE(std::get<RunCommand>(parse({"p.json", "--insecure"})).plan.overrides.tls.insecure);
  const config::TlsOverrides none = std::get<RunCommand>(parse({"p.json"})).plan.overrides.tls;
  EXPECT_FALSE(none.insecure || none.ca_file || none.client_cert || none.client_key);
}

TEST(Options, AJtlIsAnOutputOfItsOwn) {
  const auto share = [](const char* text) {
    return std::get<RunCommand>(parse({"p.json", "--out", "jtl=r.jtl", "--jtl-sample", text})).jtl_one_in;
  };
  EXPECT_EQ(std::get<RunCommand>(parse({"p.json", "--out", "jtl=r.jtl", "--out", "json=r.json"})).jtl_one_in, 1u);
  EXPECT_EQ(share("1/1"), 1u);
  EXPECT_EQ(share("1/100"), 100u);
  EXPECT_EQ(share("1/10k"), 10'000u);
  for (const char* text : {"", "100", "0.01", "2/100", "1/0", "1/-1", "1/", "1/5000000000"})
    EXPECT_NE(complaint({"p.json", "--out", "jtl=r.jtl", "--jtl-sample", text}).find("not a share"), std::string::npos)
        << text;
  EXPECT_NE(complaint({"p.json", "--jtl-sample", "1/10"}).find("not asked for"), std::string::npos);
  EXPECT_NE(complaint({"p.json", "--out", "jtl=a", "--out", "jtl=b"}).find("one file"), std::string::npos);
  EXPECT_NE(complaint({"compare", "--target", "a=http://h:1", "--target", "b=http://h:2", "--out", "jtl=r"})
                .find("write it with the run"),
            std::string::npos);
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
  EXPECT_EQ(run.manner.threads, 2u);
  ASSERT_EQ(run.outputs.size(), 1u);
  EXPECT_EQ(run.outputs[0].format, "json");
  EXPECT_EQ(run.outputs[0].file, "r.json");
  EXPECT_TRUE(run.quiet);
  EXPECT_EQ(run.progress, ProgressMode::none);
}

TEST(Options, ABodyIsATextOrAFileOrAForm) {
  const auto line = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"http://h/", "-m", "POST"});
    return *std::get<RunCommand>(parse(words)).plan.one_line;
  };
  EXPECT_EQ(line({"-b", "text"}).body, "text");
  EXPECT_EQ(line({"--body-file", "x.bin"}).body_file, "x.bin");
  EXPECT_EQ(line({"-F", "a=b", "--form", "c=@d;type=e/f;filename=g"}).multipart,
            (std::vector<http::FormField>{{.name = "a", .value = "b"},
                                          {.name = "c", .file = "d", .file_name = "g", .type = "e/f"}}));
}

TEST(Options, ARateMakesAOneLineRunAnOpenOne) {
  const Command command = parse({"http://h/", "-R", "90/m", "-c", "20", "-n", "600", "-d", "1m", "--spacing", "poisson",
                                 "--max-in-flight", "70", "--at-limit", "drop", "--warm-up", "5s", "--seed", "42"});
  const auto& line = std::get<RunCommand>(command).plan.one_line;
  ASSERT_TRUE(line && line->arrivals);
  EXPECT_EQ(line->arrivals->rate, 1.5);
  EXPECT_EQ(line->arrivals->connections, 20u);
  EXPECT_EQ(line->arrivals->spacing, load::Spacing::poisson);
  EXPECT_EQ(line->arrivals->max_in_flight, 70u);
  EXPECT_EQ(line->arrivals->at_limit, config::AtLimit::drop);
  EXPECT_EQ(line->iterations, 600u);
  EXPECT_EQ(line->duration, seconds(60));
  EXPECT_EQ(line->warm_up, (config::WarmUp{.automatic = false, .time = seconds(5)}));
  EXPECT_EQ(line->seed, 42u);
}

TEST(Options, OfARateAreWhatPlansTakeForGranted) {
  const Command command = parse({"http://h/", "--rate", "3000/s"});
  const auto& line = std::get<RunCommand>(command).plan.one_line;
  ASSERT_TRUE(line && line->arrivals);
  EXPECT_EQ(line->arrivals->connections, 0u);
  EXPECT_EQ(line->arrivals->spacing, load::Spacing::uniform);
  EXPECT_EQ(line->arrivals->max_in_flight, std::nullopt);
  EXPECT_EQ(line->arrivals->at_limit, config::AtLimit::wait);
  EXPECT_FALSE(std::get<RunCommand>(parse({"http://h/"})).plan.one_line->arrivals);
}

TEST(Options, ATargetMayBeWaitedFor) {
  EXPECT_EQ(std::get<RunCommand>(parse({"http://h/"})).manner.ready_timeout, seconds(0));
  EXPECT_EQ(std::get<RunCommand>(parse({"http://h/", "--ready-timeout", "90s"})).manner.ready_timeout, seconds(90));
  const auto found = parse({"find", "http://h/", "--slo", "p99<1s", "--ready-timeout", "1m"});
  EXPECT_EQ(std::get<FindCommand>(found).manner.ready_timeout, seconds(60));
  for (const char* mistake : {"30", "-1s", "soon"})
    EXPECT_EQ(std::get<Answered>(parse({"http://h/", "--ready-timeout", mistake})).code, ExitCode::usage) << mistake;
  EXPECT_EQ(std::get<Answered>(parse({"http://h/", "--ready-timeout", "9s", "--no-probe"})).code, ExitCode::usage);
}

TEST(Options, OfTheRun) {
  const auto plain = std::get<RunCommand>(parse({"p.json"}));
  EXPECT_EQ(plain.manner.pace, "auto");
  EXPECT_FALSE(plain.strict);
  EXPECT_FALSE(plain.manner.until);
  EXPECT_EQ(plain.plan.overrides.warm_up, std::nullopt);
  EXPECT_EQ(plain.plan.overrides.seed, std::nullopt);
  const auto run = std::get<RunCommand>(
      parse({"p.json", "--pace", "hybrid", "--strict", "--until", "p99 ± 2%", "--warm-up", "auto", "--seed", "7"}));
  EXPECT_EQ(run.manner.pace, "hybrid");
  EXPECT_TRUE(run.strict);
  EXPECT_EQ(run.manner.until, *config::parse_until("p99 2%"));
  EXPECT_EQ(run.plan.overrides.warm_up, config::WarmUp{.automatic = true});
  EXPECT_EQ(run.plan.overrides.seed, 7u);
}

TEST(Options, UntilHasAnEndOfItsOwnInOneLineRuns) {
  const auto duration = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"http://h/", "-R", "5/s"});
    return std::get<RunCommand>(parse(words)).plan.one_line->duration;
  };
  EXPECT_EQ(duration({"--until", "p99 2%"}), seconds(300));
  EXPECT_EQ(duration({"--until", "p99 2%", "-d", "1m"}), seconds(60));
  EXPECT_EQ(duration({"--until", "p99 2%", "-n", "50"}), std::nullopt);
  EXPECT_EQ(duration({}), std::nullopt);
}

struct BadRow {
  std::vector<const char*> words;
  const char* said;
};

TEST(Options, OfSavedRuns) {
  const Command report = parse({"report", "a.json", "b.json", "--out", "text=-", "--color", "never"});
  EXPECT_EQ(std::get<ReportCommand>(report).files, (std::vector<std::string>{"a.json", "b.json"}));
  EXPECT_EQ(std::get<ReportCommand>(report).color, ColorFlag::never);
  const Command merge = parse({"merge", "a.json", "-", "--out", "json=c.json"});
  EXPECT_EQ(std::get<MergeCommand>(merge).files.size(), 2U);
  EXPECT_EQ(std::get<MergeCommand>(merge).outputs.at(0).file, "c.json");
  EXPECT_NE(complaint({"report"}).find("RUN.json"), std::string::npos);
  EXPECT_NE(complaint({"report", "a", "b", "--out", "hlog"}).find("it holds one run, and 2 are named"),
            std::string::npos);
  EXPECT_NE(complaint({"merge", "a"}).find("two or more runs"), std::string::npos);
}

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
                            {{"http://h/", "-F", "a=b"}, "with which method they are sent, as in -m POST"},
                            {{"http://h/", "--body-file", "x"}, "with which method they are sent, as in -m POST"},
                            {{"http://h/", "-m", "PUT", "--body-file", "-"}, "stdin cannot be sent more than once"},
                            {{"http://h/", "-m", "PUT", "--body-file", ""}, "--body-file: the name is empty"},
                            {{"http://h/", "-m", "PUT", "-b", "x", "-F", "a=b"}, "give one of them"},
                            {{"http://h/", "-m", "PUT", "--body-file", "x", "-F", "a=b"}, "give one of them"},
                            {{"http://h/", "-m", "PUT", "-F", "a"}, "--form: \"a\": write name=value"},
                            {{"http://h/", "-m", "PUT", "-F", "a=<b"}, "name=@file sends the file itself"},
                            {{"p.json", "-F", "a=b"}, "set \"multipart\" in the step"},
                            {{"p.json", "--body-file", "x"}, "set \"body_file\" in the step"},
                            {{"http://h/", "-R", "3000"}, "write \"3000/s\""},
                            {{"http://h/", "-R", "fast"}, "--rate: \"fast\" is not a rate"},
                            {{"http://h/", "-R", "5/s", "--ramp-up", "2s"}, "configs/open_ramp.json"},
                            {{"http://h/", "-R", "5/s", "--spacing", "even"}, "not one of uniform, poisson"},
                            {{"http://h/", "-R", "5/s", "--at-limit", "queue"}, "not one of wait, drop"},
                            {{"http://h/", "-R", "5/s", "--max-in-flight", "5G"}, "--max-in-flight: 5000000000 is too"},
                            {{"http://h/", "--spacing", "poisson"}, "-R 3000/s"},
                            {{"http://h/", "--max-in-flight", "5"}, "-R 3000/s"},
                            {{"http://h/", "--at-limit", "drop"}, "-R 3000/s"},
                            {{"p.json", "-R", "5/s"}, "\"arrivals\" in the thread group"},
                            {{"p.json", "--at-limit", "drop"}, "\"at_limit\" in the thread group"},
                            {{"p.json", "--max-in-flight", "5"}, "\"max_in_flight\" in the thread group"},
                            {{"p.json", "--spacing", "poisson"}, "\"spacing\" in the thread group"},
                            {{"p.json", "--warm-up", "5"}, "--warm-up: \"5\" has no unit"},
                            {{"p.json", "--seed", "x"}, "--seed"},
                            {{"p.json", "--pace", "fast"}, "not one of auto, sleep, hybrid, spin"},
                            {{"p.json", "--until", "p99"}, "--until: \"p99\" does not say how many per cent"},
                            {{"p.json", "--nonsense"}, "--nonsense"}})
    EXPECT_NE(complaint(row.words).find(row.said), std::string::npos) << complaint(row.words);
}

TEST(Options, OtherCommands) {
  EXPECT_EQ(std::get<SchemaCommand>(parse({"schema"})).name, "plan");
  EXPECT_EQ(std::get<SchemaCommand>(parse({"schema", "run"})).name, "run");
  EXPECT_NE(complaint({"schema", "jtl"}).find("\"jtl\" is not one of plan, run, comparison"), std::string::npos);
  EXPECT_EQ(std::get<CheckCommand>(parse({"check", "p.json", "--users", "3"})).plan.overrides.users, 3u);
}

}  // namespace
}  // namespace loadgen::cli
