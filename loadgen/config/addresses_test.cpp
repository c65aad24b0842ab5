#include "config/addresses.hpp"

#include <gtest/gtest.h>

#include "config/describe.hpp"
#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

std::string with_addresses(const std::string& keys) {
  return R"({"target": "http://shop.example:8080", "addresses": {)" + keys +
         R"(}, "thread_groups": [{"steps": [{"get": "/"}]}]})";
}

TEST(Addresses, EveryKeyArrives) {
  const AddressSettings got = plan_of(with_addresses(R"("connect_to": ["Shop.Example:8080:10.0.0.7:81", "::[::1]:"],
    "resolve": ["shop.example:80:10.0.0.7,[::1],fe80::1"], "interface": ["127.0.0.2", "eth0,::1"],
    "ip_version": "6")"))
                                  .addresses;
  EXPECT_EQ(got.connect_to, (std::vector<ConnectTo>{{"shop.example", 8080, "10.0.0.7", 81}, {"", 0, "::1", 0}}));
  EXPECT_EQ(got.resolve, (std::vector<ResolveTo>{{"shop.example", 80, {"10.0.0.7", "::1", "fe80::1"}}}));
  EXPECT_EQ(got.interfaces, (std::vector<std::string>{"127.0.0.2", "eth0", "::1"}));
  EXPECT_EQ(got.ip_version, IpVersion::v6);
  EXPECT_EQ(plan_of(with_addresses(R"("unix_socket": "/run/app.sock")")).addresses.unix_socket, "/run/app.sock");
  EXPECT_EQ(plan_of(with_addresses("")).addresses, AddressSettings{});
}

TEST(Addresses, ASocketOfAPlanLiesBesideIt) {
  const auto plan = parse_plan(with_addresses(R"("unix_socket": "app.sock")"), {}, "plans/a");
  EXPECT_EQ(std::get<Plan>(plan).addresses.unix_socket, "plans/a/app.sock");
}

TEST(Addresses, MistakesAreToldAtTheirPlace) {
  struct Case {
    const char* keys;
    const char* told;
  };
  const Case cases[] = {
      {R"("connect_to": ["a:1:b"])", "/addresses/connect_to/0: \"a:1:b\" has not four parts; write HOST1:PORT1:"},
      {R"("connect_to": ["a:1:b:2:3"])", "\"a:1:b:2:3\" has more than four parts"},
      {R"("connect_to": ["a:0:b:2"])", "\"a:0:b:2\" has a port outside 1 to 65535"},
      {R"("connect_to": ["a/b:1:b:2"])", "has a host that is neither a name nor an address"},
      {R"("connect_to": ["[::g]:1:b:2"])", "has a host that is neither a name nor an address"},
      {R"("resolve": ["h:80:127.0.0.1", "h:80"])", "/addresses/resolve/1: \"h:80\" has \"\", which is no IP address"},
      {R"("resolve": ["h:80:elsewhere"])", "has \"elsewhere\", which is no IP address; write HOST:PORT:ADDRESS"},
      {R"("resolve": ["h:127.0.0.1"])", "has a port outside 1 to 65535"},
      {R"("interface": ["eth0, eth1"])", "/addresses/interface/0: \"eth0, eth1\" is no list of addresses"},
      {R"("interface": "eth0")", "/addresses/interface: expected"},
      {R"("ip_version": 4)", R"(/addresses/ip_version: expected "any", "4" or "6", found 4)"},
      {R"("unix_socket": "a", "resolve": ["h:80:::1"])", "a unix socket has no address; take one of the two away"},
  };
  for (const Case& c : cases) {
    const std::string problems = problems_of(with_addresses(c.keys));
    EXPECT_NE(problems.find(c.told), problems.npos) << problems;
  }
}

TEST(Addresses, RulesAreSpeltAsTheyAreRead) {
  for (const std::string text : {"a:1:b:2", ":::", "[::1]:80:[::2]:81", "a::b:"})
    EXPECT_EQ(to_string(*parse_connect_to(text)), text);
  for (const std::string text : {"*:80:127.0.0.1", "a:80:127.0.0.1,::1"})
    EXPECT_EQ(to_string(*parse_resolve(text)), text);
}

TEST(Addresses, ConnectToComesFirstThenResolve) {
  AddressSettings settings;
  settings.connect_to = {*parse_connect_to("a:80:b:81"), *parse_connect_to(":443::8443"), *parse_connect_to("a:::9")};
  settings.resolve = {*parse_resolve("b:81:10.0.0.9"), *parse_resolve("b:81:10.0.0.1"), *parse_resolve("*:81:10.0.0.8"),
                      *parse_resolve("*:8443:10.0.0.2"), *parse_resolve("c:8443:10.0.0.3,10.0.0.4")};
  struct Case {
    const char* host;
    std::uint16_t port;
    const char* to;
    std::uint16_t to_port;
    std::vector<std::string> addresses;
  };
  const Case cases[] = {
      {"A", 80, "b", 81, {"10.0.0.1"}},  // the last that names it
      {"x", 443, "x", 8443, {"10.0.0.2"}},
      {"c", 443, "c", 8443, {"10.0.0.3", "10.0.0.4"}},
      {"a", 443, "a", 8443, {"10.0.0.2"}},  // the first that fits
      {"a", 81, "a", 9, {}},
      {"x", 80, "x", 80, {}},
  };
  for (const Case& c : cases) {
    const Destination got = destination_of(settings, c.host, c.port);
    EXPECT_EQ(got.host, c.to);
    EXPECT_EQ(got.port, c.to_port);
    EXPECT_EQ(got.addresses, c.addresses);
  }
  settings = {.unix_socket = "/s"};
  EXPECT_EQ(destination_of(settings, "a", 80).unix_socket, "/s");
}

TEST(Addresses, TheCommandLineBeatsThePlan) {
  Overrides overrides;
  overrides.addresses.resolve = {*parse_resolve("shop.example:8080:127.0.0.1")};
  const auto parsed = [&](const std::string& keys) {
    return std::get<Plan>(parse_plan(with_addresses(keys), overrides)).addresses;
  };
  EXPECT_EQ(parsed(R"("unix_socket": "/s")"), (AddressSettings{.resolve = overrides.addresses.resolve}));
  const AddressSettings both = parsed(R"("resolve": ["a:1:127.0.0.9"], "interface": ["eth0"])");
  EXPECT_EQ(both.resolve, overrides.addresses.resolve);
  EXPECT_EQ(both.interfaces, std::vector<std::string>{"eth0"});
  overrides.addresses = {.unix_socket = "/t"};
  EXPECT_EQ(parsed(R"("resolve": ["a:1:127.0.0.9"], "ip_version": "4")"), (AddressSettings{.unix_socket = "/t"}));
}

TEST(Addresses, RulesThatNobodyAsksForAreTold) {
  const Plan plan = plan_of(with_addresses(
      R"("connect_to": ["shop.example:8080:b:81", "shop.exmaple:8080:b:81"], "resolve": ["b:81:127.0.0.1", "b:82:127.0.0.1"])"));
  EXPECT_EQ(idle_rules(plan), (std::vector<std::string>{
                                  "connect_to shop.exmaple:8080:b:81 changes nothing: nothing of the plan connects "
                                  "to that host and port",
                                  "resolve b:82:127.0.0.1 changes nothing: nothing of the plan connects to that host "
                                  "and port"}));
  EXPECT_NE(describe(plan).find("note: resolve b:82:127.0.0.1 changes nothing"), std::string::npos);
}

TEST(Addresses, BehindAProxyOnlyItsOwnNameIsLookedUpHere) {
  Plan plan = plan_of(
      with_addresses(R"("resolve": ["shop.example:8080:127.0.0.1", "proxy.example:1:127.0.0.2", "*:8080:127.0.0.3"])"));
  const auto idle = [&](http::ProxyKind kind) {
    plan.http.proxy = http::Proxy{.kind = kind, .host = "Proxy.example", .port = 1};
    std::string all;
    for (const std::string& each : idle_rules(plan)) all += each.substr(0, each.find(" changes")) + '\n';
    return all;
  };
  EXPECT_EQ(idle(http::ProxyKind::http), "resolve shop.example:8080:127.0.0.1\nresolve *:8080:127.0.0.3\n");
  EXPECT_EQ(idle(http::ProxyKind::socks5), "resolve *:8080:127.0.0.3\n") << "the other rule names the host";
}

TEST(Addresses, AValueOfTheEnvironmentIsNotRepeated) {
  ::setenv("ADDRESS_TEST", "topsecret", 1);
  const std::string problems = problems_of(with_addresses(R"("resolve": ["a:1:${env:ADDRESS_TEST}"])"));
  EXPECT_EQ(problems.find("topsecret"), problems.npos) << problems;
  EXPECT_NE(problems.find("${env:ADDRESS_TEST}"), problems.npos) << problems;
}

TEST(Addresses, AResolvedPlanReadsTheSameAndHidesSecrets) {
  for (const std::string keys : {R"("unix_socket": "/s")", R"("connect_to": ["a:1:b:2"], "interface": ["lo"])",
                                 R"("resolve": ["a:1:::1,127.0.0.1"], "ip_version": "4")"}) {
    const Plan plan = plan_of(with_addresses(keys));
    EXPECT_EQ(plan_of(to_json(plan)).addresses, plan.addresses) << to_json(plan);
  }
  Plan plan = plan_of(with_addresses(R"("resolve": ["a:1:10.11.12.13"], "connect_to": ["a:1:hidden:2"])"));
  plan.secrets = {"10.11.12.13", "hidden"};
  const std::string shown = to_json(plan);
  EXPECT_EQ(shown.find("10.11.12.13"), shown.npos);
  EXPECT_EQ(shown.find("hidden"), shown.npos);
  EXPECT_EQ(plan_of(shown).addresses.resolve.at(0).addresses, std::vector<std::string>{"***"});
}

}  // namespace
}  // namespace loadgen::config
