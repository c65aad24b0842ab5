#include "report/junit_document.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "report/escape.hpp"

namespace loadgen::report {
namespace {

/// What stands within a case, in the order of Standing. None: it passed.
constexpr std::array<std::string_view, 4> kElements{"", "failure", "skipped", "error"};

/// Lines stay lines.
std::string xml_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    out += for_xml(text.substr(0, end)) + '\n';
  return out + for_xml(text);
}

std::string time_attribute(const JunitSuite& suite) {
  return suite.time_s ? fmt::format(R"( time="{:.3f}")", *suite.time_s) : std::string();
}

std::string element_of(const JunitCase& test, const JunitSuite& suite) {
  const std::string head = fmt::format(R"(<testcase classname="{}" name="{}"{})", for_xml(suite.name),
                                       for_xml(test.name), time_attribute(suite));
  if (test.standing == Standing::passed) return fmt::format("    {}/>\n", head);
  const std::string_view element = kElements[static_cast<std::size_t>(test.standing)];
  return fmt::format("    {}>\n      <{} type=\"{}\" message=\"{}\">{}</{}>\n    </testcase>\n", head, element,
                     for_xml(test.type), for_xml(test.message), xml_lines(test.evidence), element);
}

std::string properties_of(const JunitSuite& suite) {
  if (suite.properties.empty()) return {};
  std::string out = "    <properties>\n";
  for (const auto& [name, value] : suite.properties)
    out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", for_xml(name), for_xml(value));
  return out + "    </properties>\n";
}

}  // namespace

std::string junit_document(const JunitSuite& suite) {
  const auto count = [&](Standing standing) { return std::ranges::count(suite.cases, standing, &JunitCase::standing); };
  const std::string counts = fmt::format(R"(tests="{}" failures="{}" errors="{}"{})", suite.cases.size(),
                                         count(Standing::failed), count(Standing::doubtful), time_attribute(suite));
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"loadgen\" {}>\n", counts);
  out += fmt::format("  <testsuite name=\"{}\" {} skipped=\"{}\"", for_xml(suite.name), counts,
                     count(Standing::undecided));
  if (suite.started)
    out += fmt::format(" timestamp=\"{:%Y-%m-%dT%H:%M:%S}\"",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(*suite.started)));
  out += ">\n" + properties_of(suite);
  for (const JunitCase& test : suite.cases) out += element_of(test, suite);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace loadgen::report
