#include "config/threshold.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/units.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

using Metric = Threshold::Metric;
using Comparison = Threshold::Comparison;

struct MetricWord {
  std::string_view word;
  Metric metric;
  double p = 0;
};
/// Of two words for one metric the first is how it is spelt.
constexpr std::array<MetricWord, 8> kMetrics{{{"med", Metric::percentile, 0.5},
                                              {"mean", Metric::mean},
                                              {"avg", Metric::mean},
                                              {"min", Metric::min},
                                              {"max", Metric::max},
                                              {"error_rate", Metric::error_rate},
                                              {"delivered", Metric::delivered},
                                              {"rps", Metric::rps}}};
constexpr std::array<std::string_view, 3> kSeries{"response", "service", "send_lag"};  // in the order of Series
/// What a misspelt metric may have been meant to be.
constexpr std::array<std::string_view, 12> kGuesses{"p99", "p50", "p90", "p95",        "p99.9",     "med",
                                                    "avg", "min", "max", "error_rate", "delivered", "rps"};

struct Sign {
  std::string_view text;
  Comparison comparison;
  Comparison opposite;
};
/// The longer one first, where one begins with another.
constexpr std::array<Sign, 6> kSigns{{{"<=", Comparison::less_or_equal, Comparison::greater},
                                      {">=", Comparison::greater_or_equal, Comparison::less},
                                      {"<", Comparison::less, Comparison::greater_or_equal},
                                      {">", Comparison::greater, Comparison::less_or_equal},
                                      {"≤", Comparison::less_or_equal, Comparison::greater},
                                      {"≥", Comparison::greater_or_equal, Comparison::less}}};

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";
/// A word ends before any of these; the last two bytes begin "≤" and stand in no word.
constexpr std::string_view kWordEnds = " \t\r\n{}<>=,\xE2";
constexpr Duration kSecond = std::chrono::seconds(1);  // cells are so long after the first minute
constexpr Duration kLongestTime = std::chrono::hours(24 * 365);

/// "99.9" x 10^exponent in one rounding, so that 99.9 % is 0.999; nothing but digits and a point.
std::optional<double> decimal(std::string_view text, int exponent) {
  if (text.empty() || text.find_first_not_of("0123456789.") != text.npos) return std::nullopt;
  if (text.find_first_of(kDigits) != 0 || text.back() == '.') return std::nullopt;
  const std::string scientific = fmt::format("{}e{}", text, exponent);
  double value = 0;
  const auto [end, error] = std::from_chars(scientific.data(), scientific.data() + scientific.size(), value);
  return error == std::errc{} && end == scientific.data() + scientific.size() ? std::optional(value) : std::nullopt;
}

/// 0.999 as "99.9": the shortest decimal with its point moved, so that decimal(text, -2) gives the same double.
std::string hundredfold(double value) {
  std::array<char, 400> buffer;  // the smallest double has 325 digits after the point
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
  std::string text(buffer.data(), end);
  std::size_t point = text.find('.');
  if (point == text.npos)
    point = text.size();
  else
    text.erase(point, 1);
  if (text.size() < point + 2) text.append(point + 2 - text.size(), '0');
  text.insert(point + 2, ".");
  if (text.ends_with('.')) text.pop_back();
  const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size() - 1);
  return text.substr(text[zeros] == '.' ? zeros - 1 : zeros);
}

