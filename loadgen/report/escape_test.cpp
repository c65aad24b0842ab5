#include "report/escape.hpp"

#include <gtest/gtest.h>

namespace loadgen::report {
namespace {

constexpr std::string_view kControl = "a\x1b[2J\nb\r\xff";
constexpr std::string_view kControlShown = R"(a\x1b[2J\x0ab\x0d\xff)";

TEST(Escape, XmlHoldsNeitherMarkupNorWhatIsNoCharacterOfIt) {
  EXPECT_EQ(for_xml(R"(<a href="x" b='y'>&amp;)"), "&lt;a href=&quot;x&quot; b=&apos;y&apos;&gt;&amp;amp;");
  EXPECT_EQ(for_xml("]]>"), "]]&gt;");
  EXPECT_EQ(for_xml(kControl), kControlShown);
  EXPECT_EQ(for_xml("\xef\xbf\xbe|\xef\xbf\xbf|\xef\xbf\xbd"), "\\ufffe|\\uffff|\xef\xbf\xbd");
  EXPECT_EQ(for_xml("\xe6\x97\xa5 \xf0\x9f\x9a\x80"), "\xe6\x97\xa5 \xf0\x9f\x9a\x80");
}

TEST(Escape, CsvQuotesWhatItMustAndDefusesFormulae) {
  EXPECT_EQ(for_csv("GET /"), "GET /");
  EXPECT_EQ(for_csv("a,b"), "\"a,b\"");
  EXPECT_EQ(for_csv("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(for_csv("two\nlines"), "two\\x0alines");
  EXPECT_EQ(for_csv(""), "");
  EXPECT_EQ(for_csv("=1+1"), "'=1+1");
  EXPECT_EQ(for_csv("+1"), "'+1");
  EXPECT_EQ(for_csv("-1"), "'-1");
  EXPECT_EQ(for_csv("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(for_csv("=HYPERLINK(\"http://h\",\"x\")"), "\"'=HYPERLINK(\"\"http://h\"\",\"\"x\"\")\"");
  EXPECT_EQ(for_csv("a=1"), "a=1");
}

TEST(Escape, AJtlQuotesTheSameAndKeepsTheLabel) {
  EXPECT_EQ(for_jtl("GET /"), "GET /");
  EXPECT_EQ(for_jtl("a,b"), "\"a,b\"");
  EXPECT_EQ(for_jtl("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(for_jtl("two\nlines"), "two\\x0alines");
  EXPECT_EQ(for_jtl("=1+1"), "=1+1");
}

TEST(Escape, MarkdownIsTextOnly) {
  EXPECT_EQ(for_markdown("a|b`c`<i>"), "a&#124;b&#96;c&#96;&lt;i&gt;");
  EXPECT_EQ(for_markdown("[x](http://h)"), "&#91;x&#93;(http&#58;//h)");
  EXPECT_EQ(for_markdown("www.h WWW.h"), "www&#46;h WWW&#46;h");
  EXPECT_EQ(for_markdown("95 %: 2.5 ms. CPU @ 2 GHz, # 1"), "95 %: 2.5 ms. CPU @ 2 GHz, # 1");
  EXPECT_EQ(for_markdown("https:"), "https&#58;") << "what follows is not this text's to know";
  EXPECT_EQ(for_markdown("@octocat #1"), "@&#8203;octocat #&#8203;1");
  EXPECT_EQ(for_markdown("**b** _i_ ~s~ $x$ :tada: \\"),
            "&#42;&#42;b&#42;&#42; &#95;i&#95; &#126;s&#126; &#36;x&#36; &#58;tada: &#92;");
  EXPECT_EQ(for_markdown("a\nb"), "a&#92;x0ab");
  EXPECT_EQ(for_markdown("&#64;octocat"), "&amp;#&#8203;64;octocat");
}

TEST(Escape, PrometheusLabelValues) {
  EXPECT_EQ(for_prometheus("a\"b\\c"), "a\\\"b\\\\c");
  EXPECT_EQ(for_prometheus("a\nb"), "a\\\\x0ab");
}

TEST(Escape, WorkflowCommands) {
  EXPECT_EQ(for_workflow_message("100 %\nnext: a, b"), "100 %25%0Anext: a, b");
  EXPECT_EQ(for_workflow_message("a\r\x1b[2J"), "a\\x0d\\x1b[2J");
  EXPECT_EQ(for_workflow_message("::error::x"), "::error::x") << "only the beginning of a line is a command";
  EXPECT_EQ(for_workflow_property("a: b, 5 %"), "a%3A b%2C 5 %25");
  EXPECT_EQ(for_workflow_property("a\nb"), "a\\x0ab");
}

}  // namespace
}  // namespace loadgen::report
