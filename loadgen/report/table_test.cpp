#include "report/table.hpp"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "report/host.hpp"
#include "report/numbers.hpp"
#include "report/printable.hpp"
#include "report/test_runs.hpp"
#include "report/text.hpp"

namespace loadgen::report {
namespace {

TEST(Table, DecimalPointsStandInLine) {
  const Table table{
      .text_columns = 1, .header = {"what", "ms", "n"}, .rows = {{"a", "0.034", "1"}, {"b", "17.20", "12,000"}}};
  EXPECT_EQ(render(table, 80),
            "what      ms       n\n"
            "a      0.034       1\n"
            "b     17.20   12,000\n");
}

TEST(Table, GoesOnBelowItselfWhenItIsTooWide) {
  const Table table{.text_columns = 1, .header = {"l", "one", "two", "three"}, .rows = {{"x", "1", "2", "3"}}};
  EXPECT_EQ(render(table, 11),
            "l  one  two\n"
            "x    1    2\n"
            "\n"
            "l  three\n"
            "x      3\n");
}

TEST(Table, CutsLongTextOnly) {
  const Table table{.text_columns = 1, .header = {"l", "n"}, .rows = {{std::string(50, 'x'), "1"}}};
  EXPECT_EQ(render(table, 30), "l           n\nxxxxxxx...  1\n");
}

TEST(Printable, NothingATerminalWouldObeyIsLeft) {
  EXPECT_EQ(printable("plain caf\xc3\xa9"), "plain caf\xc3\xa9");
  EXPECT_EQ(printable("\x1b[31m\n\t\x7f"), "\\x1b[31m\\x0a\\x09\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m")
      << "the one-byte form of ESC [";
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u202e");
  EXPECT_EQ(printable("\xff\xc0\xaf"), "\\xff\\xc0\\xaf") << "an overlong slash is no slash";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half a surrogate pair";
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82") << "cut short";
  EXPECT_EQ(printable(std::string("\0", 1)), "\\x00");
}

TEST(Printable, WidthsAreColumnsNotBytes) {
  EXPECT_EQ(display_width("caf\xc3\xa9"), 4U);
  EXPECT_EQ(display_width("\xe6\x97\xa5\xe6\x9c\xac"), 4U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);
  EXPECT_EQ(truncated("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 6), "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e");
  EXPECT_EQ(truncated("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 5), "\xe6\x97\xa5...");
  EXPECT_EQ(truncated("abcdef", 3), "abc");
}

TEST(Printable, WrapsAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 8, 2), "one two\n  three");
  EXPECT_EQ(wrapped("key    one two", 10, 7), "key    one\n       two");
  EXPECT_EQ(wrapped("averylongword b", 5, 0), "averylongword\nb");
}

TEST(Numbers, AsPeopleReadThem) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(ms(34'400.0), "0.034");
  EXPECT_EQ(ms(999'600.0), "1.00");
  EXPECT_EQ(ms(std::int64_t{2'310'000}), "2.31");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(18'249'000), "18.2 MB");
  EXPECT_EQ(bytes_text(999'960), "1.0 MB");
  EXPECT_EQ(throughput(412.13), "412.1/sec");
  EXPECT_EQ(throughput(0.5), "30.0/min");
  EXPECT_EQ(throughput(0.01), "36.0/hour");
}

TEST(Text, KeepsToThePageAndToOneScreenLanguage) {
  for (const std::size_t width : {56U, 80U, 120U}) {
    std::istringstream lines(text(test::hostile_labels().summary(), {.color = false, .width = width}));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_EQ(line.find('\x1b'), std::string::npos);
      if (line.starts_with("summary =")) continue;  // JMeter's, to the character
      EXPECT_LE(display_width(line), width) << line;
    }
  }
}

TEST(Host, FieldsOfProcFiles) {
  const std::string cpuinfo = "processor\t: 0\nmodel name\t: Fast CPU @ 3.00GHz\nmodel name\t: second\nflags:\n";
  EXPECT_EQ(field_of(cpuinfo, "model name", ':'), "Fast CPU @ 3.00GHz");
  EXPECT_EQ(field_of(cpuinfo, "flags", ':'), "");
  EXPECT_EQ(field_of(cpuinfo, "Hardware", ':'), "");
  EXPECT_EQ(field_of("NAME=\"x\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"", "PRETTY_NAME", '='), "Debian GNU/Linux 12");
}

TEST(Host, ThisMachineHasACore) {
  const HostFacts host = read_host();
  EXPECT_GE(host.cores, 1U);
  EXPECT_GE(host.usable_cores, 1U);
  EXPECT_GT(host.memory_bytes, 1U << 20);
  EXPECT_FALSE(host.kernel.empty());
}

}  // namespace
}  // namespace loadgen::report
