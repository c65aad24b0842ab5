#include "run/program.hpp"

#include <algorithm>

namespace loadgen::run {
namespace {

/// Index of value in list, appended if it is not there yet.
template <class T>
std::uint16_t index_in(std::vector<T>& list, const T& value) {
  const auto found = std::find(list.begin(), list.end(), value);
  if (found != list.end()) return static_cast<std::uint16_t>(found - list.begin());
  list.push_back(value);
  return static_cast<std::uint16_t>(list.size() - 1);
}

http::Checks checks_of(const config::Expect& expect) {
  http::Checks checks;
  checks.status = expect.status;
  checks.body_equals = expect.body_equals;
  if (expect.body_contains) checks.body_contains.emplace(*expect.body_contains);
  checks.headers = expect.headers;
  return checks;
}

}  // namespace

bool reacts(const config::Plan& plan) {
  const auto digest = [](const config::ThreadGroup& group) {
    return std::any_of(group.steps.begin(), group.steps.end(),
                       [](const config::Step& step) { return step.digest.has_value(); });
  };
  return plan.http.follow_redirects || plan.http.cookies != config::Cookies::off ||
         std::any_of(plan.thread_groups.begin(), plan.thread_groups.end(), digest);
}

Program compile(const config::Plan& plan) {
  Program program;
  const bool keeps_headers = reacts(plan);
  for (const config::ThreadGroup& group : plan.thread_groups) {
    std::vector<Op>& ops = program.groups.emplace_back();
    for (const config::Step& step : group.steps) {
      http::PreparedRequest request = http::prepare({.method = step.method,
                                                     .authority = step.url.authority(),
                                                     .path_and_query = step.url.path_and_query,
                                                     .headers = step.headers,
                                                     .body = step.body,
                                                     .user_agent = plan.http.user_agent,
                                                     .keep_alive = plan.http.keep_alive,
                                                     .accept_encoding = plan.http.accept_encoding});
      request.checks = checks_of(step.expect);
      request.keeps_headers = keeps_headers;
      request.target = index_in(program.targets, {step.url.host, step.url.port, step.url.tls});
      if (step.think_time > Duration::zero()) ops.push_back({.kind = OpKind::pause, .pause = step.think_time});
      ops.push_back({.kind = OpKind::request, .request = static_cast<std::uint16_t>(program.requests.size())});
      program.requests.push_back(std::move(request));
      program.label_of.push_back(index_in(program.labels, step.name));
    }
  }
  return program;
}

}  // namespace loadgen::run