/// Reads thresholds from left to right; the first mistake ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool threshold(Threshold& out) {
    const bool fail_if = take_fail_if();
    if (!(figure(out) && comparison(out) && limit(out) && over(out) && abort(out) && makes_sense(out))) return false;
    if (fail_if) out = opposite(std::move(out));
    return true;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  bool take(std::string_view sign) {
    skip_blanks();
    if (!rest().starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  bool fail(std::size_t at, std::string_view why) {
    // Bytes that go on with a character are none of their own.
    const auto characters = std::ranges::count_if(
        text_.substr(0, at), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    error_ = {fmt::format("{}, character {}: {}", in_quotes(text_), characters + 1, why)};
    return false;
  }
  bool fail_here(std::string_view why) {
    skip_blanks();
    return fail(at_, why);
  }
  const Error& error() const { return error_; }
  std::string_view rest() const { return text_.substr(at_); }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }
  std::string_view word() {
    skip_blanks();
    word_at_ = at_;
    at_ = std::min(text_.find_first_of(kWordEnds, at_), text_.size());
    return text_.substr(word_at_, at_ - word_at_);
  }
  bool fail_word(std::string_view why) { return fail(word_at_, why); }

  bool take_fail_if();
  bool figure(Threshold& out);
  bool metric(std::string_view name, Threshold& out);
  bool label(Threshold& out);
  bool comparison(Threshold& out);
  bool limit(Threshold& out);
  bool time_limit(std::string_view word, Threshold& out);
  bool share_limit(std::string_view word, Threshold& out);
  bool rate_limit(std::string_view word, Threshold& out);
  bool over(Threshold& out);
  bool abort(Threshold& out);
  bool duration(std::string_view what, Duration shortest, std::optional<Duration>& out);
  bool makes_sense(const Threshold& threshold);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t word_at_ = 0;
  Error error_;
};

bool Parser::take_fail_if() {
  const std::size_t before = at_;
  if (word() == "fail" && word() == "if") return true;
  at_ = before;
  return false;
}

bool Parser::figure(Threshold& out) {
  std::string_view name = word();
  if (name.empty()) return fail_word("a figure is missing, such as p99, error_rate or rps; write 'p99 <= 250ms'");
  const std::size_t point = name.find('.');
  const bool percentile = name.size() > 1 && name[0] == 'p' && kDigits.find(name[1]) != kDigits.npos;
  if (point != name.npos && !percentile) {
    const std::string_view series = name.substr(0, point);
    const auto found = std::ranges::find(kSeries, series);
    if (found == kSeries.end())
      return fail_word(fmt::format("there is no series {}{}; there are {}", in_quotes(series),
                                   did_you_mean(series, kSeries), listed(kSeries, "and")));
    out.series = Threshold::Series(found - kSeries.begin());
    name.remove_prefix(point + 1);
    word_at_ += point + 1;
    if (!metric(name, out)) return false;
    if (!is_time(out.metric)) return fail_word(fmt::format("{} is no time, and only times have a series", name));
  } else if (!metric(name, out)) {
    return false;
  }
  return label(out);
}

bool Parser::metric(std::string_view name, Threshold& out) {
  if (const auto row = std::ranges::find(kMetrics, name, &MetricWord::word); row != kMetrics.end()) {
    out.metric = row->metric;
    out.p = row->p;
    return true;
  }
  const auto p = name.starts_with('p') ? decimal(name.substr(1), -2) : std::nullopt;
  if (!p)
    return fail_word(fmt::format("there is no figure {}{}", in_quotes(name),
                                 nearest(name, kGuesses) ? did_you_mean(name, kGuesses)
                                                         : "; there are p50 to p99.99, mean, min, max, error_rate, "
                                                           "delivered and rps"));
  if (*p <= 0 || *p >= 1) return fail_word("a percentile is above p0 and below p100; for the largest value write max");
  out.metric = Metric::percentile;
  out.p = *p;
  return true;
}

bool Parser::label(Threshold& out) {
  skip_blanks();
  const std::size_t opened = at_;
  if (!take("{")) return true;
  for (std::size_t depth = 1; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) break;
    if (c == '\\' && at_ + 1 < text_.size()) ++at_;
    out.label += text_[at_];
  }
  if (!take("}"))
    return fail(opened, R"(the label is not closed; write "p99{Login} < 1s", and a brace of its own as "\{" or "\}")");
  if (out.label.empty()) return fail(opened, "the label is empty; for all requests leave the braces away");
  if (out.metric == Metric::rps || out.metric == Metric::delivered)
    return fail(opened, fmt::format("{} is of all requests; take the label away", figure_of({.metric = out.metric})));
  return true;
}

bool Parser::comparison(Threshold& out) {
  for (const Sign& sign : kSigns) {
    if (!take(sign.text)) continue;
    out.comparison = sign.comparison;
    return true;
  }
  return fail_here("expected <, <=, > or >=");
}

