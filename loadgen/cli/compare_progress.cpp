#include "cli/compare_progress.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "cli/progress.hpp"
#include "report/printable.hpp"

namespace loadgen::cli {

CompareProgress::CompareProgress(const Outline& outline, Talk talk)
    : outline_(outline),
      talk_(talk),
      live_(choose_mode(ProgressMode::automatic, terminal_of(stderr)) == ProgressMode::tty),
      began_(SteadyClock::now()) {}

void CompareProgress::say(const std::string& text) {
  if (talk_ == Talk::quiet) return;
  erase();
  fmt::print(stderr, "compare: {}\n", text);
}

void CompareProgress::doing(std::uint32_t block, const std::string& what) {
  if (talk_ == Talk::quiet || !live_) return;
  erase();
  const std::string line =
      fmt::format("block {} of {}: {}; about {} left", block + 1, outline_.blocks, what, rough(left(block)));
  fmt::print(stderr, "{}", report::truncated(line, columns_of(stderr) - 1));
  std::fflush(stderr);
  drawn_ = true;
}

void CompareProgress::block_done(std::uint32_t block) {
  const std::uint32_t done = block + 1;
  if (live_) return;
  say(fmt::format("block {} of {} done{}", done, outline_.blocks,
                  done < outline_.blocks ? fmt::format(", about {} left", rough(left(done))) : ""));
}

void CompareProgress::erase() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

Duration CompareProgress::left(std::uint32_t blocks_done) const {
  if (blocks_done == 0) return whole_length(outline_) - (SteadyClock::now() - began_);
  return (SteadyClock::now() - began_) / blocks_done * (outline_.blocks - blocks_done);
}

}  // namespace loadgen::cli
