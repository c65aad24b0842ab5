#include "cli/progress.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/numbers.hpp"
#include "report/printable.hpp"
#include "report/summariser.hpp"

namespace loadgen::cli {
namespace {

using report::grouped;
using stats::Progress;
using stats::Tally;

constexpr Duration kLineEvery = std::chrono::seconds(10);
constexpr Duration kLineEveryLater = std::chrono::seconds(30);  ///< a soak's log stays short
constexpr Duration kLater = std::chrono::minutes(5);
constexpr Duration kObjectEvery = std::chrono::seconds(1);
constexpr Duration kNow = std::chrono::seconds(1);  ///< what "now" means in the live block
constexpr std::size_t kNarrow = 60;                 ///< on narrower terminals the block is one short line

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

double rate(std::uint64_t count, Duration time) {
  return time > Duration::zero() ? static_cast<double>(count) / seconds(time) : 0;
}

double mean_ns(const Tally& tally) {
  return tally.completed > 0 ? static_cast<double>(tally.elapsed_sum.count()) / static_cast<double>(tally.completed)
                             : 0;
}

/// Counters of two shards are read one after the other, so finished may be seen a moment before started.
std::uint64_t active(const Progress& p) {
  return p.users_started - std::min(p.users_finished, p.users_started);
}

std::string clock_text(Duration d) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(d).count();
  return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

/// How much of the run is over, 0 to 1, by time or by requests, whichever ends it first; nullopt when nothing says.
std::optional<double> done(const Progress& p) {
  if (p.planned == 0 && p.planned_length <= Duration::zero()) return std::nullopt;
  double share = 0;
  if (p.planned > 0) share = static_cast<double>(p.total.completed) / static_cast<double>(p.planned);
  if (p.planned_length > Duration::zero()) share = std::max(share, seconds(p.elapsed) / seconds(p.planned_length));
  return std::clamp(share, 0.0, 1.0);
}

std::string bar(double share, std::size_t width, bool unicode) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string out;
  for (std::size_t i = 0; i < width; ++i) {
    if (unicode) {
      out += i < full ? "\u2588" : "\u2591";
    } else {
      out += i < full ? '=' : '.';
    }
  }
  return out;
}

struct Now {
  double rate = 0;
  double mean_ns = 0;
  Duration worst_send_lag{};
};

Now now_of(const std::deque<Progress>& recent) {
  const Progress& first = recent.front();
  const Progress& last = recent.back();
  const std::uint64_t completed = last.total.completed - first.total.completed;
  Now now;
  now.rate = rate(completed, last.elapsed - first.elapsed);
  if (completed > 0) {
    const auto sum = static_cast<double>((last.total.elapsed_sum - first.total.elapsed_sum).count());
    now.mean_ns = sum / static_cast<double>(completed);
  }
  for (const Progress& look : recent) now.worst_send_lag = std::max(now.worst_send_lag, look.worst_send_lag);
  return now;
}

std::string failures(const Tally& total) {
  const double share =
      total.completed > 0 ? static_cast<double>(total.failed) / static_cast<double>(total.completed) : 0;
  return fmt::format("{} failed ({})", grouped(total.failed), report::percent(share));
}

std::string head_line(const Progress& p, const ProgressOptions& options, std::size_t columns) {
  std::string line = clock_text(p.elapsed);
  if (p.planned_length > Duration::zero()) line += " / " + clock_text(p.planned_length);
  if (const std::optional<double> share = done(p)) {
    const std::size_t width = std::clamp<std::size_t>(columns - line.size() - 12, 10, 40);
    line += fmt::format("  {} {:3.0f} %", bar(*share, width, options.unicode), 100 * *share);
  }
  return line;
}

}  // namespace

std::optional<ProgressMode> progress_mode_of(std::string_view flag) {
  constexpr std::array<std::pair<std::string_view, ProgressMode>, 5> modes{{{"auto", ProgressMode::automatic},
                                                                            {"tty", ProgressMode::tty},
                                                                            {"line", ProgressMode::line},
                                                                            {"json", ProgressMode::json},
                                                                            {"none", ProgressMode::none}}};
  const auto* const found = std::ranges::find(modes, flag, &std::pair<std::string_view, ProgressMode>::first);
  return found != modes.end() ? std::optional(found->second) : std::nullopt;
}

