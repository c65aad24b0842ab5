#include "cli/reach.hpp"

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

config::AddressSettings with(const char* connect_to, const char* resolve) {
  config::AddressSettings out;
  if (*connect_to != 0) out.connect_to = {*config::parse_connect_to(connect_to)};
  if (*resolve != 0) out.resolve = {*config::parse_resolve(resolve)};
  return out;
}

TEST(FindTarget, GoesWhereThePlanSaysAndKeepsTheUrlsName) {
  const run::HostAndPort shop{.host = "Shop.example", .port = 443, .tls = true};
  const auto target = find_target(shop, with("shop.example:443:b:81", "b:81:127.0.0.2,127.0.0.3"));
  ASSERT_TRUE(target.ok()) << target.error();
  EXPECT_EQ(target->host, "Shop.example") << "for the certificate";
  EXPECT_TRUE(target->tls);
  EXPECT_EQ(target->authority, "b:81 for Shop.example:443");
  ASSERT_EQ(target->addresses.size(), 2U);
  EXPECT_EQ(engine::to_text(target->addresses[1]), "127.0.0.3:81");
  EXPECT_EQ(find_target(shop, with("", "shop.example:443:127.0.0.2"))->authority, "shop.example:443");
  const auto socket = find_target(shop, {.unix_socket = "/run/s"});
  EXPECT_EQ(engine::to_text(socket->addresses.at(0)), "unix:/run/s");
  EXPECT_EQ(socket->authority, "unix:/run/s for Shop.example:443");
}

TEST(FindTarget, AVersionOfNoAddressIsAnError) {
  config::AddressSettings settings = with("", "h:80:127.0.0.1");
  settings.ip_version = config::IpVersion::v6;
  EXPECT_FALSE(find_target({.host = "h", .port = 80}, settings).ok());
}

TEST(FindTarget, NamesWhatAProxyIsAskedFor) {
  using http::ProxyKind;
  const struct {
    ProxyKind kind;
    bool tls;
    const char* connect_to;
    const char* asked;
  } cases[] = {{ProxyKind::http, false, "", ""},
               {ProxyKind::http, true, "", "h:81"},
               {ProxyKind::http, false, "h:81:i:82", "i:82"},
               {ProxyKind::https, false, "", ""},
               {ProxyKind::socks5, false, "", "127.0.0.3:81"},
               {ProxyKind::socks5h, true, "", "h:81"}};
  for (const auto& c : cases) {
    config::AddressSettings settings = with(c.connect_to, "h:81:127.0.0.3");
    settings.resolve.push_back(*config::parse_resolve("proxy:82:127.0.0.2"));
    const auto target =
        find_target({.host = "h", .port = 81, .tls = c.tls}, settings, http::Proxy{c.kind, "proxy", 82});
    ASSERT_TRUE(target.ok()) << target.error();
    EXPECT_EQ(engine::to_text(target->addresses.at(0)), "127.0.0.2:82");
    EXPECT_EQ(target->asked_of_proxy, c.asked);
    EXPECT_EQ(target->tls, c.tls);
  }
  const run::HostAndPort nowhere{.host = "no-such-name.invalid", .port = 80};
  EXPECT_TRUE(find_target(nowhere, {}, http::Proxy{ProxyKind::socks5h, "127.0.0.2", 82}).ok());
  EXPECT_FALSE(find_target(nowhere, {}, http::Proxy{ProxyKind::socks5, "127.0.0.2", 82}).ok());
}

TEST(AddressPairs, AreTheFewestOfAnyTarget) {
  const auto v4 = [](int count) {
    engine::Target target;
    for (int i = 1; i <= count; ++i)
      target.addresses.push_back(
          engine::pinned("h", 80, std::vector{"127.0.0." + std::to_string(i)})->addresses.front());
    return target;
  };
  Reached reached{.targets = {v4(3), v4(2)}, .sources = {}};
  EXPECT_EQ(address_pairs(reached), 2U);
  reached.sources = *engine::find_sources(std::vector<std::string>{"127.0.0.8", "127.0.0.9"});
  EXPECT_EQ(address_pairs(reached), 4U);
  reached.targets[0].refusals = {"refused", "refused"};
  EXPECT_EQ(address_pairs(reached), 2U) << "last resorts do not count";
  reached.targets = {*engine::unix_target("/s")};
  EXPECT_EQ(address_pairs(reached), 0U);
}

}  // namespace
}  // namespace loadgen::cli
