#include "report/unmeasured.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/escape.hpp"
#include "report/json_generator.hpp"
#include "report/json_run.hpp"
#include "report/json_schema.hpp"
#include "report/json_writer.hpp"
#include "report/jtl.hpp"
#include "report/junit_document.hpp"
#include "report/printable.hpp"

namespace loadgen::report {
namespace {

constexpr std::string_view kUnmeasuredSchema = "loadgen/unmeasured/v1";
constexpr std::array<std::string_view, 3> kCommands{"run", "compare", "find"};

struct UnmeasuredReporter {
  std::string_view format;
  std::string (*render)(const Unmeasured&);
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    lines.push_back(text.substr(0, end));
  lines.push_back(text);
  return lines;
}

/// "loadgen compare: nothing was measured"; a run goes without its command's name, as most of them are called.
std::string headline(const Unmeasured& unmeasured) {
  const std::string command = unmeasured.command == "run" ? "" : " " + unmeasured.command;
  return fmt::format("loadgen{}: nothing was measured", command);
}

std::string text(const Unmeasured& unmeasured) {
  std::string out = headline(unmeasured) + "\n";
  for (const std::string_view line : lines_of(unmeasured.problem)) out += printable(line) + "\n";
  return out;
}

std::string json(const Unmeasured& unmeasured) {
  return json_text(unmeasured);
}

std::string junit(const Unmeasured& unmeasured) {
  return junit_document(
      {.name = "loadgen." + unmeasured.command,
       .cases = {{.name = "measurement",
                  .standing = Standing::doubtful,
                  .type = "unmeasured",
                  .message = std::string(lines_of(unmeasured.problem).front()),
                  .evidence = unmeasured.problem}},
       .started = unmeasured.when,
       .properties = {{"exit_code", std::to_string(unmeasured.exit_code)}, {"loadgen", unmeasured.tool.version}}});
}

std::string markdown(const Unmeasured& unmeasured) {
  std::string out = fmt::format("### {}\n", for_markdown(headline(unmeasured)));
  for (const std::string_view line : lines_of(unmeasured.problem)) out += fmt::format("\n{}\n", for_markdown(line));
  return out;
}

std::string github(const Unmeasured& unmeasured) {
  const std::array<Annotation, 1> annotations{{{AnnotationLevel::error, headline(unmeasured), unmeasured.problem}}};
  return workflow_commands(annotations);
}

/// JMeter's dashboard without a label.
std::string statistics(const Unmeasured& /*unmeasured*/) {
  return "{}\n";
}

std::string jtl(const Unmeasured& /*unmeasured*/) {
  return std::string(kJtlHeader);
}

constexpr std::array<UnmeasuredReporter, 7> kUnmeasuredReporters{{{"text", &text},
                                                                  {"json", &json},
                                                                  {"junit", &junit},
                                                                  {"markdown", &markdown},
                                                                  {"github", &github},
                                                                  {"statistics", &statistics},
                                                                  {"jtl", &jtl}}};

}  // namespace

template <class Out>
void describe(Out& out, const Unmeasured& unmeasured) {
  out("schema", Fixed{kUnmeasuredSchema}, {"what this file is, and the version of its fields"});
  out("tool", unmeasured.tool, {"what wrote it"});
  out("command", Choice{unmeasured.command, kCommands}, {"that was called"});
  out("when", iso8601(unmeasured.when), {"ISO 8601, UTC: it ended"});
  out("exit_code", unmeasured.exit_code, {"that it ended with", "number"});
  out("problem", unmeasured.problem, {"what is wrong, where, and what to do, for people; may have lines"});
}

std::string unmeasured_report(const Unmeasured& unmeasured, std::string_view format) {
  const auto* const reporter = std::ranges::find(kUnmeasuredReporters, format, &UnmeasuredReporter::format);
  return reporter == kUnmeasuredReporters.end() ? std::string() : reporter->render(unmeasured);
}

std::vector<StepOutput> step_outputs_of(const Unmeasured& unmeasured) {
  std::string problem;
  for (const std::string_view line : lines_of(unmeasured.problem))
    problem += (problem.empty() ? "" : "\n") + printable(line);
  return {{"problem", problem}};
}

std::string unmeasured_schema() {
  return schema_text("loadgen unmeasured",
                     "What --out json=FILE writes of a call that measured nothing, in place of its run, comparison or "
                     "curve. A number's unit stands in brackets at the end of its description.",
                     Unmeasured{});
}

}  // namespace loadgen::report
