#pragma once
// What a user sees while a run lasts, on stderr: a live block on a terminal, JMeter's `summary` lines off it, or JSON.
// Fed ten times a second by the main thread; the shards know nothing of it. Nothing of the terminal's state is changed
// but the cursor's place, so a crash leaves nothing to restore.

#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "stats/progress.hpp"

namespace loadgen::cli {

enum class ProgressMode : std::uint8_t { automatic, tty, line, json, none };

/// "auto", "tty", "line", "json", "none" as in `--progress`; nullopt for anything else.
std::optional<ProgressMode> progress_mode_of(std::string_view flag);

/// What the choice of how to talk depends on: read once in main, passed on as values.
struct Terminal {
  bool is_tty = false;
  std::optional<std::string> term;            ///< TERM
  std::optional<std::string> ci;              ///< CI
  std::optional<std::string> no_color;        ///< NO_COLOR
  std::optional<std::string> clicolor_force;  ///< CLICOLOR_FORCE
  std::string locale;                         ///< LC_ALL, else LC_CTYPE, else LANG
};

Terminal terminal_of(std::FILE* stream);

/// automatic becomes tty on a terminal that can move its cursor and is nobody's log (CI unset), else line.
ProgressMode choose_mode(ProgressMode asked, const Terminal& terminal);

enum class ColorFlag : std::uint8_t { automatic, always, never };

/// --color beats NO_COLOR (set and not empty) beats CLICOLOR_FORCE (set, not "0") beats what the terminal is.
bool use_color(ColorFlag flag, const Terminal& terminal);

/// Whether the locale's charset is UTF-8.
bool is_utf8(std::string_view locale);

/// Columns of the terminal behind the stream; 80 when it has none.
std::size_t columns_of(std::FILE* stream);

struct ProgressOptions {
  ProgressMode mode = ProgressMode::line;  ///< not automatic
  std::FILE* out = stderr;
  std::function<std::size_t()> columns{};  ///< asked at each redraw; empty: columns_of(out)
  bool unicode = false;
  double offered_rate = 0;  ///< requests a second the plan offers; 0: none
  bool final_total = true;  ///< line mode: end with `summary =`; off when the report on stdout holds it
};

class ProgressPrinter {
 public:
  explicit ProgressPrinter(ProgressOptions options);
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;
  ~ProgressPrinter();  ///< takes the live block off the screen

  void tick(const stats::Progress& progress);
  /// The last look, after the last request: closes lines and JSON, takes the live block off the screen.
  void finish(const stats::Progress& progress);

 private:
  /// A stretch of the run that something is printed about.
  struct Stretch {
    Duration begin{};
    stats::Tally tally;
    Duration worst_send_lag{};
    void add(const stats::Progress& progress);
    void restart(Duration at);
  };

  void put(const std::string& text) const;
  void draw(const stats::Progress& progress);
  void erase();
  void print_delta(const stats::Progress& progress);
  void print_total(const stats::Progress& progress);
  void print_json(const stats::Progress& progress);

  ProgressOptions options_;
  Stretch since_print_;  ///< line and json: since the last line or object
  Duration next_print_{};
  std::uint64_t printed_ = 0;
  std::deque<stats::Progress> recent_;  ///< tty: about a second's looks, for "now"
  std::vector<std::size_t> drawn_;      ///< tty: widths of the lines on the screen
};

/// The live block's lines, none wider than columns; recent holds looks of about a second, the newest last.
std::vector<std::string> live_block(const std::deque<stats::Progress>& recent, const ProgressOptions& options,
                                    std::size_t columns);

}  // namespace loadgen::cli
