#include "cli/metrics_endpoint.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

using boost::asio::ip::tcp;

MetricsEndpoint open_one() {
  auto endpoint = MetricsEndpoint::open({"127.0.0.1", 0});
  EXPECT_TRUE(endpoint.ok());
  return std::move(*endpoint);
}

std::uint16_t port_of(const MetricsEndpoint& endpoint) {
  const std::string& url = endpoint.url();
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

/// One connection, as rude as it likes.
class Peer {
 public:
  explicit Peer(const MetricsEndpoint& endpoint) : socket_(io_) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port_of(endpoint)});
  }
  void send(const std::string& text) {
    boost::system::error_code ignored;  // it may have been closed on us
    boost::asio::write(socket_, boost::asio::buffer(text), ignored);
  }
  /// Until the other end closes.
  std::string receive() {
    std::string text;
    boost::system::error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(text), end);
    return text;
  }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_;
};

std::string asked(const MetricsEndpoint& endpoint, const std::string& request) {
  Peer peer(endpoint);
  peer.send(request);
  return peer.receive();
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

TEST(ListenAddress, IsAnAddressWithAPort) {
  const auto v4 = parse_listen_address("127.0.0.1:9464");
  ASSERT_TRUE(v4.ok());
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 9464);
  EXPECT_EQ(parse_listen_address("[::1]:0")->host, "::1");
  EXPECT_EQ(parse_listen_address("localhost:80")->host, "127.0.0.1");
  EXPECT_EQ(parse_listen_address("0.0.0.0:65535")->port, 65535);
  for (const char* wrong : {"", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                            "::1:9464", "example.com:80", "127.0.0.1:80/metrics", "[127.0.0.1:80"}) {
    const auto parsed = parse_listen_address(wrong);
    ASSERT_FALSE(parsed.ok()) << wrong;
    EXPECT_NE(parsed.error().find("127.0.0.1:9464"), std::string::npos) << parsed.error();
  }
}

TEST(MetricsEndpoint, ServesWhatWasPublishedLast) {
  MetricsEndpoint endpoint = open_one();
  endpoint.publish("a 1\n", "text/plain; version=0.0.4");
  endpoint.publish("a 2\n", "text/plain; version=0.0.4");
  const std::string answer = asked(endpoint, get("/metrics"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("Content-Length: 4\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\na 2\n")) << answer;
  EXPECT_TRUE(asked(endpoint, get("/metrics?x=1")).ends_with("a 2\n"));
}

TEST(MetricsEndpoint, RefusesWhatIsNotItsPage) {
  MetricsEndpoint endpoint = open_one();
  endpoint.publish("a 1\n", "text/plain");
  for (const char* target : {"/", "/metrics/", "/metricsx", "/../metrics"})
    EXPECT_TRUE(asked(endpoint, get(target)).starts_with("HTTP/1.1 404 ")) << target;
  const std::string post = asked(endpoint, "POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(post.starts_with("HTTP/1.1 405 ")) << post;
  const std::string head = asked(endpoint, "HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 4\r\n"), std::string::npos) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST(MetricsEndpoint, IsNotHeldUpByRudePeers) {
  MetricsEndpoint endpoint = open_one();
  endpoint.publish("a 1\n", "text/plain");
  EXPECT_EQ(asked(endpoint, "\x16\x03\x01 no HTTP\r\n\r\n"), "");
  EXPECT_EQ(asked(endpoint, "GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"), "");
  {
    Peer gone(endpoint);
    gone.send("GET /met");
  }
  Peer silent(endpoint);
  Peer slow(endpoint);
  slow.send("GET /metrics");
  EXPECT_TRUE(asked(endpoint, get("/metrics")).ends_with("a 1\n"));
}

TEST(MetricsEndpoint, TakesSixteenConnectionsAndClosesTheSilentOnes) {
  MetricsEndpoint endpoint = open_one();
  endpoint.publish("a 1\n", "text/plain");
  std::vector<std::unique_ptr<Peer>> silent;
  for (int i = 0; i < 16; ++i) silent.push_back(std::make_unique<Peer>(endpoint));
  EXPECT_EQ(asked(endpoint, get("/metrics")), "") << "the seventeenth is closed at once";
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& peer : silent) EXPECT_EQ(peer->receive(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << "5 s, and time to be scheduled";
  EXPECT_TRUE(asked(endpoint, get("/metrics")).ends_with("a 1\n"));
}

TEST(MetricsEndpoint, APortThatIsTakenIsAnError) {
  const MetricsEndpoint endpoint = open_one();
  const auto second = MetricsEndpoint::open({"127.0.0.1", port_of(endpoint)});
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().find("in use"), std::string::npos) << second.error();
  EXPECT_NE(second.error().find("another port"), std::string::npos) << second.error();
}

TEST(MetricsEndpoint, ClosesWithConnectionsOpen) {
  auto endpoint = std::make_unique<MetricsEndpoint>(open_one());
  Peer silent(*endpoint);
  endpoint.reset();
  EXPECT_EQ(silent.receive(), "");
}

}  // namespace
}  // namespace loadgen::cli