bool Parser::limit(Threshold& out) {
  const std::string_view name = word();
  if (name.empty()) return fail_word("the limit is missing");
  const bool read = is_time(out.metric)    ? time_limit(name, out)
                    : is_share(out.metric) ? share_limit(name, out)
                                           : rate_limit(name, out);
  if (!read) return false;
  if (out.comparison == Comparison::less && out.limit == 0)
    return fail_word(fmt::format("no {} is below 0; write <=", figure_of(out)));
  if (out.comparison == Comparison::greater && out.limit == 1 && is_share(out.metric))
    return fail_word(fmt::format("no {} is above 100 %; write >=", figure_of(out)));
  return true;
}

bool Parser::time_limit(std::string_view word, Threshold& out) {
  if (decimal(word, 0)) return fail_word(fmt::format(R"({0} has no unit; write "{0}ms")", word));
  const Result<Duration> time = parse_duration(word);
  if (!time) return fail_word(time.error());
  if (*time > kLongestTime) return fail_word(fmt::format("{} is longer than a year", in_quotes(word)));
  out.limit = static_cast<double>(time->count());
  return true;
}

bool Parser::share_limit(std::string_view word, Threshold& out) {
  const bool percent = word.ends_with('%') || take("%");
  if (word.ends_with('%')) word.remove_suffix(1);
  const auto share = decimal(word, percent ? -2 : 0);
  if (!share) return fail_word(fmt::format(R"({} is no share; write it as "0.1%" or 0.001)", in_quotes(word)));
  // "error_rate < 1" is meant as 1 % by some and as 100 % by others.
  if (!percent && *share >= 1) return fail_word(fmt::format(R"({0} could be {0} % or {0} in 1; write "{0}%")", word));
  if (*share > 1) return fail_word(fmt::format("{}% is more than all of it", word));
  out.limit = *share;
  return true;
}

bool Parser::rate_limit(std::string_view word, Threshold& out) {
  const Result<double> rate = parse_rate(word.find('/') == word.npos ? fmt::format("{}/s", word) : std::string(word));
  if (!rate)
    return fail_word(fmt::format("{} is no rate; write requests a second, as 2900 or 2900/s", in_quotes(word)));
  out.limit = *rate;
  return true;
}

bool Parser::duration(std::string_view what, Duration shortest, std::optional<Duration>& out) {
  const Result<Duration> time = parse_duration(word());
  if (!time) return fail_word(fmt::format("after {}: {}", what, time.error()));
  if (*time < shortest || *time > kLongestTime)
    return fail_word(fmt::format("after {}: it must be {} to {}", what, loadgen::to_string(shortest),
                                 loadgen::to_string(kLongestTime)));
  out = *time;
  return true;
}

bool Parser::over(Threshold& out) {
  const std::size_t before = at_;
  if (word() == "over") {
    if (!duration(R"("over")", kSecond, out.over)) return false;
    return *out.over % kSecond == Duration::zero() || fail_word("after \"over\": write whole seconds");
  }
  at_ = before;
  return true;
}

bool Parser::abort(Threshold& out) {
  std::size_t before = at_;
  if (word() != "abort") {
    at_ = before;
    return true;
  }
  out.abort_after = Duration::zero();
  before = at_;
  if (word() == "after") return duration(R"("abort after")", Duration::zero(), out.abort_after);
  at_ = before;
  return true;
}

bool Parser::makes_sense(const Threshold& threshold) {
  const std::string figure = figure_of(threshold);
  const bool of_whole_run =
      threshold.metric == Metric::delivered || !(threshold.label.empty() || is_time(threshold.metric));
  if (of_whole_run && threshold.over)
    return fail_word(fmt::format("{} is known for the whole run only; take \"over\" away", figure));
  if (of_whole_run && threshold.abort_after && threshold.metric != Metric::delivered)
    return fail_word(
        fmt::format("{} is not known while the run lasts, so it cannot stop it; take \"abort\" away, or "
                    "watch error_rate",
                    figure));
  return true;
}

std::string_view text_of(Comparison comparison) {
  return std::ranges::find(kSigns, comparison, &Sign::comparison)->text;
}

Comparison opposite_of(Comparison comparison) {
  return std::ranges::find(kSigns, comparison, &Sign::comparison)->opposite;
}

bool balanced(std::string_view label) {
  int depth = 0;
  for (const char c : label) {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (depth < 0) return false;
  }
  return depth == 0;
}

std::string label_to_string(std::string_view label) {
  const std::string_view escaped = balanced(label) ? "\\" : "\\{}";
  std::string out = "{";
  for (const char c : label) {
    if (escaped.find(c) != escaped.npos) out += '\\';
    out += c;
  }
  return out + "}";
}

}  // namespace

