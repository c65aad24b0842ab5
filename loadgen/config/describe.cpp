#include "config/describe.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "config/keys.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr std::string_view kHidden = "***";
/// Shorter values of the environment ("80", "yes") are not credentials, and hiding them would hide half the plan.
constexpr std::size_t kShortestSecret = 4;

void hide(const std::vector<std::string>& secrets, std::string& text) {
  for (const std::string& secret : secrets) {
    if (secret.size() < kShortestSecret) continue;
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + kHidden.size()))
      text.replace(at, secret.size(), kHidden);
  }
}

void hide_everywhere(const std::vector<std::string>& secrets, Json& value) {
  if (value.is_string()) hide(secrets, value.get_ref<std::string&>());
  if (value.is_structured())
    for (Json& element : value) hide_everywhere(secrets, element);
}

/// Names and the target are what reports are about and stay; credentials are sent in headers, bodies and paths.
Json resolved(const Plan& plan) {
  Json shown = show_object(plan_keys(), plan);
  std::vector<std::string> secrets = plan.secrets;
  for (const std::string& secret : plan.secrets) {  // inside a JSON body it may have been escaped
    const std::string escaped = json_string(secret);
    if (escaped.size() != secret.size() + 2) secrets.push_back(escaped.substr(1, escaped.size() - 2));
  }
  std::ranges::sort(secrets, std::ranges::greater{}, &std::string::size);  // one may hold another
  hide_everywhere(secrets, shown["http"]);
  for (Json& group : shown["thread_groups"])
    for (Json& step : group["steps"])
      for (const auto& [key, value] : step.items())
        if (key != "name") hide_everywhere(secrets, value);
  return shown;
}

std::string scalar(const Json& value) {
  constexpr std::size_t kLongest = 200;
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  const bool plain = !text.empty() && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  const std::string line = plain ? text : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (line.size() <= kLongest) return line;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return fmt::format("{}… ({} bytes)", line.substr(0, end), text.size());
}

void render(const Json& value, std::size_t indent, std::string& out) {
  std::size_t widest = 0;
  for (const auto& [key, element] : value.items())
    if (!element.is_structured()) widest = std::max(widest, key.size());
  for (const auto& [key, element] : value.items()) {
    const std::string margin(indent, ' ');
    if (element.is_object()) {
      out += fmt::format("{}{}\n", margin, key);
      render(element, indent + 2, out);
    } else if (element.is_array() && !element.empty() && element.front().is_object()) {
      for (std::size_t i = 0; i < element.size(); ++i) {
        out += fmt::format("{}{} {} of {}\n", margin, key, i + 1, element.size());
        render(element[i], indent + 2, out);
      }
    } else {
      out += fmt::format("{}{:<{}}  {}\n", margin, key, widest, element.is_array() ? element.dump() : scalar(element));
    }
  }
}

}  // namespace

std::string describe(const Plan& plan) {
  std::string out;
  render(resolved(plan), 0, out);
  for (const ThreadGroup& group : plan.thread_groups) {
    if (group.for_ever() && !group.duration)
      out += fmt::format("note: thread group {} has neither loops nor a duration to end it; it runs until Ctrl-C\n",
                         in_quotes(group.name));
    if (group.duration && group.ramp_up > *group.duration)
      out += fmt::format("note: thread group {} has a ramp-up longer than its duration; some users never start\n",
                         in_quotes(group.name));
    if (group.iterations && *group.iterations < group.users)
      out += fmt::format("note: thread group {} has fewer iterations than users; {} users have nothing to do\n",
                         in_quotes(group.name), group.users - *group.iterations);
  }
  return out;
}

std::string to_json(const Plan& plan) {
  return resolved(plan).dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace loadgen::config
