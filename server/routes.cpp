#include "server/routes.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>

namespace loadgen_server {
namespace {

using Answer = void (*)(const Request&, std::string_view rest, Site&, Reply&);

struct Route {
  std::string_view path;
  bool is_prefix;  // the rest of the path is the argument
  bool is_post;    // POST (and PUT) instead of GET and HEAD
  Answer answer;
};

void plain_text(Reply& reply, int status, std::string text) {
  reply.status = static_cast<std::uint16_t>(status);
  reply.set_own_text(std::move(text));
}

void ok(const Request&, std::string_view, Site&, Reply& reply) {
  reply.set_text("OK");
}

void async(const Request&, std::string_view, Site& site, Reply& reply) {
  reply.set_text("OK");
  reply.delay = site.stretched(site.options().delay);
}

void fibonacci(const Request&, std::string_view, Site& site, Reply& reply) {
  reply.set_text(site.do_work(PlainPath::fibonacci) ? "OK" : "?");
}

void bytes(const Request&, std::string_view rest, Site&, Reply& reply) {
  const auto size = parse_number(rest);
  if (!size || *size > max_body_size)
    return plain_text(reply, 400, fmt::format("/bytes/N: N is a number up to {}\n", max_body_size));
  reply.content_type = "application/octet-stream";
  reply.set_filler(*size);
}

void status(const Request&, std::string_view rest, Site&, Reply& reply) {
  const auto wanted = parse_number(rest);
  if (!wanted || *wanted < 200 || *wanted > 599)
    return plain_text(reply, 400, "/status/N: N is a status from 200 to 599\n");
  reply.status = static_cast<std::uint16_t>(*wanted);
  reply.set_text(reason_phrase(reply.status));
}

void echo(const Request& request, std::string_view, Site&, Reply& reply) {
  reply.content_type = "application/octet-stream";
  reply.set_text(request.body);
}

void stats(const Request&, std::string_view, Site& site, Reply& reply) {
  reply.control = true;
  reply.content_type = "application/json";
  reply.set_own_text(site.stats().to_json());
}

void reset_stats(const Request& request, std::string_view rest, Site& site, Reply& reply) {
  stats(request, rest, site, reply);
  site.stats().reset();
}

/// Of this thread.
Nanos processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Nanos(time.tv_nsec);
}

constexpr std::array<Route, 8> routes{{{"/", false, false, ok},
                                       {"/async", false, false, async},
                                       {"/fibonacci", false, false, fibonacci},
                                       {"/bytes/", true, false, bytes},
                                       {"/status/", true, false, status},
                                       {"/echo", false, true, echo},
                                       {"/stats", false, false, stats},
                                       {"/stats/reset", false, true, reset_stats}}};

bool is_control(const Route& route) {
  return route.answer == stats || route.answer == reset_stats;
}

const Route* find_route(std::string_view path) {
  const auto* found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
    return route.is_prefix ? path.starts_with(route.path) : path == route.path;
  });
  return found == routes.end() ? nullptr : found;
}

bool allows(const Route& route, Method method) {
  return route.is_post ? method == Method::post || method == Method::put
                       : method == Method::get || method == Method::head;
}

void apply_to_body(const Script& script, Reply& reply) {
  if (script.status) {
    reply.status = *script.status;
    reply.set_text(reason_phrase(reply.status));
  }
  if (script.size) reply.set_filler(*script.size);
  reply.chunked = script.has(Behaviour::chunked);
}

}  // namespace

PlainPath plain_path(std::string_view path) {
  if (path == "/") return PlainPath::root;
  if (path == "/async") return PlainPath::async;
  if (path == "/fibonacci") return PlainPath::fibonacci;
  return PlainPath::none;
}

bool is_control_path(std::string_view path) {
  const Route* route = find_route(path);
  return route != nullptr && is_control(*route);
}

Site::Site(const Options& options, Stats& stats, Timeline& timeline, unsigned thread)
    : options_(options),
      stats_(stats),
      timeline_(timeline),
      counters_(stats.of_thread(thread)),
      fibonacci_(options.fibonacci_limit) {}

