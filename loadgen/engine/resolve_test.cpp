#include "engine/resolve.hpp"

#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "engine/test_servers.hpp"
#include "engine/tls_server_test.hpp"

namespace loadgen::engine {
namespace {

TEST(Resolve, AnAddressNeedsNoResolver) {
  const auto v4 = resolve("127.0.0.1", 3000);
  ASSERT_TRUE(v4.ok());
  EXPECT_EQ(v4->authority, "127.0.0.1:3000");
  ASSERT_EQ(v4->addresses.size(), 1u);
  EXPECT_EQ(to_text(v4->addresses[0]), "127.0.0.1:3000");
  EXPECT_EQ(resolve("::1", 80)->authority, "[::1]:80");
}

TEST(Resolve, AnUnknownNameIsNamed) {
  const auto none = resolve("no-such-host.invalid", 80);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().find("no-such-host.invalid"), std::string::npos);
}

TEST(Resolve, AVersionIsKeptTo) {
  EXPECT_EQ(to_text(resolve("127.0.0.1", 80, IpVersion::v4)->addresses.at(0)), "127.0.0.1:80");
  const auto none = resolve("127.0.0.1", 80, IpVersion::v6);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().find("cannot resolve \"127.0.0.1\" over IPv6"), std::string::npos) << none.error();
}

TEST(Resolve, GivenAddressesAreTakenInTheirOrder) {
  const std::vector<std::string> given{"127.0.0.2", "::1", "127.0.0.1", "127.0.0.2"};
  const auto texts = [&](IpVersion version) {
    std::vector<std::string> out;
    const auto target = pinned("shop.example", 80, given, version);
    for (const Endpoint& address : target->addresses) out.push_back(to_text(address));
    return out;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts(IpVersion::any), (Texts{"127.0.0.2:80", "[::1]:80", "127.0.0.1:80"}));
  EXPECT_EQ(texts(IpVersion::v4), (Texts{"127.0.0.2:80", "127.0.0.1:80"}));
  EXPECT_EQ(texts(IpVersion::v6), (Texts{"[::1]:80"}));
  const auto none = pinned("shop.example", 80, std::vector<std::string>{"::1"}, IpVersion::v4);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().find("cannot reach shop.example:80 over IPv4"), std::string::npos) << none.error();
}

TEST(Resolve, AUnixSocketsNameFitsIntoAnAddress) {
  EXPECT_EQ(to_text(unix_target("/run/app.sock")->addresses.at(0)), "unix:/run/app.sock");
  EXPECT_TRUE(unix_target(std::string(107, 'x')).ok());  // of 108, with a 0 at the end: unix(7)
  ASSERT_FALSE(unix_target(std::string(108, 'x')).ok());
}

TEST(Resolve, AddressesThatNoSourceLeadsToAreLeftOut) {
  const auto both = pinned("h", 80, std::vector<std::string>{"127.0.0.1", "::1"});
  const auto sources = find_sources(std::vector<std::string>{"127.0.0.2"});
  const auto reachable = reachable_from(*sources, *both);
  ASSERT_TRUE(reachable.ok());
  ASSERT_EQ(reachable->addresses.size(), 1U);
  EXPECT_EQ(to_text(reachable->addresses[0]), "127.0.0.1:80");
  EXPECT_EQ(reachable_from({}, *both)->addresses.size(), 2U);
  const auto none = reachable_from(*sources, *pinned("h", 80, std::vector<std::string>{"::1"}));
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().find("h:80 has addresses of IPv6 only"), std::string::npos) << none.error();
}

TEST(Probe, AddressesThatRefuseMoveToTheEnd) {
  asio::io_context io;
  tcp::acceptor open(io, {asio::ip::address_v4::loopback(), 0});
  tcp::acceptor other(io, {asio::ip::address_v4::loopback(), 0});
  const RefusingPort refusing;
  const Endpoint refused = refusing.endpoint();
  const ProbeOptions options{.timeout = std::chrono::seconds(2)};

  const auto target = probe({"x", {open.local_endpoint(), refused, other.local_endpoint()}}, options);
  ASSERT_TRUE(target.ok()) << target.error();
  EXPECT_EQ(target->addresses, (std::vector<Endpoint>{open.local_endpoint(), other.local_endpoint(), refused}));
  EXPECT_EQ(target->refusals, (std::vector<std::string>{to_text(refused) + ": Connection refused"}));
  EXPECT_EQ(target->in_turn(), 2U);

  const auto nobody = probe({"x:1", {refused}}, options);
  ASSERT_FALSE(nobody.ok());
  EXPECT_NE(nobody.error().find("refused"), std::string::npos) << nobody.error();
}

