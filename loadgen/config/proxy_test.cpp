// "proxy" of http and --proxy: what their URLs mean, and that no output shows the password.

#include <gtest/gtest.h>

#include "config/describe.hpp"
#include "config/test_plans.hpp"
#include "config/url.hpp"

namespace loadgen::config {
namespace {

using http::Proxy;
using http::ProxyKind;

TEST(ProxyUrl, SaysKindPlaceAndUser) {
  const struct {
    const char* text;
    Proxy proxy;
  } cases[] = {
      {"http://proxy:3128", {ProxyKind::http, "proxy", 3128}},
      {"proxy:3128", {ProxyKind::http, "proxy", 3128}},
      {"me:secret@proxy", {ProxyKind::http, "proxy", 1080, "me", "secret"}},
      {"HTTPS://proxy/", {ProxyKind::https, "proxy", 443}},
      {"socks5://10.0.0.1", {ProxyKind::socks5, "10.0.0.1", 1080}},
      {"socks5h://[::1]:9050", {ProxyKind::socks5h, "::1", 9050}},
      {"http://m%65:p%40ss%3Aword%25@proxy:1", {ProxyKind::http, "proxy", 1, "me", "p@ss:word%"}},
  };
  for (const auto& c : cases) {
    const Result<Proxy> proxy = parse_proxy(c.text);
    ASSERT_TRUE(proxy) << c.text << ' ' << proxy.error();
    EXPECT_EQ(*proxy, c.proxy) << c.text;
  }
}

TEST(ProxyUrl, IsRefusedWithoutBeingRepeated) {
  for (const char* text : {"", "ftp://geheim@proxy", "http://geheim@", "http://a:geheim@proxy:0",
                           "http://:geheim@proxy", "http://geheim@proxy/path", "http://geheim@proxy?a=b",
                           "http://a%3Ab:geheim@proxy", "http://a:geheim @proxy", "http://geheim@pro*xy%20:1"}) {
    const Result<Proxy> proxy = parse_proxy(text);
    ASSERT_FALSE(proxy) << text;
    EXPECT_EQ(proxy.error().find("geheim"), std::string::npos) << proxy.error();
  }
}

std::string with_proxy(const std::string& proxy) {
  return R"({"target": "http://h", "http": {"proxy": ")" + proxy +
         R"("}, "thread_groups": [{"steps": [{"get": "/"}]}]})";
}

TEST(ProxyKey, IsShownWithoutItsPassword) {
  const Plan plan = plan_of(with_proxy("http://me:p%40ss%2Fword@proxy:3128"));
  ASSERT_TRUE(plan.http.proxy);
  EXPECT_EQ(plan.http.proxy->password, "p@ss/word");
  for (const std::string& shown : {describe(plan), to_json(plan)}) {
    EXPECT_NE(shown.find("http://me:***@proxy:3128"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("word"), std::string::npos) << shown;
  }
  const Plan again = plan_of(to_json(plan));
  EXPECT_EQ(to_json(again), to_json(plan));
}

TEST(ProxyKey, MistakesHideWhatStandsThere) {
  for (const char* proxy : {"me:geheim@proxy:x", "ftp://me:geheim@proxy"}) {
    const std::string text = with_proxy(proxy);
    const auto outcome = parse_plan(text, {});
    const Problems& problems = std::get<Problems>(outcome);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].pointer, "/http/proxy");
    EXPECT_EQ(to_string(problems, "plan.json", text).find("geheim"), std::string::npos);
  }
}

TEST(ProxyKey, TheCommandLineBeatsIt) {
  Overrides overrides;
  overrides.proxy = "socks5h://other";
  const auto outcome = parse_plan(with_proxy("http://proxy"), overrides);
  EXPECT_EQ(std::get<Plan>(outcome).http.proxy, (Proxy{ProxyKind::socks5h, "other", 1080}));
  overrides.proxy = "gopher://a:geheim@other";
  const auto refused = parse_plan(with_proxy("http://proxy"), overrides);
  const Problems& problems = std::get<Problems>(refused);
  EXPECT_EQ(problems.at(0).message.rfind("--proxy has the scheme \"gopher\"", 0), 0U) << problems[0].message;
  OneLine line;
  line.url = "http://h/";
  line.proxy = "proxy:8080";
  EXPECT_EQ(std::get<Plan>(one_line_plan(line)).http.proxy, (Proxy{ProxyKind::http, "proxy", 8080}));
}

}  // namespace
}  // namespace loadgen::config
