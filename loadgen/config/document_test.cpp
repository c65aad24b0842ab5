#include "config/document.hpp"

#include <gtest/gtest.h>

namespace loadgen::config {
namespace {

/// "line:column pointer" of every value and key, in order, so that one string shows where everything was found.
void list_places(std::string_view text, const Node& node, std::string& out) {
  const auto add = [&](char mark, std::size_t offset, const std::string& pointer) {
    const Problem at = Lines(text).problem_at(offset, "", "");
    out += std::to_string(at.line) + ':' + std::to_string(at.column) + mark + pointer + ' ';
  };
  add('=', node.offset, node.pointer);
  for (const Node& item : node.items) list_places(text, item, out);
  for (const Member& member : node.members) {
    add('.', member.offset, member.key);
    list_places(text, member.value, out);
  }
}

TEST(Document, KnowsWhereEverythingStands) {
  struct Case {
    const char* what;
    std::string_view text;
    const char* places;
  };
  const Case cases[] = {
      {"one line", R"({"a": 1, "b": [true, null]})", "1:1= 1:2.a 1:7=/a 1:10.b 1:15=/b 1:16=/b/0 1:22=/b/1 "},
      {"numbers end where the next sign begins", R"([1,-2.5e3,[3],4])",
       "1:1= 1:2=/0 1:4=/1 1:11=/2 1:12=/2/0 1:15=/3 "},
      {"comments", "// first\n{ /* x: [1], \" */ \"a\" /**/ : // y\n  2/*,*/,\"b\":3//\n}",
       "2:1= 2:19.a 3:3=/a 3:10.b 3:14=/b "},
      {"escapes", R"({"a\"b\\": "c\\", "d": "\u00e9\""})", R"(1:1= 1:2.a"b\ 1:12=/a"b\ 1:19.d 1:24=/d )"},
      {"slash and tilde in keys", R"({"a/b": {"~": 1}})", "1:1= 1:2.a/b 1:9=/a~1b 1:10.~ 1:15=/a~1b/~0 "},
      {"UTF-8 counts in bytes", "{\"\xC3\xA9\": \"\xE2\x82\xAC\", \"b\": 1}",
       "1:1= 1:2.\xC3\xA9 1:8=/\xC3\xA9 1:15.b 1:20=/b "},
      {"CRLF", "{\r\n  \"a\":\r\n  1\r\n}", "1:1= 2:3.a 3:3=/a "},
      {"byte order mark", "\xEF\xBB\xBF{\"a\": 1}", "1:4= 1:5.a 1:10=/a "},
      {"nested arrays", "[[[]], [[], [0]]]", "1:1= 1:2=/0 1:3=/0/0 1:8=/1 1:9=/1/0 1:13=/1/1 1:14=/1/1/0 "},
  };
  for (const Case& c : cases) {
    const Document document = parse_document(c.text);
    ASSERT_TRUE(document.usable) << c.what << ": " << document.problems.front().message;
    std::string places;
    list_places(c.text, document.root, places);
    EXPECT_EQ(places, c.places) << c.what;
  }
}

TEST(Document, KeepsNumbersAsWritten) {
  const Document document = parse_document("[1.50, -0, 3e2, 18446744073709551615, 12345678901234567890123]");
  ASSERT_TRUE(document.usable);
  std::string all;
  for (const Node& item : document.root.items) all += item.text + ' ';
  EXPECT_EQ(all, "1.50 -0 3e2 18446744073709551615 12345678901234567890123 ");
}

TEST(Document, SyntaxErrorsSayWhereAndWhatWasExpected) {
  struct Case {
    std::string_view text;
    std::size_t line;
    std::size_t column;
    const char* message;
  };
  const Case cases[] = {
      {"", 1, 1, "not JSON: expected a value, found the end of the file"},
      {"{", 1, 2, "not JSON: expected a key in double quotes, found the end of the file"},
      {"{\"a\": 1\n \"b\": 2}", 2, 2, "not JSON: expected ',' or '}', found \"b\""},
      {"[1 2]", 1, 4, "not JSON: expected ',' or ']', found 2"},
      {"[1,,2]", 1, 4, "not JSON: expected a value, found ,"},
      {"[1, ]", 1, 5, "not JSON: a comma may not stand before ']'; take it away"},
      {"{\"a\": 1,\n}", 2, 1, "not JSON: a comma may not stand before '}'; take it away"},
      {"{\"a\" 1}", 1, 6, "not JSON: expected ':' after the key, found 1"},
      {"{\"a\": }", 1, 7, "not JSON: expected a value, found }"},
      {"{'a': 1}", 1, 2, "not JSON: expected a key in double quotes; strings stand in double quotes"},
      {"{a: 1}", 1, 2, "not JSON: expected a key in double quotes, found a"},
      {"{\"a\": yes}", 1, 7, "not JSON: expected a value, found yes"},
      {"{\"a\": \"b}", 1, 7, "not JSON: invalid string: missing closing quote"},
      {"[\"a\nb\"]", 1, 2, "not JSON: invalid string: control character U+000A (LF) must be escaped to \\u000A or \\n"},
      {"[\"\xFF\"]", 1, 2, "not JSON: invalid string: ill-formed UTF-8 byte"},
      {"[-]", 1, 2, "not JSON: invalid number; expected digit after '-'"},
      {"{} x", 1, 4, "not JSON: expected nothing more after the plan's closing '}', found x"},
      {"{} {}", 1, 4, "not JSON: expected nothing more after the plan's closing '}', found {"},
      {"[1 /* never closed", 1, 4, "not JSON: invalid comment; missing closing '*/'"},
      {"[1e999]", 1, 2, "the number is too large"},
      {std::string_view("{}\0x", 4), 1, 3, "not JSON: a NUL byte"},
  };
  for (const Case& c : cases) {
    const Document document = parse_document(c.text);
    ASSERT_FALSE(document.usable) << c.text;
    ASSERT_EQ(document.problems.size(), 1U) << c.text;
    const Problem& problem = document.problems.front();
    EXPECT_EQ(problem.message, c.message) << c.text;
    EXPECT_EQ(problem.line, c.line) << c.text;
    EXPECT_EQ(problem.column, c.column) << c.text;
  }
}

TEST(Document, RepeatedKeysAreReportedAndTheFirstStays) {
  const Document document = parse_document(R"({"a": {"b": 1, "b": [2], "c": 3}, "a": 4, "b": 5})");
  ASSERT_TRUE(document.usable);
  ASSERT_EQ(document.problems.size(), 2U);
  EXPECT_EQ(document.problems[0].pointer, "/a/b");
  EXPECT_EQ(document.problems[0].column, 16U);
  EXPECT_EQ(document.problems[0].message, "the key \"b\" stands twice in this object; keep one");
  EXPECT_EQ(document.problems[1].pointer, "/a");
  ASSERT_EQ(document.root.members.size(), 2U);
  const Node& first = document.root.members[0].value;
  ASSERT_EQ(first.members.size(), 2U);
  EXPECT_EQ(first.find("b")->value.text, "1");
}

TEST(Document, HostileNestingIsRefused) {
  for (const std::string& text : {std::string(10'000, '['), [] {
                                    std::string objects;
                                    for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
                                    return objects;
                                  }()}) {
    const Document document = parse_document(text);
    ASSERT_FALSE(document.usable);
    ASSERT_EQ(document.problems.size(), 1U);
    EXPECT_EQ(document.problems.front().message, "nested more than 64 levels deep");
  }
  const std::string deepest = std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(parse_document(deepest).usable);
}

}  // namespace
}  // namespace loadgen::config
