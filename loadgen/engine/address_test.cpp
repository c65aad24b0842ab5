// Where connections go and come from: the arithmetic, this machine's addresses, and what every engine makes of them.

#include "engine/address.hpp"

#include <array>
#include <cerrno>
#include <map>
#include <type_traits>
#include <utility>

#include <boost/asio/local/stream_protocol.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/engine_test.hpp"

namespace loadgen::engine {
namespace {

Endpoint tcp_endpoint(const char* address, std::uint16_t port) {
  return tcp::endpoint(asio::ip::make_address(address), port);
}

TEST(Address, IsSpeltAsUsersKnowIt) {
  EXPECT_EQ(to_text(tcp_endpoint("127.0.0.1", 80)), "127.0.0.1:80");
  EXPECT_EQ(to_text(tcp_endpoint("2001:db8::1", 443)), "[2001:db8::1]:443");
  EXPECT_EQ(to_text(asio::local::stream_protocol::endpoint("/run/app.sock")), "unix:/run/app.sock");
}

TEST(Address, LoopbackAndSocketsAreLocal) {
  EXPECT_TRUE(is_local(tcp_endpoint("127.9.9.9", 80)));
  EXPECT_TRUE(is_local(tcp_endpoint("::1", 80)));
  EXPECT_TRUE(is_local(asio::local::stream_protocol::endpoint("/s")));
  EXPECT_FALSE(is_local(tcp_endpoint("128.0.0.1", 80)));
  EXPECT_FALSE(is_local(tcp_endpoint("::2", 80)));
}

TEST(Address, UsersBeginAtSuccessiveOnesAndTryTheRestAfterThem) {
  const auto tried_by = [](std::uint64_t user, std::size_t in_turn, std::size_t all) {
    std::vector<std::size_t> out;
    for (std::size_t attempt = 0; attempt < all; ++attempt) out.push_back(address_of(user, attempt, in_turn));
    return out;
  };
  EXPECT_EQ(tried_by(0, 3, 4), (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(tried_by(4, 3, 4), (std::vector<std::size_t>{1, 2, 0, 3}));
  EXPECT_EQ(tried_by(7, 1, 3), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Address, EveryPairOfSourceAndAddressIsUsedAlike) {
  for (const std::size_t addresses : {1U, 2U, 3U, 4U, 6U})
    for (const std::size_t sources : {1U, 2U, 3U, 4U}) {
      std::map<std::pair<std::size_t, std::size_t>, int> users;
      for (std::uint64_t user = 0; user < 5 * addresses * sources; ++user)
        ++users[{address_of(user, 0, addresses), source_of(user, sources, addresses)}];
      EXPECT_EQ(users.size(), addresses * sources);
      for (const auto& [pair, count] : users) EXPECT_EQ(count, 5) << pair.first << " " << pair.second;
    }
  EXPECT_EQ(source_of(1, 4, 2), 1U) << "neighbours have different ones";
}

TEST(Sources, AreAddressesAndInterfaces) {
  const auto some = find_sources(std::vector<std::string>{"127.0.0.2", "lo", "127.0.0.2"});
  ASSERT_TRUE(some.ok()) << some.error();
  EXPECT_EQ(some->v4, (std::vector<Endpoint>{tcp_endpoint("127.0.0.2", 0), tcp_endpoint("127.0.0.1", 0)}));
  EXPECT_EQ(&some->towards(tcp_endpoint("10.0.0.1", 80)), &some->v4);
  EXPECT_EQ(&some->towards(tcp_endpoint("::1", 80)), &some->v6);
  EXPECT_TRUE(find_sources({})->empty());
}

TEST(Sources, ThatAreNotThisMachinesAreNamed) {
  const auto foreign = find_sources(std::vector<std::string>{"192.0.2.1"});  // RFC 5737: nobody's
  ASSERT_FALSE(foreign.ok());
  EXPECT_NE(foreign.error().find("connections cannot come from 192.0.2.1: Cannot assign"), std::string::npos);
  const auto nothing = find_sources(std::vector<std::string>{"eth99"});
  ASSERT_FALSE(nothing.ok());
  EXPECT_NE(nothing.error().find("\"eth99\" is neither"), std::string::npos) << nothing.error();
  EXPECT_NE(nothing.error().find("lo"), std::string::npos) << "what there is";
}

TEST(Sources, ShareALocalPortBetweenServers) {
  const Endpoint to = tcp_endpoint("127.0.0.1", 80), from = tcp_endpoint("127.0.0.2", 0);
  const int fd = make_socket({.to = to, .from = &from}, 0);
  ASSERT_GE(fd, 0);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size), 0);
  EXPECT_EQ(ntohl(bound.sin_addr.s_addr), 0x7f000002U);
  EXPECT_EQ(bound.sin_port, 0) << "chosen when it connects, and not before";
  ::close(fd);
}

/// Listens at an address of its own, 127.0.0.x, and answers every connection's first request; knows its peers.
class Listener {
 public:
  explicit Listener(const char* address, std::uint16_t port = 0)
      : acceptor_(io_, tcp::endpoint(asio::ip::make_address(address), port)) {}
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  Endpoint endpoint() const { return acceptor_.local_endpoint(); }

  /// The addresses of those who have connected so far.
  std::vector<std::string> peers() {
    acceptor_.non_blocking(true);
    for (;;) {
      boost::system::error_code error;
      tcp::socket socket(io_);
      acceptor_.accept(socket, error);
      if (error) return peers_;
      peers_.push_back(socket.remote_endpoint().address().to_string());
    }
  }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::vector<std::string> peers_;
};

template <class E>
class AddressTest : public EngineTest<E> {
 protected:
  /// Every slot connects; how each of them fared.
  std::vector<Sample> connect_all(std::uint32_t slots) {
    std::vector<Sample> out;
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      this->engine_->connect(slot, 0);
      out.push_back(this->next());
    }
    return out;
  }
};
TYPED_TEST_SUITE(AddressTest, Engines);

TYPED_TEST(AddressTest, UsersTakeAddressesAndSourcesInTurn) {
  Listener first("127.0.0.1");
  Listener second("127.0.0.3", first.port());
  this->options_.sources = *find_sources(std::vector<std::string>{"127.0.0.4", "127.0.0.5"});
  this->engine_for({first.endpoint(), second.endpoint()}, 8);
  for (const Sample& sample : this->connect_all(8)) EXPECT_EQ(sample.error, ErrorKind::none);
  using Peers = std::vector<std::string>;
  EXPECT_EQ(first.peers(), (Peers{"127.0.0.4", "127.0.0.5", "127.0.0.4", "127.0.0.5"}));   // users 0, 2, 4, 6
  EXPECT_EQ(second.peers(), (Peers{"127.0.0.5", "127.0.0.4", "127.0.0.5", "127.0.0.4"}));  // users 1, 3, 5, 7
}

TYPED_TEST(AddressTest, SlotsCountAsUsersOfTheWholeRun) {
  Listener first("127.0.0.1");
  Listener second("127.0.0.3", first.port());
  this->options_.first_user = 1;  // the second shard of two
  this->options_.users_apart = 2;
  this->engine_for({first.endpoint(), second.endpoint()}, 4);
  this->connect_all(4);
  EXPECT_EQ(first.peers().size(), 0U);
  EXPECT_EQ(second.peers().size(), 4U);
}

TYPED_TEST(AddressTest, WhatAProbeFoundRefusingIsALastResort) {
  Listener open("127.0.0.1");
  const RefusingPort refusing;
  this->engine_for({open.endpoint(), refusing.endpoint()}, 4);
  this->targets_[0].refusals = {"refused"};
  for (const Sample& sample : this->connect_all(4)) EXPECT_EQ(sample.error, ErrorKind::none);
  EXPECT_EQ(open.peers().size(), 4U);
}

TYPED_TEST(AddressTest, GoesOnFromARefusingOneToTheFirst) {
  Listener open("127.0.0.1");
  const RefusingPort refusing;
  this->engine_for({open.endpoint(), refusing.endpoint()}, 2);
  for (const Sample& sample : this->connect_all(2)) EXPECT_EQ(sample.error, ErrorKind::none);
  EXPECT_EQ(open.peers().size(), 2U) << "the second user began at the other one";
}

TYPED_TEST(AddressTest, SpeaksThroughAUnixSocket) {
  if (std::is_same_v<TypeParam, CurlEngine>) GTEST_SKIP() << "libcurl connects the socket that it is lent once more";
  const std::string path = testing::TempDir() + "loadgen_address_test." + std::to_string(getpid());
  ::unlink(path.c_str());
  asio::io_context io;
  asio::local::stream_protocol::acceptor acceptor(io, path);
  std::thread server([&] {
    for (int connection = 0; connection < 2; ++connection) {
      asio::local::stream_protocol::socket socket(io);
      acceptor.accept(socket);
      boost::system::error_code error;
      std::string text;
      while (asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", error) > 0) {
        asio::write(socket, asio::buffer(std::string_view(kOk)), error);
        text.clear();
      }
    }
  });
  this->engine_for({asio::local::stream_protocol::endpoint(path)}, 2);
  for (const std::uint32_t slot : {0U, 1U}) {  // the server has one thread: one connection after the other
    for (const bool opens : {true, false}) {
      const Sample sample = this->run_one(slot);
      EXPECT_EQ(sample.error, ErrorKind::none) << sample.system_error;
      EXPECT_EQ(sample.status, 200);
      EXPECT_EQ(sample.new_connection, opens);
    }
    this->engine_->release(slot);
  }
  server.join();
  ::unlink(path.c_str());
}

TYPED_TEST(AddressTest, ASocketThatIsNotThereIsUnreachable) {
  this->engine_for({asio::local::stream_protocol::endpoint("/no/such/socket")});
  const Sample sample = this->run_one();
  EXPECT_EQ(sample.error, ErrorKind::connect_unreachable);
  EXPECT_EQ(sample.system_error, ENOENT);
}

}  // namespace
}  // namespace loadgen::engine
