#include "report/text_gates.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace loadgen::report {
namespace {

struct StandingWord {
  std::string_view word;
  std::string_view color;
};
/// In the order of Standing.
constexpr std::array<StandingWord, 4> kStandings{
    {{"passed", "32"}, {"FAILED", "1;31"}, {"not decided", "1;33"}, {"doubtful", "1;35"}}};
constexpr std::size_t kWidest = 11;

/// "2 passed, 1 FAILED"
std::string counts_text(const std::vector<Gate>& gates) {
  std::string out;
  for (std::size_t i = 0; i < kStandings.size(); ++i) {
    const auto count = std::ranges::count(gates, Standing(i), &standing_of);
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, kStandings[i].word);
  }
  return out;
}

std::string part_text(stats::StopReason stop) {
  const bool part = stop != stats::StopReason::finished && stop != stats::StopReason::precise_enough;
  return part ? "; of the part that was run: the whole of it might have come out otherwise" : "";
}

}  // namespace

void write_gates(Page& page, const Summary& summary, const TextStyle& style) {
  if (summary.gates.empty()) return;
  page.paragraph(fmt::format("Thresholds   {}{}", counts_text(summary.gates), part_text(summary.stop)), 2);
  for (const Gate& gate : summary.gates) {
    const auto& [word, color] = kStandings[static_cast<std::size_t>(standing_of(gate))];
    std::string line =
        wrapped(fmt::format("  {:<{}}  {}: {}", word, kWidest, printable(gate.threshold), printable(evidence_of(gate))),
                page.width(), kWidest + 4);
    // Wrapped first, coloured second: escape sequences take no columns.
    if (style.color) line.replace(2, word.size(), fmt::format("\x1b[{}m{}\x1b[0m", color, word));
    page.line(line);
  }
  page.blank();
}

}  // namespace loadgen::report
