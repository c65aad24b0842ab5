#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace loadgen {
namespace {

__extension__ typedef unsigned __int128 Wide;  // 18 digits of fraction times 3.6e12 ns an hour do not fit 64 bits

struct Unit {
  std::string_view name;
  std::uint64_t factor;  ///< in the smallest unit: nanoseconds, bytes, or one
};

/// What one kind of quantity looks like, and how its mistakes are worded.
struct Grammar {
  std::span<const Unit> units;
  std::string_view noun;
  std::string_view example;     ///< completes "such as …"
  std::string_view fix;         ///< the unit put behind a bare number in the advice; empty: a bare number is right
  std::string_view not_whole;   ///< said of a value below the smallest unit
  std::string_view unit_names;  ///< for the message about an unknown unit
  std::uint64_t max;
  bool parts_add_up;  ///< "1m30s"
};

constexpr std::array<Unit, 6> kTime{{{"ns", 1},
                                     {"us", 1'000},
                                     {"ms", 1'000'000},
                                     {"s", 1'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 7> kBytes{{{"B", 1},
                                      {"KiB", 1ULL << 10},
                                      {"MiB", 1ULL << 20},
                                      {"GiB", 1ULL << 30},
                                      {"kB", 1'000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000}}};
constexpr std::array<Unit, 4> kCount{{{"", 1}, {"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}};

constexpr Grammar kDurationGrammar{.units = kTime,
                                   .noun = "a duration",
                                   .example = R"("2s", "250ms" or "1m30s")",
                                   .fix = "s",
                                   .not_whole = "is finer than a nanosecond",
                                   .unit_names = "ns, us, ms, s, m and h",
                                   .max = std::numeric_limits<std::int64_t>::max(),
                                   .parts_add_up = true};
constexpr Grammar kBytesGrammar{.units = kBytes,
                                .noun = "a number of bytes",
                                .example = R"("64KiB", "10MB" or "512B")",
                                .fix = "B",
                                .not_whole = "is not a whole number of bytes",
                                .unit_names = "B, kB, MB, GB, KiB, MiB and GiB",
                                .max = std::numeric_limits<std::uint64_t>::max(),
                                .parts_add_up = false};
constexpr Grammar kCountGrammar{.units = kCount,
                                .noun = "a count",
                                .example = R"("6000", "10k" or "1.5M")",
                                .fix = "",
                                .not_whole = "is not a whole number",
                                .unit_names = "k, M and G",
                                .max = std::numeric_limits<std::uint64_t>::max(),
                                .parts_add_up = false};

/// Of rates only the words are used: they are doubles, and what a unit does to them is a division.
constexpr std::array<Unit, 3> kPer{{{"s", 1}, {"m", 60}, {"h", 3'600}}};
constexpr Grammar kRateGrammar{.units = kPer,
                               .noun = "a rate",
                               .example = R"("3000/s", "0.5/s" or "90/m")",
                               .fix = "/s",
                               .not_whole = "",
                               .unit_names = "/s, /m and /h",
                               .max = 0,
                               .parts_add_up = false};

constexpr std::string_view kDigits = "0123456789";
constexpr std::size_t kMaxFractionDigits = 18;
constexpr std::size_t kMaxWholeDigits = 20;

/// The first characters of `text` that are digits, taken off it.
std::string_view take_digits(std::string_view& text) {
  const std::size_t n = std::min(text.find_first_not_of(kDigits), text.size());
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

/// `digits` as a number; at most kMaxWholeDigits of them, so it cannot overflow.
Wide to_wide(std::string_view digits) {
  Wide value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

Error mistake(std::string_view text, std::string_view why, const Grammar& grammar) {
  return Error{fmt::format("\"{}\" {}; write {} such as {}", text, why, grammar.noun, grammar.example)};
}

/// One "1.5h": the number and its unit taken off `rest`; the value in the smallest unit.
Result<Wide> take_part(std::string_view& rest, std::string_view text, const Grammar& grammar) {
  const std::string_view whole = take_digits(rest);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
    if (fraction.empty()) return mistake(text, "has no digit after the point", grammar);
  }
  if (whole.empty()) return mistake(text, fmt::format("is not {}", grammar.noun), grammar);
  const std::string_view name = rest.substr(0, std::min(rest.find_first_of(kDigits), rest.size()));
  const auto unit = std::ranges::find(grammar.units, name, &Unit::name);
  if (unit == grammar.units.end()) {
    if (name.empty()) return Error{fmt::format("\"{}\" has no unit; write \"{}{}\"", text, text, grammar.fix)};
    return Error{fmt::format("\"{}\" has the unknown unit \"{}\"; units are {}, written right after the number", text,
                             name, grammar.unit_names)};
  }
  rest.remove_prefix(name.size());
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (whole.size() > kMaxWholeDigits) return mistake(text, "is too large", grammar);
  if (fraction.size() > kMaxFractionDigits) return mistake(text, "has too many digits after the point", grammar);
  Wide scale = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) scale *= 10;
  const Wide part = to_wide(fraction) * unit->factor;
  if (part % scale != 0) return mistake(text, grammar.not_whole, grammar);
  return to_wide(whole) * unit->factor + part / scale;
}

Result<std::uint64_t> parse_quantity(std::string_view text, const Grammar& grammar) {
  if (text.empty()) return Error{fmt::format("is empty; write {} such as {}", grammar.noun, grammar.example)};
  if (text.starts_with('-')) return mistake(text, "is negative", grammar);
  Wide sum = 0;
  std::string_view rest = text;
  do {
    const Result<Wide> part = take_part(rest, text, grammar);
    if (!part) return Error{part.error()};
    sum += *part;
    if (sum > grammar.max) return mistake(text, "is too large", grammar);
  } while (!rest.empty() && grammar.parts_add_up);
  if (!rest.empty()) return mistake(text, fmt::format("is not {}", grammar.noun), grammar);
  return static_cast<std::uint64_t>(sum);
}

/// "12", "0.5" or "1.2k" to the nearest double; nullopt for anything else, and for what is too large or small for one.
std::optional<double> parse_decimal(std::string_view text) {
  std::string_view rest = text;
  const std::string_view whole = take_digits(rest);
  if (whole.empty()) return std::nullopt;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    if (take_digits(rest).empty()) return std::nullopt;
  }
  const auto multiple = std::ranges::find(kCount, rest, &Unit::name);
  if (multiple == kCount.end()) return std::nullopt;
  // As an exponent, so that there is one rounding: 3.3333k is 3333.3, as 3.3333 * 1000 is not.
  const auto exponent = std::to_string(multiple->factor).size() - 1;
  const std::string scientific = fmt::format("{}e{}", text.substr(0, text.size() - rest.size()), exponent);
  double value = 0;
  const auto [end, error] = std::from_chars(scientific.data(), scientific.data() + scientific.size(), value);
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

/// The shortest decimal without an exponent that parse_decimal reads back to the same double.
std::string plain_decimal(double value) {
  std::array<char, 400> text;  // the smallest double has 325 digits after the point
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr;
  return {text.data(), end};
}

/// value / factor as a decimal fraction without trailing zeros; factor is a power of ten.
std::string decimal(std::uint64_t value, std::uint64_t factor) {
  std::string text = std::to_string(value / factor);
  std::uint64_t rest = value % factor;
  if (rest == 0) return text;
  text += '.';
  for (std::uint64_t digit = factor / 10; rest != 0; digit /= 10) {
    text += static_cast<char>('0' + rest / digit);
    rest %= digit;
  }
  return text;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const Result<std::uint64_t> ns = parse_quantity(text, kDurationGrammar);
  if (!ns) return Error{ns.error()};
  return Duration(static_cast<std::int64_t>(*ns));
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  return parse_quantity(text, kBytesGrammar);
}

Result<std::uint64_t> parse_count(std::string_view text) {
  return parse_quantity(text, kCountGrammar);
}

Result<double> parse_rate(std::string_view text) {
  if (text.empty()) return Error{fmt::format("is empty; write a rate such as {}", kRateGrammar.example)};
  if (text.starts_with('-')) return mistake(text, "is negative", kRateGrammar);
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::optional<double> number = parse_decimal(text.substr(0, slash));
  if (!number) return mistake(text, "is not a rate", kRateGrammar);
  if (slash == text.size()) return Error{fmt::format("\"{}\" has no unit; write \"{}/s\"", text, text)};
  const std::string_view name = text.substr(slash + 1);
  const auto unit = std::ranges::find(kPer, name, &Unit::name);
  if (unit == kPer.end())
    return Error{fmt::format("\"{}\" has the unknown unit \"/{}\"; units are {}, written right after the number", text,
                             name, kRateGrammar.unit_names)};
  return *number / static_cast<double>(unit->factor);
}

Result<double> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  const auto number = parse_decimal(text.substr(0, text.size() - (percent ? 1 : 0)));
  if (!number) return Error{fmt::format("\"{}\" is no share; write one such as 5%", text)};
  if (!percent) return Error{fmt::format("\"{}\" has no unit; write \"{}%\"", text, text)};
  if (*number > 100) return Error{fmt::format("\"{}\" is more than all of it", text)};
  return *number / 100;
}

std::string to_string(Duration d) {
  // 0 - x in unsigned arithmetic is right for the most negative value too
  const bool negative = d < Duration::zero();
  std::uint64_t ns = static_cast<std::uint64_t>(d.count());
  if (negative) ns = 0 - ns;
  std::string text = negative ? "-" : "";
  if (ns == 0) return "0s";
  constexpr std::uint64_t kSecond = 1'000'000'000;
  if (ns < kSecond) {
    for (auto unit = kTime.begin() + 2;; --unit)  // ms, us, ns: the first that leaves at least one before the point
      if (ns >= unit->factor) return text + decimal(ns, unit->factor) + std::string(unit->name);
  }
  for (const Unit& unit : {kTime[5], kTime[4]}) {
    if (ns < unit.factor) continue;
    text += std::to_string(ns / unit.factor) + std::string(unit.name);
    ns %= unit.factor;
  }
  if (ns != 0) text += decimal(ns, kSecond) + 's';
  return text;
}

std::string bytes_to_string(std::uint64_t bytes) {
  std::string shortest = fmt::format("{}B", bytes);
  for (const Unit& unit : kBytes) {
    if (bytes == 0 || bytes % unit.factor != 0) continue;
    std::string text = fmt::format("{}{}", bytes / unit.factor, unit.name);
    if (text.size() < shortest.size()) shortest = std::move(text);
  }
  return shortest;
}

std::string rate_to_string(double per_second) {
  constexpr std::size_t kWorthwhile = 4;  // characters: people think in seconds
  std::string best = plain_decimal(per_second) + "/s";
  if (per_second >= 1) return best;
  for (const Unit& unit : kPer) {
    const auto factor = static_cast<double>(unit.factor);
    const double number = per_second * factor;
    if (number / factor != per_second) continue;  // would come back as its neighbour
    std::string text = fmt::format("{}/{}", plain_decimal(number), unit.name);
    if (text.size() + kWorthwhile <= best.size()) best = std::move(text);
  }
  return best;
}

}  // namespace loadgen
