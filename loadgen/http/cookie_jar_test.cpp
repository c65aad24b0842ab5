// Expectations by hand from RFC 6265, whose sections stand beside them.

#include "http/cookie_jar.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "http/cookie_date.hpp"

namespace loadgen::http {
namespace {

using namespace std::chrono_literals;
using Time = CookieJar::Time;

constexpr Time kNow{1'000'000'000s};
constexpr CookieScope kHere{.host = "www.example.com", .path = "/a/b?q=/x/y", .secure = false};

std::string sent(const CookieJar& jar, const CookieScope& to) {
  std::string out;
  jar.append_to(out, to);
  return out;
}

/// What is sent to each of several places, of one header that came from `from`.
std::string sent_after(std::string_view header, const CookieScope& from, const CookieScope& to) {
  CookieJar jar;
  jar.store(header, from, kNow);
  return sent(jar, to);
}

TEST(CookieJar, TheExamplesOfTheRfc) {  // RFC 6265 3.1
  CookieJar jar;
  const CookieScope there{"www.example.com", "/", true};
  jar.store("SID=31d4d96e407aad42; Path=/; Secure; HttpOnly", there, kNow);
  jar.store("lang=en-US; Path=/; Domain=example.com", there, kNow);
  EXPECT_EQ(sent(jar, there), "SID=31d4d96e407aad42; lang=en-US");
  EXPECT_EQ(sent(jar, {"www.example.com", "/", false}), "lang=en-US");
  EXPECT_EQ(sent(jar, {"example.com", "/", true}), "lang=en-US");
  jar.store("lang=; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/; Domain=example.com", there, kNow);
  EXPECT_EQ(sent(jar, there), "SID=31d4d96e407aad42");
}

TEST(CookieJar, NameAndValue) {  // 5.2
  const auto back = [](std::string_view header) { return sent_after(header, kHere, kHere); };
  EXPECT_EQ(back("a=b"), "a=b");
  EXPECT_EQ(back(" \ta \t=\t b c ;x"), "a=b c");
  EXPECT_EQ(back("a=\"b\""), "a=\"b\"") << "quotes are of the value";
  EXPECT_EQ(back("a=b=c==; secure=x"), "") << "Secure, whatever it says";
  EXPECT_EQ(back("a=b=c=="), "a=b=c==");
  EXPECT_EQ(back("a="), "a=");
  EXPECT_EQ(back("a"), "");
  EXPECT_EQ(back("=b"), "");
  EXPECT_EQ(back(""), "");
  EXPECT_EQ(back("a=b\rX: y"), "");
  EXPECT_EQ(back(std::string_view("a=\0", 3)), "");
  EXPECT_EQ(back("a=" + std::string(4'094, 'x')).size(), 4'096u);
  EXPECT_EQ(back("a=" + std::string(4'095, 'x')), "");
}

TEST(CookieJar, DomainsAreMatched) {  // 5.1.3, 5.3
  struct Row {
    const char *header, *from, *to;
    bool goes;
  };
  for (const Row& row :
       {Row{"a=b", "example.com", "example.com", true}, Row{"a=b", "example.com", "EXAMPLE.com", true},
        Row{"a=b", "example.com", "www.example.com", false},
        Row{"a=b; domain=example.com", "www.example.com", "example.com", true},
        Row{"a=b; domain=.eXample.com", "www.example.com", "x.y.example.com", true},
        Row{"a=b; domain=example.com", "www.example.com", "badexample.com", false},
        Row{"a=b; domain=example.com", "badexample.com", "badexample.com", false},
        Row{"a=b; domain=www.example.com", "example.com", "example.com", false},
        Row{"a=b; domain=other.com", "example.com", "example.com", false},
        Row{"a=b; domain=", "example.com", "example.com", true},
        Row{"a=b; domain=other.com; domain=example.com", "example.com", "example.com", true},
        Row{"a=b; domain=com", "example.com", "example.com", false},
        Row{"a=b; domain=com.", "example.com.", "example.com.", false},
        Row{"a=b; domain=localhost", "localhost", "localhost", true},
        Row{"a=b; domain=localhost", "localhost", "x.localhost", false},
        Row{"a=b; domain=0.0.1", "127.0.0.1", "127.0.0.1", false},
        Row{"a=b; domain=127.0.0.1", "127.0.0.1", "127.0.0.1", true},
        Row{"a=b; domain=127.0.0.1", "127.0.0.1", "x.127.0.0.1", false}, Row{"a=b", "::1", "::1", true}})
    EXPECT_EQ(sent_after(row.header, {row.from, "/"}, {row.to, "/"}), row.goes ? "a=b" : "")
        << row.header << " from " << row.from << " to " << row.to;
}

TEST(CookieJar, PathsAreMatched) {  // 5.1.4, 5.2.4
  struct Row {
    const char *header, *from, *to;
    bool goes;
  };
  for (const Row& row : {Row{"a=b", "/", "/x", true}, Row{"a=b", "/x", "/y", true}, Row{"a=b", "/x/y", "/x", true},
                         Row{"a=b", "/x/y", "/x/z", true}, Row{"a=b", "/x/y", "/", false},
                         Row{"a=b", "/x/y", "/xy", false}, Row{"a=b", "/x?/y/z", "/q", true},
                         Row{"a=b; path=/x", "/", "/x/y", true}, Row{"a=b; path=/x", "/", "/x?y", true},
                         Row{"a=b; path=/x/", "/", "/x/y", true}, Row{"a=b; path=/x/", "/", "/x", false},
                         Row{"a=b; path=/x", "/", "/X", false}, Row{"a=b; path=x", "/q/", "/q/z", true},
                         Row{"a=b; path=", "/q/", "/", false}, Row{"a=b; path=/x; path=/y", "/", "/y", true}})
    EXPECT_EQ(sent_after(row.header, {"h", row.from}, {"h", row.to}), row.goes ? "a=b" : "")
        << row.header << " from " << row.from << " to " << row.to;
}

TEST(CookieJar, TheOrder) {  // 5.4, 5.3 11.3
  CookieJar jar;
  for (const char* header : {"b=1; path=/", "a=2; path=/", "c=3; path=/a/b", "d=4; path=/a", "b=5; path=/"})
    jar.store(header, kHere, kNow);
  EXPECT_EQ(sent(jar, kHere), "c=3; d=4; b=5; a=2") << "a new value keeps the age";
  jar.store("b=6; path=/a", kHere, kNow);
  EXPECT_EQ(sent(jar, kHere), "c=3; d=4; b=6; b=5; a=2") << "of another path it is another cookie";
}

TEST(CookieJar, Expiry) {  // 5.2.1, 5.2.2, 5.3
  CookieJar jar;
  jar.store("a=1; max-age=10", kHere, kNow);
  jar.store("b=2; Expires=Sun, 09 Sep 2001 01:47:00 GMT", kHere, kNow);  // kNow is 01:46:40
  jar.store("c=3; expires=never; max-age=1h", kHere, kNow);
  EXPECT_EQ(jar.next_expiry(), kNow + 10s);
  jar.expire(kNow + 9s);
  EXPECT_EQ(sent(jar, kHere), "a=1; b=2; c=3");
  jar.expire(kNow + 10s);
  EXPECT_EQ(sent(jar, kHere), "b=2; c=3");
  EXPECT_EQ(jar.next_expiry(), kNow + 20s);
  jar.expire(kNow + 20s);
  EXPECT_EQ(sent(jar, kHere), "c=3");
  EXPECT_EQ(jar.next_expiry(), Time::max());
  for (const char* gone : {"c=; max-age=0", "c=; max-age=-5; expires=Sun, 09 Sep 2040 01:47:00 GMT"}) {
    jar.store("c=3", kHere, kNow);
    jar.store(gone, kHere, kNow);
    EXPECT_TRUE(jar.empty()) << gone;
  }
  jar.store("d=4; expires=Sun, 09 Sep 1990 01:47:00 GMT; max-age=99999999999999999999", kHere, kNow);
  EXPECT_EQ(sent(jar, kHere), "d=4") << "Max-Age beats Expires, however long it is";
}

TEST(CookieJar, TheRevisionTellsOfEveryChangeAndOfNothingElse) {
  CookieJar jar;
  std::uint64_t before = jar.revision();
  const auto changed = [&] { return std::exchange(before, jar.revision()) != jar.revision(); };
  jar.store("a=1; max-age=5", kHere, kNow);
  EXPECT_TRUE(changed());
  jar.store("a=1; max-age=50", kHere, kNow);
  jar.store("b=1; domain=other.com", kHere, kNow);
  jar.store("c=1; max-age=0", kHere, kNow);
  jar.expire(kNow + 6s);
  EXPECT_FALSE(changed());
  jar.store("a=2; max-age=50", kHere, kNow);
  EXPECT_TRUE(changed());
  jar.store("a=2; max-age=50; secure", kHere, kNow);
  EXPECT_TRUE(changed());
  jar.expire(kNow + 50s);
  EXPECT_TRUE(changed());
  EXPECT_TRUE(jar.empty());
  jar.clear();
  EXPECT_FALSE(changed());
}

TEST(CookieJar, IsBounded) {
  CookieJar jar;
  for (int i = 0; i < 60; ++i) jar.store("n" + std::to_string(i) + "=v", kHere, kNow);
  const std::string fifty = sent(jar, kHere);
  EXPECT_TRUE(fifty.starts_with("n10=v; n11=v; ")) << "the oldest ones went";
  EXPECT_TRUE(fifty.ends_with("; n59=v"));
  EXPECT_EQ(std::count(fifty.begin(), fifty.end(), '='), 50);

  for (int host = 0; host < 5; ++host)
    for (int i = 0; i < 45; ++i) jar.store("m" + std::to_string(i) + "=v", {"h" + std::to_string(host), "/"}, kNow);
  EXPECT_EQ(sent(jar, kHere), "") << "two hundred of all hosts";
  EXPECT_EQ(std::ranges::count(sent(jar, {"h4", "/"}), '='), 45);
  EXPECT_EQ(std::ranges::count(sent(jar, {"h0", "/"}), '='), 200 - 4 * 45);

  jar.clear();
  const std::string big(4'000, 'x');
  for (int i = 0; i < 20; ++i) jar.store("b" + std::to_string(i) + "=" + big, kHere, kNow);
  EXPECT_EQ(sent(jar, kHere).size(), 2 * (4 + 4'000) - 2u + 2u) << "two of them fit into a header";
  EXPECT_TRUE(sent(jar, kHere).starts_with("b4=")) << "sixteen of them into 64 KiB";
}

TEST(CookieJar, IsBoundedThoughItsCookiesGrow) {
  CookieJar jar;
  const std::string big(4'000, 'x');
  for (const std::string& value : {std::string("v"), big})
    for (int i = 0; i < 40; ++i) {
      jar.store("c" + std::to_string(i) + '=' + value, kHere, kNow);
      EXPECT_LE(jar.bytes(), CookieJar::kMostBytes);
    }
  EXPECT_GT(jar.bytes(), CookieJar::kMostBytes - 2 * big.size());
}

TEST(CookieJar, ACookieOfAnotherValueKeepsItsPlace) {
  CookieJar jar;
  for (const char* each : {"a=1; Path=/", "b=1; Path=/", "c=1; Path=/", "b=2; Path=/"}) jar.store(each, kHere, kNow);
  EXPECT_EQ(sent(jar, kHere), "a=1; b=2; c=1");
}

TEST(CookieJar, APathThatRedirectsMadeLongIsNoCookiesPath) {
  CookieJar jar;
  std::string path = '/' + std::string(CookieJar::kMostBytes, 'x') + "/y";  // longer than all that a jar may hold
  jar.store("a=1", {"h.test", path, false}, kNow);
  EXPECT_TRUE(jar.empty());
  path = '/' + std::string(CookieJar::kLongest - 1, 'x') + "/y";
  jar.store("a=1", {"h.test", path, false}, kNow);
  EXPECT_EQ(sent(jar, {"h.test", path, false}), "a=1");
}

TEST(CookieDate, AsTheRfcReadsIt) {  // 5.1.1
  const auto at = [](std::string_view text) -> long long {
    const auto time = parse_cookie_date(text);
    return time ? time->time_since_epoch().count() : -1;
  };
  // date -u -d '1994-11-06 08:49:37' +%s
  for (const char* same : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994", "1994 6 NOVEMBER 8:49:37", "06-nov-94/08:49:37x"})
    EXPECT_EQ(at(same), 784'111'777) << same;
  EXPECT_EQ(at("1 Jan 70 00:00:00"), 0);
  EXPECT_EQ(at("1 Jan 69 00:00:00"), 3'124'224'000) << "2069";
  EXPECT_EQ(at("29 Feb 2024 12:00:00"), 1'709'208'000);
  for (const char* bad :
       {"", "Sun", "06 Nov 1994", "06 Nov 08:49:37", "Nov 1994 08:49:37", "30 Feb 2024 12:00:00",
        "06 Nov 1600 08:49:37", "06 Nov 1994 24:49:37", "06 Nov 1994 08:60:37", "06 Foo 1994 08:49:37",
        "0 Nov 1994 08:49:37", "32 Nov 1994 08:49:37", "06 Nov 1994 08:49", "06 Nov 19944 08:49:37"})
    EXPECT_EQ(at(bad), -1) << bad;
}

}  // namespace
}  // namespace loadgen::http
