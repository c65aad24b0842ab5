// Ways through a proxy: what it is asked for, what of it counts, and how its refusals are told.

#include <string>
#include <vector>

#include "engine/engine_test.hpp"

namespace loadgen::engine {
namespace {

using http::Proxy;
using http::ProxyKind;

class CurlProxy : public EngineTest<CurlEngine> {
 protected:
  /// The proxy of this kind is at endpoint, and asked for what way_to() would have it asked for.
  CurlEngine& engine_through(const Endpoint& endpoint, ProxyKind kind, const std::string& asked,
                             std::uint32_t slots = 1) {
    targets_ = {{.authority = "target.test:80",
                 .addresses = {endpoint},
                 .host = "target.test",
                 .proxy = Proxy{kind, "proxy.test", 1080, "me", "secret"},
                 .asked_of_proxy = asked}};
    options_.targets = targets_;
    options_.requests = requests_;
    options_.slots = slots;
    return engine_.emplace(options_);
  }
};

TEST_F(CurlProxy, AWholeUrlGoesToAnHttpProxyOnAConnectionOfEachUser) {
  std::string received;
  ScriptedServer proxy(
      [&](tcp::socket& socket, int) {
        std::string text;
        while (read_request(socket, text)) {
          received = std::exchange(text, {});
          answer(socket, kOk);
        }
      },
      2);
  engine_through(proxy.endpoint(), ProxyKind::http, "", 2);
  const Sample first = run_one();
  EXPECT_EQ(info(first.error).key, "none");
  EXPECT_TRUE(first.new_connection);
  EXPECT_EQ(first.bytes_out, requests_[0].bytes.size()) << "without what only the proxy sees";
  EXPECT_EQ(received.rfind("GET http://test/ HTTP/1.1\r\n", 0), 0U) << received;
  EXPECT_NE(received.find("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), std::string::npos) << "RFC 7617";
  EXPECT_EQ(received.find("Proxy-Connection"), std::string::npos);
  EXPECT_FALSE(run_one().new_connection);
  engine_->release(0);
  EXPECT_TRUE(run_one(1).new_connection);
  engine_->release(1);
}

TEST_F(CurlProxy, ATunnelIsPartOfConnecting) {
  std::string asked;
  ScriptedServer proxy([&](tcp::socket& socket, int) {
    const std::string greeting = {5, 2};  // SOCKS5 with user and password
    std::string in(4, 0);
    asio::read(socket, asio::buffer(in, 2));
    asio::read(socket, asio::buffer(in, static_cast<std::size_t>(in[1])));
    asio::write(socket, asio::buffer(greeting));
    in.resize(3 + 2 + 6);  // RFC 1929: version, length, "me", length, "secret"
    asio::read(socket, asio::buffer(in));
    std::this_thread::sleep_for(milliseconds(30));
    asio::write(socket, asio::buffer(std::string("\x01\x00", 2)));
    asked.resize(4 + 1 + 11 + 2);
    asio::read(socket, asio::buffer(asked));
    asio::write(socket, asio::buffer(std::string("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10)));
    while (read_request(socket)) answer(socket, kOk);
  });
  engine_through(proxy.endpoint(), ProxyKind::socks5h, "target.test:80");
  const Sample first = run_one();
  EXPECT_EQ(info(first.error).key, "none");
  EXPECT_EQ(asked, std::string("\x05\x01\x00\x03\x0btarget.test\x00\x50", 18)) << "RFC 1928, 4";
  EXPECT_GE(first.connected - first.started, milliseconds(30));
  EXPECT_LE(first.connected, first.first_byte);
  EXPECT_EQ(first.secured, kUnset);
  EXPECT_EQ(first.bytes_out, requests_[0].bytes.size());
  EXPECT_FALSE(run_one().new_connection);
  engine_->release(0);
}

TEST_F(CurlProxy, ARefusalIsTheProxys) {
  const struct {
    ProxyKind kind;
    const char* asked;
    std::string answer;
  } cases[] = {{ProxyKind::http, "target.test:443", "HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n"},
               {ProxyKind::http, "target.test:443", "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n"},
               {ProxyKind::http, "target.test:443", ""},
               {ProxyKind::http, "", "HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n"},
               {ProxyKind::socks5h, "target.test:80", "\x05\xff"},
               {ProxyKind::socks5h, "target.test:80", "HTTP/1.1 400 What?\r\n\r\n"}};
  for (const auto& c : cases) {
    ScriptedServer proxy([&](tcp::socket& socket, int) {
      std::string byte(1, 0);
      boost::system::error_code ignored;
      asio::read(socket, asio::buffer(byte), ignored);
      answer(socket, c.answer);
      socket.shutdown(tcp::socket::shutdown_send, ignored);
      asio::read(socket, asio::dynamic_buffer(byte), ignored);
    });
    engine_through(proxy.endpoint(), c.kind, c.asked);
    targets_[0].tls = targets_[0].asked_of_proxy.ends_with(":443");
    const Sample sample = run_one();
    EXPECT_EQ(info(sample.error).key, "proxy") << c.answer;
    engine_.reset();
  }
}

TEST_F(CurlProxy, WhatTheTargetSaysThroughATunnelIsNotTheProxys) {
  ScriptedServer proxy([&](tcp::socket& socket, int) {
    read_request(socket);  // CONNECT
    answer(socket, "HTTP/1.1 200 OK\r\n\r\n");
    read_request(socket);
    answer(socket, "HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n");
    read_request(socket);
  });
  engine_through(proxy.endpoint(), ProxyKind::http, "target.test:80");
  const Sample sample = run_one();
  EXPECT_EQ(sample.status, 407);
  EXPECT_EQ(info(sample.error).key, "status");
  engine_.reset();
}

TEST_F(CurlProxy, OneThatDoesNotAnswerTimesOutAsAConnect) {
  ScriptedServer proxy([](tcp::socket& socket, int) { read_request(socket); });
  options_.connect_timeout = milliseconds(80);
  engine_through(proxy.endpoint(), ProxyKind::socks5h, "target.test:80");
  EXPECT_EQ(info(run_one().error).key, "connect_timeout");
  engine_.reset();
}

}  // namespace
}  // namespace loadgen::engine
