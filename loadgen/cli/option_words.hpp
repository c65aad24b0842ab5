#pragma once
// What the options of all commands have in common: words, numbers, and how a mistake in them is told.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "report/format.hpp"

namespace loadgen::cli {

/// A mistake in how options stand together; told like CLI11's own.
struct UsageError {
  std::string message;
};

template <class T>
T must(Result<T> result, std::string_view option) {
  if (!result) throw UsageError{fmt::format("{}: {}", option, result.error())};
  return *result;
}

inline constexpr std::uint64_t kMostUsers =
    10'000'000;  ///< what a count in 32 bits is cut at; a plan's own limits are lower

/// At most kMostUsers.
std::uint32_t small_count(std::string_view option, const std::string& text);

/// The index of `word` among `words`.
std::size_t choice(std::string_view option, std::string_view word, std::span<const std::string_view> words);

/// `--out FORMAT[=FILE]`, repeatable, of the formats that the command offers; and its values. One of them may go to
/// stdout.
CLI::Option* add_out_option(CLI::App& app, std::vector<std::string>& texts, std::span<const report::Format> formats);
std::vector<OutputRequest> outputs_of(const std::vector<std::string>& texts, std::span<const report::Format> formats);

/// `--no-github`, of a command that tells a step of GitHub Actions without being asked.
CLI::Option* add_github_option(CLI::App& app, bool& without);

/// `--engine`, with the names there are.
CLI::Option* add_engine_option(CLI::App& app, std::string& name);

/// `--ready-timeout`, of a command that sends to targets that somebody else starts; and its value, 0 where it is not
/// given.
CLI::Option* add_ready_timeout_option(CLI::App& app, std::optional<std::string>& text);
Duration ready_timeout_of(const std::optional<std::string>& text);

/// `--color auto|always|never`
ColorFlag color_of(const std::string& text);

/// `--threads N|auto`: 0 for auto.
std::uint32_t threads_of(const std::string& text);

}  // namespace loadgen::cli