Terminal terminal_of(std::FILE* stream) {
  Terminal terminal;
  terminal.is_tty = isatty(fileno(stream)) == 1;
  terminal.term = environment("TERM");
  terminal.ci = environment("CI");
  terminal.no_color = environment("NO_COLOR");
  terminal.clicolor_force = environment("CLICOLOR_FORCE");
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {  // POSIX: the first that is set and not empty
    terminal.locale = environment(name).value_or("");
    if (!terminal.locale.empty()) break;
  }
  return terminal;
}

ProgressMode choose_mode(ProgressMode asked, const Terminal& terminal) {
  if (asked != ProgressMode::automatic) return asked;
  const bool cursor_moves = terminal.is_tty && terminal.term && !terminal.term->empty() && *terminal.term != "dumb";
  return cursor_moves && !terminal.ci ? ProgressMode::tty : ProgressMode::line;
}

bool use_color(ColorFlag flag, const Terminal& terminal) {
  if (flag != ColorFlag::automatic) return flag == ColorFlag::always;
  if (terminal.no_color && !terminal.no_color->empty()) return false;
  if (terminal.clicolor_force && *terminal.clicolor_force != "0") return true;
  return terminal.is_tty && terminal.term && !terminal.term->empty() && *terminal.term != "dumb";
}