PathId Site::path_id(std::string_view path) {
  std::string name(path.substr(0, max_path_kept + 1));
  const auto known = ids_.find(name);
  if (known != ids_.end()) return known->second;
  const PathId id = stats_.paths().id_of(path);
  if (id != other_path) ids_.emplace(std::move(name), id);
  return id;
}

bool Site::do_work(PlainPath path) {
  return path != PlainPath::fibonacci || fibonacci_.compute().front() == 1;
}

/// By the thread's own clock: what a neighbour takes meanwhile is no work.
void Site::do_extra_work() const {
  if (options_.extra_work <= Nanos{0}) return;
  const Nanos end = processor_time() + options_.extra_work;
  while (processor_time() < end) {
  }
}

Nanos Site::stretched(Nanos delay) const {
  return std::chrono::duration_cast<Nanos>(delay * options_.stretch);
}

Reply Site::refuse(int status) {
  counters_.rejected.add(1);
  Reply reply;
  plain_text(reply, status, fmt::format("{}\n", reason_phrase(status)));
  reply.keep_alive = false;
  return reply;
}

Reply Site::answer(const Request& request) {
  Reply reply;
  reply.keep_alive = request.keep_alive;
  reply.http_1_0 = request.http_1_0;

  const Route* route = find_route(request.path);
  const bool control = is_control_path(request.path);
  Rules rules;
  std::string problem;
  const bool understood = control || parse_rules(request.query, rules, problem);
  const PathId id = control ? other_path : path_id(request.path);
  if (!control) counters_.paths[id].add(1);

  if (!understood) {
    plain_text(reply, 400, std::move(problem));
  } else if (route != nullptr && !allows(*route, request.method)) {
    plain_text(reply, 405, "this path has another method, see allow\n");
    reply.allow = route->is_post ? "POST, PUT" : "GET, HEAD";
  } else if (route == nullptr && rules.count == 0) {
    plain_text(reply, 404, "no such path; / /async /fibonacci /bytes/N /status/N /echo /stats, or any with a rule\n");
  } else {
    const Answer respond = route == nullptr ? ok : route->answer;
    respond(request, route == nullptr ? "" : request.path.substr(route->path.size()), *this, reply);
    if (rules.count > 0) {
      const Script asked = script_for(rules, stats_.paths().next_index(id));
      script(asked, reply);
      if (asked.serve) reply.served = timeline_.served(id, request.arrived, stretched(*asked.serve));
    }
    reply.hold = rules.hold;
  }
  reply.head_only = request.method == Method::head || !status_has_body(reply.status);
  if (reply.chunked && reply.http_1_0) reply.keep_alive = false;  // then only the end of the connection ends the body
  return reply;
}

void Site::script(const Script& script, Reply& reply) {
  for (std::size_t i = 0; i < behaviour_count; ++i) counters_.behaviours[i].add(script.struck[i] ? 1 : 0);
  if (script.has(Behaviour::delay)) reply.delay = stretched(script.delay);
  apply_to_body(script, reply);
  if (script.trickle) reply.trickle = stretched(*script.trickle);
  if (script.pause) reply.pause = stretched(*script.pause);
  if (script.has(Behaviour::close)) reply.keep_alive = false;
  if (script.has(Behaviour::truncate)) {
    const std::uint64_t most = reply.body_size == 0 ? 0 : reply.body_size - 1;
    reply.ending = Reply::Ending::truncated;
    reply.send_only = std::min(script.truncate.value_or(reply.body_size / 2), most);
  }
  // The stronger fault wins when several strike the same request.
  if (script.has(Behaviour::malformed)) reply.ending = Reply::Ending::malformed;
  if (script.has(Behaviour::reset)) reply.ending = Reply::Ending::reset;
  if (script.has(Behaviour::never)) reply.ending = Reply::Ending::never;
}

}  // namespace loadgen_server
