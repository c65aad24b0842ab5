#pragma once
// How error messages quote, list and guess words.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace loadgen::config {

/// In double quotes, control characters escaped, long text cut: safe for one line on a terminal.
std::string in_quotes(std::string_view text);

/// `"a", "b" or "c"`
std::string listed(std::span<const std::string_view> words, std::string_view last_joiner);

/// The known word a typing mistake away from `word` (case ignored), if there is one.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

/// `; did you mean "users"?`, or "" when nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

/// As a JSON string, quotes and all. Bytes above ASCII go through as they are: what is UTF-8 stays so.
std::string json_string(std::string_view text);

}  // namespace loadgen::config
