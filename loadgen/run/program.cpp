#include "run/program.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/random.hpp"
#include "config/words.hpp"
#include "http/form.hpp"

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

/// The random numbers of boundaries.
constexpr std::uint64_t kBoundaries = 0x626f756e64617279;

/// Between the fields of a request's form: the same in every run of a plan, and by chance in no file.
std::string boundary_of(const config::Plan& plan, std::size_t request) {
  return fmt::format("loadgen-{:016x}", random_bits(plan.seed, kBoundaries, request));
}

/// nullptr: the body is a text, or there is none.
Result<std::shared_ptr<const http::Upload>> upload_of(const config::Step& step, const std::string& boundary) {
  std::vector<http::BodyPart> parts;
  if (!step.body_file.empty()) parts.push_back({.text = {}, .file = step.body_file});
  if (!step.multipart.empty()) parts = http::parts_of_form(step.multipart, boundary);
  if (parts.empty()) return std::shared_ptr<const http::Upload>();
  return http::Upload::open(parts);
}

std::vector<http::Header> headers_of(const config::Step& step, const std::string& boundary) {
  std::vector<http::Header> headers = step.headers;
  if (!step.multipart.empty()) headers.push_back({"Content-Type", http::form_type(boundary)});
  return headers;
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

Result<Uploads> open_uploads(const config::Plan& plan) {
  Uploads uploads;
  for (const config::ThreadGroup& group : plan.thread_groups)
    for (const config::Step& step : group.steps) {
      auto upload = upload_of(step, boundary_of(plan, uploads.size()));
      if (!upload) return Error{fmt::format("step {}: {}", config::in_quotes(step.name), upload.error())};
      uploads.push_back(std::move(*upload));
    }
  return uploads;
}

Result<Program> compile(const config::Plan& plan) {
  const Result<Uploads> uploads = open_uploads(plan);
  if (!uploads) return Error{uploads.error()};
  return compile(plan, *uploads);
}

Program compile(const config::Plan& plan, const Uploads& uploads) {
  Program program;
  const bool keeps_headers = reacts(plan);
  for (const config::ThreadGroup& group : plan.thread_groups) {
    std::vector<Op>& ops = program.groups.emplace_back();
    for (const config::Step& step : group.steps) {
      const std::size_t index = program.requests.size();
      program.headers.push_back(headers_of(step, boundary_of(plan, index)));
      http::PreparedRequest request = http::prepare({.method = step.method,
                                                     .authority = step.url.authority(),
                                                     .path_and_query = step.url.path_and_query,
                                                     .headers = program.headers.back(),
                                                     .body = step.body,
                                                     .upload = uploads[index],
                                                     .user_agent = plan.http.user_agent,
                                                     .keep_alive = plan.http.keep_alive,
                                                     .accept_encoding = plan.http.accept_encoding});
      request.checks = checks_of(step.expect);
      request.keeps_headers = keeps_headers;
      request.target = index_in(program.targets, {step.url.host, step.url.port, step.url.tls});
      if (step.think_time > Duration::zero()) ops.push_back({.kind = OpKind::pause, .pause = step.think_time});
      ops.push_back({.kind = OpKind::request, .request = static_cast<std::uint16_t>(index)});
      program.requests.push_back(std::move(request));
      program.label_of.push_back(index_in(program.labels, step.name));
    }
  }
  return program;
}

}  // namespace loadgen::run
