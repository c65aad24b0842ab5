#include "config/describe.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/letters.hpp"
#include "config/keys.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr std::string_view kHidden = "***";
/// Shorter values of the environment ("80", "yes") are not credentials, and hiding them would hide half the plan.
constexpr std::size_t kShortestSecret = 4;

/// Headers whose values are credentials, wherever they came from.
constexpr std::array<std::string_view, 4> kSecretHeaders{"authorization", "cookie", "proxy-authorization", "x-api-key"};

/// What to hide of values from the environment, the longest first, since one may hold another.
std::vector<std::string> secrets_of(const Plan& plan) {
  std::vector<std::string> secrets = plan.secrets;
  for (const std::string& secret : plan.secrets) {  // inside a JSON body it may have been escaped
    const std::string escaped = json_string(secret);
    if (escaped.size() != secret.size() + 2) secrets.push_back(escaped.substr(1, escaped.size() - 2));
  }
  std::erase_if(secrets, [](const std::string& secret) { return secret.size() < kShortestSecret; });
  std::ranges::sort(secrets, std::ranges::greater{}, &std::string::size);
  return secrets;
}

void hide(const std::vector<std::string>& secrets, std::string& text) {
  for (const std::string& secret : secrets)
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + kHidden.size()))
      text.replace(at, secret.size(), kHidden);
}

void hide(const std::vector<std::string>& secrets, std::vector<http::Header>& headers) {
  for (http::Header& header : headers) {
    if (std::ranges::find(kSecretHeaders, lower(header.name)) != kSecretHeaders.end())
      header.value = kHidden;
    else
      hide(secrets, header.value);
  }
}

void hide(const std::vector<std::string>& secrets, std::vector<http::FormField>& form) {
  for (http::FormField& field : form)
    for (std::string* text : {&field.name, &field.value, &field.file, &field.file_name, &field.type})
      hide(secrets, *text);
}

void hide(const std::vector<std::string>& secrets, AddressSettings& addresses) {
  hide(secrets, addresses.unix_socket);
  for (ConnectTo& rule : addresses.connect_to)
    for (std::string* host : {&rule.from_host, &rule.to_host}) hide(secrets, *host);
  for (ResolveTo& rule : addresses.resolve) {
    hide(secrets, rule.host);
    for (std::string& address : rule.addresses) hide(secrets, address);
  }
  for (std::string& name : addresses.interfaces) hide(secrets, name);
}

std::string scalar(const Json& value) {
  constexpr std::size_t kLongest = 200;
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  const bool plain = !text.empty() && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  std::string line = plain ? text : value.dump(-1, ' ', false, Json::error_handler_t::replace);
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

/// What stands as "${" in a value is no reference to a variable, and must not be read as one.
void escape_references(Json& json) {
  constexpr std::string_view kReference = "${";
  if (json.is_structured()) {
    for (Json& element : json) escape_references(element);
  } else if (json.is_string()) {
    auto& text = json.get_ref<std::string&>();
    for (std::size_t at = text.find(kReference); at != text.npos;
         at = text.find(kReference, at + kReference.size() + 1))
      text.insert(at, 1, '\\');
  }
}

}  // namespace

Plan redacted(Plan plan) {
  const std::vector<std::string> secrets = secrets_of(plan);
  hide(secrets, plan.http.user_agent);
  if (plan.http.proxy) {
    hide(secrets, plan.http.proxy->host);
    hide(secrets, plan.http.proxy->user);
  }
  for (std::string* text :
       {&plan.tls.ca_file, &plan.tls.server_name, &plan.tls.client_cert, &plan.tls.client_key, &plan.tls.ciphers})
    hide(secrets, *text);
  hide(secrets, plan.addresses);
  for (ThreadGroup& group : plan.thread_groups)
    for (Step& step : group.steps) {
      hide(secrets, step.url.host);
      hide(secrets, step.url.path_and_query);
      hide(secrets, step.headers);
      if (step.digest) step.digest = http::DigestCredentials{std::string(kHidden), std::string(kHidden)};
      hide(secrets, step.body);
      hide(secrets, step.body_file);
      hide(secrets, step.multipart);
      if (step.expect.body_equals) hide(secrets, *step.expect.body_equals);
      if (step.expect.body_contains) hide(secrets, *step.expect.body_contains);
      hide(secrets, step.expect.headers);
    }
  return plan;
}

std::string describe(const Plan& plan) {
  std::string out;
  render(show_object(plan_keys(), redacted(plan)), 0, out);
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
  const bool to_proxy = plan.http.proxy && plan.http.proxy->kind == http::ProxyKind::https;
  if (plan.tls != TlsSettings{} && !plan.has_tls() && !to_proxy)
    out += "note: \"tls\" changes nothing: no URL of the plan is https\n";
  for (const std::string& idle : idle_rules(plan)) out += fmt::format("note: {}\n", idle);
  for (const Threshold& threshold : plan.thresholds) {
    if (threshold.metric == Threshold::Metric::rps && plan.has_arrivals())
      out += fmt::format("note: threshold {}: {}\n", in_quotes(to_string(threshold)), kRpsIsAnInput);
  }
  for (const std::string& warning : wrong_ways(plan)) out += fmt::format("note: threshold {}\n", warning);
  return out;
}

std::vector<std::string> wrong_ways(const Plan& plan) {
  std::vector<std::string> out;
  for (const Threshold& threshold : plan.thresholds) {
    if (auto warning = wrong_way(threshold)) out.push_back(std::move(*warning));
  }
  return out;
}

std::string to_json(const Plan& plan) {
  Json json = show_object(plan_keys(), redacted(plan));
  escape_references(json);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace loadgen::config