bool is_utf8(std::string_view locale) {
  const std::size_t dot = locale.find('.');
  if (dot == std::string_view::npos) return false;
  std::string charset;
  for (const char c : locale.substr(dot + 1, locale.find('@') - dot - 1)) {
    if (c != '-') charset += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return charset == "utf8";
}

std::size_t columns_of(std::FILE* stream) {
  winsize size{};
  return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::vector<std::string> live_block(const std::deque<Progress>& recent, const ProgressOptions& options,
                                    std::size_t columns) {
  const Progress& p = recent.back();
  const Now now = now_of(recent);
  std::vector<std::string> lines;
  if (columns < kNarrow) {
    lines.push_back(fmt::format("{}  {:.1f}/s  {} done  {} failed", clock_text(p.elapsed), now.rate,
                                grouped(p.total.completed), grouped(p.total.failed)));
  } else {
    const std::string offered = options.offered_rate > 0 ? fmt::format(", {:.1f}/s offered", options.offered_rate) : "";
    lines.push_back(head_line(p, options, columns));
    lines.push_back(fmt::format("users     {} active, {} of {} started, {} finished", grouped(active(p)),
                                grouped(p.users_started), grouped(p.users), grouped(p.users_finished)));
    lines.push_back(fmt::format("requests  {} sent, {} completed, {}", grouped(p.sent), grouped(p.total.completed),
                                failures(p.total)));
    lines.push_back(fmt::format("rate      {:.1f}/s now, {:.1f}/s overall{}", now.rate,
                                rate(p.total.completed, p.elapsed), offered));
    lines.push_back(fmt::format("time      {} ms now, {} ms overall; send lag {} ms at worst", report::ms(now.mean_ns),
                                report::ms(mean_ns(p.total)), report::ms(now.worst_send_lag.count())));
  }
  // One column stays free: a full last column makes some terminals start another row.
  for (std::string& line : lines) line = report::truncated(line, columns - 1);
  return lines;
}

void ProgressPrinter::Stretch::add(const Progress& progress) {
  tally.merge(progress.interval);
  worst_send_lag = std::max(worst_send_lag, progress.worst_send_lag);
}

void ProgressPrinter::Stretch::restart(Duration at) {
  *this = Stretch{.begin = at, .tally = {}, .worst_send_lag = {}};
}

ProgressPrinter::ProgressPrinter(ProgressOptions options) : options_(std::move(options)) {
  if (!options_.columns) options_.columns = [out = options_.out] { return columns_of(out); };
  next_print_ = options_.mode == ProgressMode::json ? kObjectEvery : kLineEvery;
}

ProgressPrinter::~ProgressPrinter() {
  erase();
}

void ProgressPrinter::tick(const Progress& progress) {
  since_print_.add(progress);
  if (options_.mode == ProgressMode::tty) draw(progress);
  if (progress.elapsed < next_print_) return;
  if (options_.mode == ProgressMode::json) print_json(progress);
  if (options_.mode != ProgressMode::line) return;
  const bool first = printed_ == 0;
  print_delta(progress);
  if (!first) print_total(progress);  // as JMeter: it would say the same as the first `+`
}

void ProgressPrinter::finish(const Progress& progress) {
  since_print_.add(progress);
  erase();
  if (options_.mode == ProgressMode::json) print_json(progress);
  if (options_.mode != ProgressMode::line) return;
  if (printed_ > 0) print_delta(progress);  // JMeter too closes with a `+` only when there was one before
  if (options_.final_total) print_total(progress);
}

/// A stderr that is closed or full costs the run nothing; fmt::print would throw.
void ProgressPrinter::put(const std::string& text) const {
  std::fwrite(text.data(), 1, text.size(), options_.out);
  std::fflush(options_.out);
}

void ProgressPrinter::draw(const Progress& progress) {
  recent_.push_back(progress);
  while (recent_.size() > 2 && progress.elapsed - recent_[1].elapsed >= kNow) recent_.pop_front();
  const std::size_t columns = std::max<std::size_t>(options_.columns(), 10);
  const std::vector<std::string> lines = live_block(recent_, options_, columns);
  erase();
  std::string block;
  for (const std::string& line : lines) {
    block += line + '\n';
    drawn_.push_back(report::display_width(line));
  }
  put(block);
}

/// Back to where the block began, and everything below gone. A line drawn on a wider terminal takes several rows now.
void ProgressPrinter::erase() {
  if (drawn_.empty()) return;
  const std::size_t columns = std::max<std::size_t>(options_.columns(), 1);
  std::size_t rows = 0;
  for (const std::size_t width : drawn_) rows += std::max<std::size_t>(1, (width + columns - 1) / columns);
  drawn_.clear();
  put(fmt::format("\r\x1b[{}A\x1b[J", rows));
}

void ProgressPrinter::print_delta(const Progress& progress) {
  const report::UserCounts users{progress.users_started, std::min(progress.users_finished, progress.users_started)};
  put(fmt::format("{}\n", report::summary_delta(since_print_.tally, progress.elapsed - since_print_.begin, users)));
  ++printed_;
  since_print_.restart(progress.elapsed);
  const Duration every = progress.elapsed >= kLater ? kLineEveryLater : kLineEvery;
  next_print_ = progress.elapsed - progress.elapsed % every + every;  // on whole multiples, as JMeter's are
}

void ProgressPrinter::print_total(const Progress& progress) {
  put(fmt::format("{}\n", report::summary_total(progress.total, progress.elapsed)));
}

void ProgressPrinter::print_json(const Progress& progress) {
  const Tally& total = progress.total;
  const Tally& recent = since_print_.tally;
  const Duration length = progress.elapsed - since_print_.begin;
  put(fmt::format(
      "{{\"elapsed_s\":{:.3f},\"users\":{},\"users_started\":{},\"users_finished\":{},\"planned\":{},\"sent\":{},"
      "\"completed\":{},\"failed\":{},\"rps\":{:.1f},\"mean_ms\":{:.3f},"
      "\"interval\":{{\"s\":{:.3f},\"completed\":{},\"failed\":{},\"rps\":{:.1f},\"mean_ms\":{:.3f},"
      "\"max_ms\":{:.3f},\"worst_send_lag_ms\":{:.3f}}}}}\n",
      seconds(progress.elapsed), progress.users, progress.users_started, progress.users_finished, progress.planned,
      progress.sent, total.completed, total.failed, rate(total.completed, progress.elapsed), mean_ns(total) / 1e6,
      seconds(length), recent.completed, recent.failed, rate(recent.completed, length), mean_ns(recent) / 1e6,
      milliseconds(recent.elapsed_max), milliseconds(since_print_.worst_send_lag)));
  ++printed_;
  since_print_.restart(progress.elapsed);
  next_print_ = progress.elapsed - progress.elapsed % kObjectEvery + kObjectEvery;
}

}  // namespace loadgen::cli