Result<Threshold> parse_threshold(std::string_view text) {
  Parser parser(text);
  Threshold threshold;
  if (parser.threshold(threshold) && !parser.at_end())
    parser.fail_here(
        fmt::format("{} is not understood; after the limit may follow \"over 10s\" and \"abort after 10s\"",
                    in_quotes(parser.rest())));
  if (!parser.error().message.empty()) return parser.error();
  return threshold;
}

Result<std::vector<Threshold>> parse_thresholds(std::string_view text) {
  Parser parser(text);
  std::vector<Threshold> all;
  do {
    if (!parser.threshold(all.emplace_back())) return parser.error();
  } while (parser.take(","));
  if (!parser.at_end()) {
    parser.fail_here(
        fmt::format("{} is not understood; write a comma between two thresholds", in_quotes(parser.rest())));
    return parser.error();
  }
  return all;
}

std::string figure_of(const Threshold& threshold) {
  std::string out;
  if (threshold.series != Threshold::Series::response)
    out = fmt::format("{}.", kSeries[static_cast<std::size_t>(threshold.series)]);
  if (threshold.metric == Metric::percentile)
    out += "p" + hundredfold(threshold.p);
  else
    out += std::ranges::find(kMetrics, threshold.metric, &MetricWord::metric)->word;
  return threshold.label.empty() ? out : out + label_to_string(threshold.label);
}

std::string limit_to_string(Metric metric, double limit) {
  if (is_time(metric)) return loadgen::to_string(Duration(static_cast<std::int64_t>(limit)));
  return is_share(metric) ? hundredfold(limit) + "%" : rate_to_string(limit);
}

std::string to_string(const Threshold& threshold) {
  const bool fail_if = threshold.form == Threshold::Form::fail_if;
  std::string out = fmt::format("{}{} {} {}", fail_if ? "fail if " : "", figure_of(threshold),
                                text_of(fail_if ? opposite_of(threshold.comparison) : threshold.comparison),
                                limit_to_string(threshold.metric, threshold.limit));
  if (threshold.over) out += " over " + loadgen::to_string(*threshold.over);
  if (threshold.abort_after) out += " abort";
  if (threshold.abort_after.value_or(Duration::zero()) > Duration::zero())
    out += " after " + loadgen::to_string(*threshold.abort_after);
  return out;
}

stats::Limit limit_of(const Threshold& threshold) {
  return {threshold.comparison, threshold.limit};
}

stats::TimeFigure time_figure_of(const Threshold& threshold) {
  using Kind = stats::TimeFigure::Kind;
  assert(is_time(threshold.metric));
  constexpr std::array kinds{Kind::percentile, Kind::mean, Kind::min, Kind::max};  // in the order of Metric
  return {kinds[static_cast<std::size_t>(threshold.metric)], threshold.p};
}

bool is_time(Metric metric) {
  return metric == Metric::percentile || metric == Metric::mean || metric == Metric::min || metric == Metric::max;
}

bool is_share(Metric metric) {
  return metric == Metric::error_rate || metric == Metric::delivered;
}

bool holds(const Threshold& threshold, double value) {
  return limit_of(threshold).keeps(value);
}

Threshold opposite(Threshold threshold) {
  using Form = Threshold::Form;
  threshold.form = threshold.form == Form::demand ? Form::fail_if : Form::demand;
  threshold.comparison = opposite_of(threshold.comparison);
  return threshold;
}

std::optional<std::string> wrong_way(const Threshold& threshold) {
  constexpr std::array<std::string_view, 4> kFailed{"not below", "above", "not above", "below"};  // by Comparison
  const bool more_is_good = threshold.metric == Metric::rps || threshold.metric == Metric::delivered;
  if (limit_of(threshold).upper() != more_is_good) return std::nullopt;
  Threshold meant = threshold;
  meant.comparison = opposite_of(meant.comparison);
  return fmt::format("\"{}\" fails the run when {} is {} {}; did you mean \"{}\"?", to_string(threshold),
                     figure_of(threshold), kFailed[static_cast<std::size_t>(threshold.comparison)],
                     limit_to_string(threshold.metric, threshold.limit), to_string(meant));
}

}  // namespace loadgen::config
