#pragma once
// From a request to the reply it deserves: the paths there are, and scripted behaviour on any of them.

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "server/fibonacci.hpp"
#include "server/options.hpp"
#include "server/request_parser.hpp"
#include "server/response.hpp"
#include "server/stats.hpp"
#include "server/timeline.hpp"

namespace loadgen_server {

struct Request {
  Method method = Method::get;
  std::string_view path;  // "/" at least
  std::string_view query;
  std::string_view body;
  bool http_1_0 = false;
  bool keep_alive = true;
  TimePoint arrived;
};

/// The ids PathTable gives first. These paths, asked plainly, are answered on a shorter way (connection.cpp).
enum class PlainPath : PathId { root, async, fibonacci, none };

PlainPath plain_path(std::string_view path);

/// /stats and /stats/reset, which are not counted.
bool is_control_path(std::string_view path);

/// What a thread needs to answer.
class Site {
 public:
  Site(const Options& options, Stats& stats, Timeline& timeline, unsigned thread);

  /// The reply's text may point into the request's body.
  Reply answer(const Request& request);
  /// For a request that was refused before it was whole: `status`, and the connection ends.
  Reply refuse(int status);
  /// What the path computes for each request; false when it came out wrong.
  bool do_work(PlainPath path);
  /// --extra-work of one request.
  void do_extra_work() const;
  /// As long as a delay lasts with --stretch.
  Nanos stretched(Nanos delay) const;

  Counters& counters() { return counters_; }
  Stats& stats() { return stats_; }
  Timeline& timeline() { return timeline_; }
  const Options& options() const { return options_; }

 private:
  PathId path_id(std::string_view path);
  void script(const Script& script, Reply& reply);

  const Options& options_;
  Stats& stats_;
  Timeline& timeline_;
  Counters& counters_;
  Fibonacci fibonacci_;
  std::unordered_map<std::string, PathId> ids_;  // those this thread has met, so that it rarely locks the shared table
};

}  // namespace loadgen_server
