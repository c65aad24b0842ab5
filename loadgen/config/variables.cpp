#include "config/variables.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kEnvironment = "env:";
constexpr std::string_view kProperty = "__P(";

/// Where the reference that begins behind "${" ends: at '}', for __P at ")}" so that a default may hold braces.
std::size_t reference_end(std::string_view text, std::size_t start) {
  if (!text.substr(start).starts_with(kProperty)) return text.find('}', start);
  const std::size_t close = text.find(")}", start);
  return close == text.npos ? text.npos : close + 1;
}

}  // namespace

Variables::Variables(const std::map<std::string, std::string>& overrides) {
  for (const auto& [name, value] : overrides) {
    values_[name] = literal(value);
    overridden_.push_back(name);
  }
}

void Variables::set_default(const std::string& name, Text text) {
  if (!std::ranges::binary_search(overridden_, name)) values_[name] = std::move(text);
}

void Variables::add_secret(const std::string& value) {
  if (std::ranges::find(secrets_, value) == secrets_.end()) secrets_.push_back(value);
}

Text Variables::expand(std::string_view raw, std::vector<std::string>& errors) {
  Text out;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = raw.find(kOpen, at);
    if (open == raw.npos) break;
    const bool escaped = open > at && raw[open - 1] == '\\';
    const std::string_view plain = raw.substr(at, open - at - (escaped ? 1 : 0));
    out.value += plain;
    out.shown += plain;
    at = open + kOpen.size();
    if (escaped) {
      out.value += kOpen;
      out.shown += kOpen;
      continue;
    }
    const std::size_t end = reference_end(raw, at);
    if (end == raw.npos) {
      errors.emplace_back(R"("${" without its "}"; close it, or write "\\${" for the characters themselves)");
      return out;
    }
    const Text text = lookup(raw.substr(at, end - at), errors);
    out.value += text.value;
    out.shown += text.shown;
    out.replaced = true;
    at = end + 1;
  }
  out.value += raw.substr(at);
  out.shown += raw.substr(at);
  return out;
}

Text Variables::lookup(std::string_view reference, std::vector<std::string>& errors) {
  std::string_view name = reference;
  std::optional<std::string_view> fallback;
  if (name.starts_with(kEnvironment)) return environment(std::string(name.substr(kEnvironment.size())), errors);
  if (name.starts_with(kProperty)) {
    name.remove_prefix(kProperty.size());
    name.remove_suffix(1);
    if (const std::size_t comma = name.find(','); comma != name.npos) {
      fallback = name.substr(comma + 1);
      name = name.substr(0, comma);
    }
  } else if (name.starts_with("__")) {
    errors.push_back(
        fmt::format("the function {} is not known; there are ${{name}}, ${{__P(name,default)}} and ${{env:NAME}}",
                    in_quotes(name.substr(0, name.find('(')))));
    return {};
  }
  if (const auto it = values_.find(name); it != values_.end()) return it->second;
  if (fallback) return literal(*fallback);
  errors.push_back(fmt::format("no variable {}; {}; give it with -J {}=VALUE or under \"variables\"", in_quotes(name),
                               known(), name));
  return {};
}

Text Variables::environment(const std::string& name, std::vector<std::string>& errors) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    errors.push_back(fmt::format("the environment variable {} is not set", in_quotes(name)));
    return {};
  }
  add_secret(value);
  return Text{.value = value, .shown = fmt::format("${{env:{}}}", name), .replaced = true};
}

std::string Variables::known() const {
  std::vector<std::string_view> names;
  for (const auto& [name, text] : values_) names.push_back(name);
  return names.empty() ? "none is defined" : "defined are " + listed(names, "and");
}

}  // namespace loadgen::config
