#include "cli/option_words.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/units.hpp"
#include "report/jtl.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {

std::uint32_t small_count(std::string_view option, const std::string& text) {
  const std::uint64_t value = must(parse_count(text), option);
  if (value > kMostUsers) throw UsageError{fmt::format("{}: {} is too many; at most {}", option, value, kMostUsers)};
  return static_cast<std::uint32_t>(value);
}

std::size_t choice(std::string_view option, std::string_view word, std::span<const std::string_view> words) {
  const auto it = std::ranges::find(words, word);
  if (it == words.end())
    throw UsageError{fmt::format("{}: \"{}\" is not one of {}", option, word, fmt::join(words, ", "))};
  return static_cast<std::size_t>(it - words.begin());
}

CLI::Option* add_out_option(CLI::App& app, std::vector<std::string>& texts, std::span<const report::Format> formats) {
  std::string names;
  for (const report::Format& format : formats) names += fmt::format("{}{}", names.empty() ? "" : ", ", format.name);
  return app
      .add_option("--out", texts, fmt::format("a report, to a file, or to stdout without one; repeatable:\n{}", names))
      ->type_name("FORMAT[=FILE]")
      ->allow_extra_args(false);
}

std::vector<OutputRequest> outputs_of(const std::vector<std::string>& texts, std::span<const report::Format> formats) {
  std::vector<OutputRequest> outputs;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    OutputRequest output{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
    if (equals != std::string::npos && output.file.empty())
      throw UsageError{fmt::format("--out {}: there is no file behind the \"=\"; --out {} alone goes to stdout", text,
                                   output.format)};
    if (std::ranges::find(formats, output.format, &report::Format::name) == formats.end()) {
      if (output.format == report::kJtl.name)
        throw UsageError{
            "--out: a jtl has a row for each request, which are known only while they are sent: write it with the run, "
            "loadgen run … --out jtl=FILE"};
      std::string known;
      for (const report::Format& format : formats)
        known += fmt::format("\n  {:10} {}", format.name, format.description);
      throw UsageError{fmt::format("--out: there is no format \"{}\"; there are:{}", output.format, known)};
    }
    outputs.push_back(std::move(output));
  }
  if (std::ranges::count_if(outputs, &OutputRequest::to_stdout) > 1)
    throw UsageError{"--out: only one report can go to stdout; name a file for the others, as in --out json=run.json"};
  return outputs;
}

CLI::Option* add_github_option(CLI::App& app, bool& without) {
  return app.add_flag("--no-github", without, "no annotations, step summary and outputs, though GITHUB_ACTIONS is set");
}

CLI::Option* add_engine_option(CLI::App& app, std::string& name) {
  std::string engines = "auto";
  for (const run::EngineInfo& engine : run::engines()) engines += fmt::format(", {}", engine.name);
  return app.add_option("--engine", name, fmt::format("how requests are sent: {}", engines))->type_name("NAME");
}

CLI::Option* add_ready_timeout_option(CLI::App& app, std::optional<std::string>& text) {
  return app
      .add_option("--ready-timeout", text, "wait so long for the target to accept connections (0s: it must at once)")
      ->type_name("TIME");
}

Duration ready_timeout_of(const std::optional<std::string>& text) {
  return text ? must(parse_duration(*text), "--ready-timeout") : Duration::zero();
}

ColorFlag color_of(const std::string& text) {
  if (text == "always") return ColorFlag::always;
  if (text == "never") return ColorFlag::never;
  if (text != "auto") throw UsageError{fmt::format("--color: \"{}\" is not auto, always or never", text)};
  return ColorFlag::automatic;
}

std::uint32_t threads_of(const std::string& text) {
  if (text == "auto") return 0;
  const std::uint64_t threads = must(parse_count(text), "--threads");
  if (threads == 0 || threads > 1024) throw UsageError{"--threads: takes 1 to 1024, or auto"};
  return static_cast<std::uint32_t>(threads);
}

}  // namespace loadgen::cli
