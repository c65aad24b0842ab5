#include "cli/progress.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

using stats::Progress;
using std::chrono::milliseconds;

/// A stream whose bytes a test reads.
class Capture {
 public:
  Capture() : stream_(open_memstream(&data_, &size_)) {}
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() {
    std::fclose(stream_);
    std::free(data_);
  }
  std::FILE* stream() { return stream_; }
  std::string text() {
    std::fflush(stream_);
    return {data_, size_};
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* stream_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// 100 requests of 10 ms each every 100 ms, one of them failed; look number n, from 1.
Progress look(int n) {
  Progress p;
  p.elapsed = milliseconds(100) * n;
  p.users = 20;
  p.users_started = 20;
  p.users_finished = 5;
  p.interval = {100, 1, milliseconds(1000), milliseconds(3), milliseconds(40)};
  for (int i = 0; i < n; ++i) p.total.merge(p.interval);
  p.sent = p.total.completed + 7;
  p.worst_send_lag = std::chrono::microseconds(250);
  return p;
}

void run(ProgressPrinter& printer, int looks) {
  for (int n = 1; n < looks; ++n) printer.tick(look(n));
  printer.finish(look(looks));
}

TEST(ProgressMode, AutoIsALiveBlockOnlyWhereItCanBeDrawn) {
  const Terminal tty{.is_tty = true, .term = "xterm", .ci = {}, .no_color = {}, .clicolor_force = {}, .locale = {}};
  EXPECT_EQ(choose_mode(ProgressMode::automatic, tty), ProgressMode::tty);
  Terminal other = tty;
  other.is_tty = false;
  EXPECT_EQ(choose_mode(ProgressMode::automatic, other), ProgressMode::line);
  other = tty;
  other.term = "dumb";
  EXPECT_EQ(choose_mode(ProgressMode::automatic, other), ProgressMode::line);
  other = tty;
  other.term.reset();
  EXPECT_EQ(choose_mode(ProgressMode::automatic, other), ProgressMode::line);
  other = tty;
  other.ci = "true";
  EXPECT_EQ(choose_mode(ProgressMode::automatic, other), ProgressMode::line);
  EXPECT_EQ(choose_mode(ProgressMode::tty, other), ProgressMode::tty) << "asked for, so done";
  EXPECT_EQ(choose_mode(ProgressMode::none, tty), ProgressMode::none);
}

TEST(ProgressMode, FlagsByName) {
  EXPECT_EQ(progress_mode_of("auto"), ProgressMode::automatic);
  EXPECT_EQ(progress_mode_of("json"), ProgressMode::json);
  EXPECT_EQ(progress_mode_of("TTY"), std::nullopt);
}

TEST(Color, FlagThenNoColorThenForceThenTerminal) {
  Terminal terminal{.is_tty = true, .term = "xterm", .ci = {}, .no_color = {}, .clicolor_force = {}, .locale = {}};
  EXPECT_TRUE(use_color(ColorFlag::automatic, terminal));
  terminal.no_color = "";
  EXPECT_TRUE(use_color(ColorFlag::automatic, terminal)) << "empty is as good as unset";
  terminal.no_color = "1";
  EXPECT_FALSE(use_color(ColorFlag::automatic, terminal));
  EXPECT_TRUE(use_color(ColorFlag::always, terminal));
  terminal.clicolor_force = "1";
  EXPECT_FALSE(use_color(ColorFlag::automatic, terminal)) << "NO_COLOR is the stronger wish";
  terminal.no_color.reset();
  terminal.is_tty = false;
  EXPECT_TRUE(use_color(ColorFlag::automatic, terminal));
  EXPECT_FALSE(use_color(ColorFlag::never, terminal));
  terminal.clicolor_force = "0";
  EXPECT_FALSE(use_color(ColorFlag::automatic, terminal));
}

TEST(Locale, Utf8InItsSpellings) {
  EXPECT_TRUE(is_utf8("en_US.UTF-8"));
  EXPECT_TRUE(is_utf8("C.utf8"));
  EXPECT_TRUE(is_utf8("de_DE.UTF-8@euro"));
  EXPECT_FALSE(is_utf8("C"));
  EXPECT_FALSE(is_utf8(""));
  EXPECT_FALSE(is_utf8("de_DE.ISO-8859-1"));
}

TEST(ProgressLines, EveryTenSecondsTheTotalFromTheSecondOn) {
  Capture out;
  ProgressPrinter printer({.mode = ProgressMode::line, .out = out.stream()});
  run(printer, 250);
  EXPECT_EQ(out.text(),
            "summary +  10000 in 00:00:10 = 1000.0/s Avg:    10 Min:     3 Max:    40 Err:   100 (1.00%)"
            " Active: 15 Started: 20 Finished: 5\n"
            "summary +  10000 in 00:00:10 = 1000.0/s Avg:    10 Min:     3 Max:    40 Err:   100 (1.00%)"
            " Active: 15 Started: 20 Finished: 5\n"
            "summary =  20000 in 00:00:20 = 1000.0/s Avg:    10 Min:     3 Max:    40 Err:   200 (1.00%)\n"
            "summary +   5000 in 00:00:05 = 1000.0/s Avg:    10 Min:     3 Max:    40 Err:    50 (1.00%)"
            " Active: 15 Started: 20 Finished: 5\n"
            "summary =  25000 in 00:00:25 = 1000.0/s Avg:    10 Min:     3 Max:    40 Err:   250 (1.00%)\n");
}

TEST(ProgressLines, AShortRunHasItsTotalOnly) {
  Capture out;
  ProgressPrinter printer({.mode = ProgressMode::line, .out = out.stream()});
  run(printer, 20);
  EXPECT_EQ(out.text(),
            "summary =   2000 in 00:00:02 = 1000.0/s Avg:    10 Min:     3 Max:    40 Err:    20 (1.00%)\n");
}

TEST(ProgressLines, NoClosingTotalWhenTheReportPrintsIt) {
  Capture out;
  ProgressPrinter printer({.mode = ProgressMode::line, .out = out.stream(), .final_total = false});
  run(printer, 150);
  EXPECT_EQ(count(out.text(), "summary +"), 2U);
  EXPECT_EQ(count(out.text(), "summary ="), 0U);
}

TEST(ProgressLines, EveryThirtySecondsAfterFiveMinutes) {
  Capture out;
  ProgressPrinter printer({.mode = ProgressMode::line, .out = out.stream()});
  for (int n = 1; n <= 4200; ++n) printer.tick(look(n));
  EXPECT_EQ(count(out.text(), "summary +"), 30U + 4U);
}

TEST(ProgressJson, OneObjectASecond) {
  Capture out;
  ProgressPrinter printer({.mode = ProgressMode::json, .out = out.stream()});
  run(printer, 15);
  const std::string text = out.text();
  EXPECT_EQ(count(text, "\n"), 2U);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            R"({"elapsed_s":1.000,"users":20,"users_started":20,"users_finished":5,"planned":0,"sent":1007,)"
            R"("completed":1000,"failed":10,"rps":1000.0,"mean_ms":10.000,)"
            R"("interval":{"s":1.000,"completed":1000,"failed":10,"rps":1000.0,"mean_ms":10.000,)"
            R"("max_ms":40.000,"worst_send_lag_ms":0.250}})");
  EXPECT_NE(text.find(R"("interval":{"s":0.500,"completed":500)"), std::string::npos);
}

TEST(ProgressNone, SaysNothing) {
  Capture out;
  {
    ProgressPrinter printer({.mode = ProgressMode::none, .out = out.stream()});
    run(printer, 250);
  }
  EXPECT_EQ(out.text(), "");
}

TEST(ProgressTty, RedrawsInPlaceAndLeavesNothing) {
  Capture out;
  ProgressPrinter printer({.mode = ProgressMode::tty, .out = out.stream(), .columns = [] { return 100U; }});
  printer.tick(look(1));
  EXPECT_EQ(count(out.text(), "\n"), 5U);
  EXPECT_EQ(count(out.text(), "\x1b"), 0U) << "nothing above to erase yet";
  printer.tick(look(2));
  EXPECT_EQ(count(out.text(), "\r\x1b[5A\x1b[J"), 1U);
  printer.finish(look(3));
  const std::string text = out.text();
  const std::string erased = "\r\x1b[5A\x1b[J";
  EXPECT_EQ(text.substr(text.size() - erased.size()), erased);
}

TEST(ProgressTty, RowsOfANarrowedTerminalAreCountedAnew) {
  Capture out;
  std::size_t columns = 100;
  ProgressPrinter printer({.mode = ProgressMode::tty, .out = out.stream(), .columns = [&] { return columns; }});
  printer.tick(look(1));
  const std::string before = out.text();
  std::size_t rows = 0;
  for (std::size_t at = 0; at < before.size();) {
    const std::size_t end = before.find('\n', at);
    rows += (end - at + 29) / 30;
    at = end + 1;
  }
  EXPECT_GT(rows, 5U);
  columns = 30;
  printer.tick(look(2));
  EXPECT_EQ(out.text().find("\r\x1b[" + std::to_string(rows) + "A"), before.size());
}

TEST(ProgressTty, IsTakenOffTheScreenByTheDestructor) {
  Capture out;
  {
    ProgressPrinter printer({.mode = ProgressMode::tty, .out = out.stream(), .columns = [] { return 100U; }});
    printer.tick(look(1));
  }
  EXPECT_EQ(count(out.text(), "\x1b[J"), 1U);
}

TEST(LiveBlock, ShowsNowAgainstOverallAgainstOffered) {
  std::deque<Progress> recent;
  for (int n = 11; n <= 21; ++n) recent.push_back(look(n));
  recent.back().planned = 4200;
  ProgressOptions options;
  options.offered_rate = 1234.5;
  EXPECT_EQ(live_block(recent, options, 80),
            (std::vector<std::string>{"00:00:02  ====================....................  50 %",
                                      "users     15 active, 20 of 20 started, 5 finished",
                                      "requests  2,107 sent, 2,100 completed, 21 failed (1.00 %)",
                                      "rate      1000.0/s now, 1000.0/s overall, 1234.5/s offered",
                                      "time      10.00 ms now, 10.00 ms overall; send lag 0.250 ms at worst"}));
}

TEST(LiveBlock, NeverWiderThanTheTerminal) {
  std::deque<Progress> recent{look(5)};
  recent.back().planned_length = std::chrono::seconds(30);
  for (std::size_t columns = 10; columns < 130; ++columns) {
    for (const std::string& line : live_block(recent, {}, columns)) EXPECT_LT(line.size(), columns);
  }
  EXPECT_EQ(live_block(recent, {}, 59).size(), 1U);
  EXPECT_EQ(live_block(recent, {}, 60).size(), 5U);
}

TEST(LiveBlock, PlainWithoutUnicode) {
  std::deque<Progress> recent{look(50)};
  recent.back().planned_length = std::chrono::seconds(10);
  const std::string plain = live_block(recent, {}, 80).front();
  EXPECT_TRUE(std::ranges::all_of(plain, [](char c) { return c >= ' ' && c < 0x7f; })) << plain;
  ProgressOptions options;
  options.unicode = true;
  EXPECT_NE(live_block(recent, options, 80).front().find("\u2588"), std::string::npos);
}

TEST(LiveBlock, NoBarForARunWithoutAnEnd) {
  std::deque<Progress> recent{look(50)};
  EXPECT_EQ(live_block(recent, {}, 80).front(), "00:00:05");
}

}  // namespace
}  // namespace loadgen::cli
