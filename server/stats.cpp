#include "server/stats.hpp"

#include <iterator>

#include <fmt/format.h>

namespace loadgen_server {
namespace {

std::uint64_t number(const Counter& counter) {
  return counter.get();
}
std::uint64_t number(std::uint64_t value) {
  return value;
}

/// Every number of `to` becomes op(it, the same number of `from`).
template <typename From, typename Op>
void combine(Totals& to, const CountTable<From>& from, Op op) {
  to.connections_accepted = op(to.connections_accepted, number(from.connections_accepted));
  to.connections_closed = op(to.connections_closed, number(from.connections_closed));
  to.bytes_in = op(to.bytes_in, number(from.bytes_in));
  to.bytes_out = op(to.bytes_out, number(from.bytes_out));
  for (std::size_t i = 0; i < to.handshakes.size(); ++i)
    to.handshakes[i] = op(to.handshakes[i], number(from.handshakes[i]));
  to.rejected = op(to.rejected, number(from.rejected));
  for (std::size_t i = 0; i < to.statuses.size(); ++i) to.statuses[i] = op(to.statuses[i], number(from.statuses[i]));
  for (std::size_t i = 0; i < behaviour_count; ++i) to.behaviours[i] = op(to.behaviours[i], number(from.behaviours[i]));
  for (std::size_t i = 0; i < to.paths.size(); ++i) to.paths[i] = op(to.paths[i], number(from.paths[i]));
}

/// The parser lets only visible ASCII into a path, so two characters need escaping.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// "name": value pairs of those that are not zero.
class JsonObject {
 public:
  void add(std::string_view name, std::uint64_t value) {
    if (value == 0) return;
    fmt::format_to(std::back_inserter(members_), "{}{}: {}", members_.empty() ? "" : ", ", quoted(name), value);
  }
  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace

PathTable::PathTable() {
  names_.reserve(other_path);
  for (const char* path : {"/", "/async", "/fibonacci"}) id_of(path);
}

PathId PathTable::id_of(std::string_view path) {
  if (path.size() > max_path_kept) return other_path;
  const std::lock_guard lock(mutex_);
  std::string name(path);
  const auto found = ids_.find(name);
  if (found != ids_.end()) return found->second;
  if (names_.size() == other_path) return other_path;
  const auto id = static_cast<PathId>(names_.size());
  names_.push_back(name);
  ids_.emplace(std::move(name), id);
  return id;
}

void PathTable::reset_indexes() {
  for (auto& index : indexes_) index.store(0, std::memory_order_relaxed);
}

std::vector<std::string> PathTable::names() const {
  const std::lock_guard lock(mutex_);
  return names_;
}

Stats::Stats(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) counters_.push_back(std::make_unique<Counters>());
}

Totals Stats::sum() const {
  Totals totals;
  for (const auto& counters : counters_)
    combine(totals, *counters, [](std::uint64_t a, std::uint64_t b) { return a + b; });
  return totals;
}

Totals Stats::totals() const {
  Totals totals = sum();
  const std::lock_guard lock(mutex_);
  combine(totals, baseline_, [](std::uint64_t a, std::uint64_t b) { return a - b; });
  return totals;
}

void Stats::reset() {
  const std::lock_guard lock(mutex_);
  baseline_ = sum();
  paths_.reset_indexes();
}

std::string Stats::to_json() const {
  const Totals totals = this->totals();
  const Totals ever = sum();
  std::uint64_t requests = 0;
  std::uint64_t responses = 0;
  JsonObject paths;
  JsonObject statuses;
  JsonObject behaviours;
  const auto names = paths_.names();
  for (std::size_t i = 0; i < totals.paths.size(); ++i) {
    requests += totals.paths[i];
    if (i < names.size()) paths.add(names[i], totals.paths[i]);
  }
  paths.add("other", totals.paths[other_path]);
  for (std::size_t i = 0; i < totals.statuses.size(); ++i) {
    responses += totals.statuses[i];
    statuses.add(fmt::format("{}", i), totals.statuses[i]);
  }
  for (std::size_t i = 0; i < behaviour_count; ++i) behaviours.add(behaviour_rows()[i].name, totals.behaviours[i]);

  return fmt::format(
      "{{\"requests\": {}, \"responses\": {}, \"rejected\": {},\n"
      " \"connections\": {{\"accepted\": {}, \"open\": {}}},\n"
      " \"tls\": {{\"handshakes\": {}, \"resumed\": {}}},\n"
      " \"bytes\": {{\"in\": {}, \"out\": {}}},\n"
      " \"statuses\": {},\n \"behaviours\": {},\n \"paths\": {}}}\n",
      requests, responses, totals.rejected, totals.connections_accepted,
      ever.connections_accepted - ever.connections_closed, totals.handshakes[0] + totals.handshakes[1],
      totals.handshakes[1], totals.bytes_in, totals.bytes_out, statuses.text(), behaviours.text(), paths.text());
}

}  // namespace loadgen_server
