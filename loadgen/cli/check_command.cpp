#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/arrivals_table.hpp"
#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/reach.hpp"
#include "cli/whole_file.hpp"
#include "config/describe.hpp"
#include "config/files.hpp"
#include "config/parse.hpp"
#include "config/words.hpp"
#include "run/program.hpp"
#include "run/schedule.hpp"

namespace loadgen::cli {
namespace {

/// Larger than any plan, so that `loadgen /dev/zero` ends.
constexpr std::size_t kLargestPlan = 16U << 20;

std::optional<std::string> read_file(const std::string& path) {
  const Result<std::string> text = read_whole(path, kLargestPlan);
  if (text) return *text;
  complain(fmt::format("cannot read the plan \"{}\": {}", path, text.error()));
  return std::nullopt;
}

std::string folder_of(const std::string& file) {
  return std::filesystem::path(file).parent_path().string();
}

/// The request as it would go out, control characters made visible and no more of a body than fits a screen.
std::string printable_request(const http::PreparedRequest& request) {
  constexpr std::size_t kMost = 2'000;
  std::istringstream lines(request.bytes.substr(0, kMost));
  std::string out, line;
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    for (char& c : line)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '.';
    out += fmt::format("  {}\n", line);
  }
  if (request.bytes.size() > kMost) out += fmt::format("  … {} bytes in all\n", request.bytes.size());
  if (request.upload) out += fmt::format("  … and a body of {} bytes, read while it is sent\n", request.upload->size());
  return out;
}

void print_users(const config::Plan& plan) {
  constexpr std::size_t kRows = 10;
  const auto rows = run::schedule(plan);
  if (rows.empty()) return;  // arrivals only
  fmt::print("\nSchedule: {} users, the last starts at {}\n", rows.size(), to_string(rows.back().offset));
  fmt::print("  {:>14}  {:>8}  {}\n", "start", "user", "thread group");
  for (std::size_t i = 0; i < std::min(kRows, rows.size()); ++i)
    fmt::print("  {:>14}  {:>8}  {}\n", fmt::format("{:.6f} s", seconds(rows[i].offset)), rows[i].number + 1,
               plan.thread_groups[rows[i].group].name);
  if (rows.size() > kRows) fmt::print("  … {} more\n", rows.size() - kRows);
}

/// Their names are those of `shown`, their sizes those of now.
void print_files(const config::Plan& plan, const config::Plan& shown) {
  constexpr std::size_t kRows = 10;
  const std::vector<config::SentFile> files = config::sent_files(plan), named = config::sent_files(shown);
  if (files.empty()) return;
  fmt::print("\nFiles, read while they are sent\n  {:>14}  {}\n", "bytes", "file (step)");
  for (std::size_t i = 0; i < std::min(kRows, files.size()); ++i) {
    std::error_code gone;  // since it was opened
    const std::uintmax_t size = std::filesystem::file_size(files[i].name, gone);
    fmt::print("  {:>14}  {} ({})\n", gone ? "?" : std::to_string(size), config::in_quotes(named[i].name),
               named[i].step);
  }
  if (files.size() > kRows) fmt::print("  … {} more\n", files.size() - kRows);
}

/// A plan, and what may be shown of it.
struct Shown {
  const config::Plan& plan;
  const config::Plan& shown;
  const run::Program& program;
  const run::Program& shown_program;
};

/// Where connections go. A host that is hidden, or whose addresses are, has none to be seen.
void print_addresses(const Shown& of) {
  const auto& [plan, shown, program, shown_program] = of;
  fmt::print("\nAddresses, taken in turn by the users\n");
  for (std::size_t i = 0; i < std::min(program.targets.size(), shown_program.targets.size()); ++i) {
    const run::HostAndPort& at = shown_program.targets[i];
    const bool hidden =
        at != program.targets[i] || plan.addresses != shown.addresses || plan.http.proxy != shown.http.proxy;
    const auto target =
        hidden ? Result<engine::Target>(Error{"hidden"}) : find_target(at, plan.addresses, plan.http.proxy);
    std::string text = target ? "" : target.error();
    if (target)
      for (const engine::Endpoint& address : target->addresses)
        text += (text.empty() ? "" : ", ") + engine::to_text(address);
    fmt::print("  {}:{}  {}{}\n", at.host, at.port, text, target && target->proxy ? ", the proxy's" : "");
  }
}

}  // namespace

void complain(std::string_view message) {
  std::cerr << "loadgen: " << message << '\n';
}

std::optional<std::string> read_plan(const PlanSource& source) {
  return source.one_line ? std::string() : read_file(source.file);
}

std::optional<config::Plan> make_plan(const PlanSource& source, const std::string& text) {
  auto outcome = source.one_line ? config::one_line_plan(*source.one_line)
                                 : config::parse_plan(text, source.overrides, folder_of(source.file));
  if (const auto* problems = std::get_if<config::Problems>(&outcome)) {
    std::cerr << config::to_string(*problems, source.one_line ? "command line" : source.file, text);
    return std::nullopt;
  }
  return std::get<config::Plan>(std::move(outcome));
}

std::optional<config::Plan> load_plan(const PlanSource& source) {
  const auto text = read_plan(source);
  return text ? make_plan(source, *text) : std::nullopt;
}

ExitCode check(const CheckCommand& command) {
  const auto plan = load_plan(command.plan);
  if (!plan) return ExitCode::usage;
  const config::Plan shown = config::redacted(*plan);
  raise_descriptors();
  const auto uploads = run::open_uploads(*plan);
  if (!uploads) return complain(uploads.error()), ExitCode::usage;
  const run::Program program = run::compile(*plan, *uploads), shown_program = run::compile(shown, *uploads);
  fmt::print("{}", config::describe(*plan));
  print_users(*plan);
  fmt::print("{}", arrivals_table(*plan));
  print_addresses({*plan, shown, program, shown_program});
  print_files(*plan, shown);
  const run::HostAndPort& first = shown_program.targets[0];
  fmt::print("\nFirst request, to {}:{}{}\n{}", first.host, first.port, first.tls ? " over TLS" : "",
             printable_request(shown_program.requests[0]));
  return ExitCode::ok;
}

}  // namespace loadgen::cli