TEST(Probe, WaitsASecondForTheOthersOfAServerThatAnswered) {
  asio::io_context io;
  tcp::acceptor open(io, {asio::ip::address_v4::loopback(), 0});
  const FullListenQueue silent;
  const TimePoint begin = SteadyClock::now();
  const auto target = probe({"x", {silent.endpoint(), open.local_endpoint()}}, {.timeout = std::chrono::seconds(30)});
  const Duration took = SteadyClock::now() - begin;
  ASSERT_TRUE(target.ok()) << target.error();
  EXPECT_EQ(target->addresses, (std::vector<Endpoint>{open.local_endpoint(), silent.endpoint()}));
  EXPECT_EQ(target->in_turn(), 1U);
  EXPECT_GE(took, std::chrono::seconds(1));
  EXPECT_LT(took, std::chrono::seconds(10));
}

/// A server that takes a connection for TLS and keeps it: silent, or with a byte of a record now and then.
ScriptedServer::Script never_ends_its_handshake(bool drips) {
  return [drips](tcp::socket& socket, int) {
    const std::string record = std::string("\x16\3\3\x40\0", 5) + std::string(100, '\2');
    boost::system::error_code error;
    std::string hello(64U << 10, 0);
    for (std::size_t i = 0; drips && !error && i < record.size(); ++i) {
      asio::write(socket, asio::buffer(&record[i], 1), error);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    while (!error) socket.read_some(asio::buffer(hello), error);
  };
}

TEST(Probe, AllHandshakesTogetherHaveTheTimeOfOne) {
  ScriptedServer silent(never_ends_its_handshake(false)), dripping(never_ends_its_handshake(true)),
      silent_too(never_ends_its_handshake(false));
  const TimePoint begin = SteadyClock::now();
  const auto target = probe({.authority = "x:1",
                             .addresses = {silent.endpoint(), dripping.endpoint(), silent_too.endpoint()},
                             .host = "x",
                             .tls = true},
                            {.timeout = std::chrono::seconds(1), .tls = {.verify = false}});
  const Duration took = SteadyClock::now() - begin;
  ASSERT_FALSE(target.ok());
  EXPECT_NE(target.error().find("the TLS handshake did not end in time"), std::string::npos) << target.error();
  EXPECT_GE(took, std::chrono::seconds(1));
  EXPECT_LT(took, std::chrono::seconds(3));
}

TEST(Probe, AHandshakeWithoutEndLeavesTimeForTheOthers) {
  const Certificate certificate;
  ScriptedServer silent(never_ends_its_handshake(false));
  TlsServer good(certificate, always_over_tls(kOk));
  const auto target =
      probe({.authority = "x:1", .addresses = {silent.endpoint(), good.endpoint()}, .host = "localhost", .tls = true},
            {.timeout = std::chrono::seconds(1), .tls = {.ca_file = certificate.certificate.path()}});
  ASSERT_TRUE(target.ok()) << target.error();
  EXPECT_EQ(target->addresses.front(), Endpoint(good.endpoint()));
}

TEST(Probe, AServerOfHttp2OnlyIsToldApart) {
  const Certificate certificate;
  TlsServer server(certificate, always_over_tls(kOk), 1, chooses("\x02h2"));
  const auto target = probe({.authority = "x:1", .addresses = {server.endpoint()}, .host = "localhost", .tls = true},
                            {.timeout = std::chrono::seconds(5), .tls = {.ca_file = certificate.certificate.path()}});
  ASSERT_FALSE(target.ok());
  EXPECT_NE(target.error().find("does not speak HTTP/1.1 here; http.version \"2\" (--http2)"), std::string::npos)
      << target.error();
}

}  // namespace
}  // namespace loadgen::engine
