#include "engine/engines.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace loadgen::engine {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

/// A server of a few lines: a thread, blocking sockets, and a script that is run for each connection in turn.
class ScriptedServer {
 public:
  using Script = std::function<void(tcp::socket&, int connection)>;

  explicit ScriptedServer(Script script, int connections = 1)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}), endpoint_(acceptor_.local_endpoint()) {
    thread_ = std::thread([this, script = std::move(script), connections] {
      for (int i = 0; i < connections; ++i) {
        boost::system::error_code error;
        tcp::socket socket(io_);
        acceptor_.accept(socket, error);
        if (error) return;
        script(socket, i);
      }
    });
  }
  ~ScriptedServer() {
    // A client that never came leaves accept() waiting: come ourselves.
    tcp::socket last(io_);
    boost::system::error_code ignored;
    last.connect(endpoint_, ignored);
    last.close(ignored);
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  Endpoint endpoint() const { return endpoint_; }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  Endpoint endpoint_;
  std::thread thread_;
};

/// Reads one request's header; false when the client is gone.
bool read_request(tcp::socket& socket) {
  std::string text;
  boost::system::error_code error;
  asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", error);
  return !error;
}

void answer(tcp::socket& socket, const std::string& text) {
  boost::system::error_code ignored;
  asio::write(socket, asio::buffer(text), ignored);
}

ScriptedServer::Script always(const std::string& text) {
  return [text](tcp::socket& socket, int) {
    while (read_request(socket)) answer(socket, text);
  };
}

/// Where nobody listens.
Endpoint refusing_endpoint() {
  asio::io_context io;
  return tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint();
}

/// Listens, and drops every further SYN.
class FullListenQueue {
 public:
  FullListenQueue() : acceptor_(io_) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    for (int i = 0; i < 4; ++i) {
      waiting_.emplace_back(io_).open(tcp::v4());
      waiting_.back().async_connect(endpoint(), [](auto) {});  // begun, never waited for
    }
  }
  Endpoint endpoint() const { return acceptor_.local_endpoint(); }

  /// From now on there is room: a SYN that is sent again is answered.
  void drain() {
    waiting_.clear();
    acceptor_.non_blocking(true);
    boost::system::error_code error;
    while (!error) acceptor_.accept(error);
  }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::vector<tcp::socket> waiting_;
};

/// Every test runs with every engine; one that this machine does not offer is skipped with the reason.
template <class E>
class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    if constexpr (std::is_same_v<E, UringEngine>)
      if (const std::string why = UringTransport::why_unavailable(); !why.empty()) GTEST_SKIP() << why;
  }

  E& engine_for(std::vector<Endpoint> addresses, std::uint32_t slots = 1) {
    targets_ = {{"test", std::move(addresses)}};
    options_.targets = targets_;
    options_.requests = requests_;
    options_.slots = slots;
    engine_.emplace(options_);
    return *engine_;
  }

  static http::PreparedRequest request(std::string_view method, std::string_view body = {}) {
    return http::prepare(
        {.method = method, .authority = "test", .path_and_query = "/", .headers = {}, .body = body, .user_agent = {}});
  }

  Sample run_one(std::uint32_t slot = 0, std::uint16_t request = 0) {
    engine_->start(slot, request);
    return next();
  }

  Sample connect_one() {
    engine_->connect(0, 0);
    return next();
  }

  Sample next() {
    const TimePoint give_up = SteadyClock::now() + seconds(10);
    while (SteadyClock::now() < give_up) {
      engine_->wait(SteadyClock::now() + milliseconds(50));
      for (const Sample& sample : engine_->completed()) return sample;
    }
    ADD_FAILURE() << "nothing completed in 10 s";
    return {};
  }

  std::vector<http::PreparedRequest> requests_ = {request("GET"), request("POST", "x")};
  std::vector<Target> targets_;
  EngineOptions options_;
  std::optional<E> engine_;
};

using Engines = testing::Types<NativeEngine, UringEngine>;
TYPED_TEST_SUITE(EngineTest, Engines);

TYPED_TEST(EngineTest, KeptConnectionIsUsedAgainAndStampsAreInOrder) {
  ScriptedServer server(always(kOk));
  this->engine_for({server.endpoint()});
  const Sample first = this->run_one();
  EXPECT_EQ(first.error, ErrorKind::none);
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(first.new_connection);
  EXPECT_LE(first.started, first.connected);
  EXPECT_LE(first.connected, first.first_byte);
  EXPECT_LE(first.first_byte, first.finished);
  EXPECT_EQ(first.bytes_in, std::string(kOk).size());
  EXPECT_EQ(first.bytes_out, this->requests_[0].bytes.size());

  const Sample second = this->run_one();
  EXPECT_FALSE(second.new_connection);
  EXPECT_EQ(second.connected, kUnset);
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, AConnectionOpenedAheadIsTheNextRequestsOwn) {
  ScriptedServer server(always(kOk));
  this->engine_for({server.endpoint()});
  const Sample opened = this->connect_one();
  EXPECT_EQ(opened.error, ErrorKind::none);
  EXPECT_TRUE(opened.only_connected());
  EXPECT_TRUE(opened.new_connection);
  EXPECT_NE(opened.connected, kUnset);
  EXPECT_LE(opened.started, opened.connected);
  EXPECT_EQ(opened.connected, opened.finished);
  EXPECT_EQ(opened.first_byte, kUnset);
  EXPECT_EQ(opened.bytes_out + opened.bytes_in + opened.status, 0u);

  const Sample again = this->connect_one();
  EXPECT_EQ(again.error, ErrorKind::none);
  EXPECT_FALSE(again.new_connection) << "it stood already";
  EXPECT_EQ(again.connected, kUnset);

  const Sample request = this->run_one();
  EXPECT_EQ(request.error, ErrorKind::none);
  EXPECT_FALSE(request.new_connection);
  EXPECT_EQ(request.connected, kUnset);
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, AConnectAheadThatFailsSaysWhyAndTriesEveryAddress) {
  ScriptedServer server(always(kOk));
  const Endpoint refused = refusing_endpoint();
  this->engine_for({refused, refused});
  const Sample failed = this->connect_one();
  EXPECT_EQ(info(failed.error).key, "connect_refused");
  EXPECT_EQ(failed.system_error, ECONNREFUSED);
  EXPECT_TRUE(failed.new_connection);
  EXPECT_EQ(failed.connected, kUnset);
  EXPECT_EQ(failed.status, 0);

  this->engine_for({refused, server.endpoint()});
  EXPECT_EQ(this->connect_one().error, ErrorKind::none);
  EXPECT_FALSE(this->run_one().new_connection);
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, AConnectAheadTimesOutAndCanBeGivenUp) {
  FullListenQueue full;
  this->options_.connect_timeout = milliseconds(80);
  this->engine_for({full.endpoint()});
  const Sample late = this->connect_one();
  EXPECT_EQ(info(late.error).key, "connect_timeout");
  EXPECT_GE(late.service_time(), milliseconds(80));

  this->engine_->connect(0, 0);
  this->engine_->abort_all();
  const auto samples = this->engine_->completed();
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].error, ErrorKind::unfinished);
  EXPECT_TRUE(samples[0].only_connected());
}

TYPED_TEST(EngineTest, AConnectionOpenedAheadThatTheServerClosedIsOpenedAgain) {
  for (const bool noticed : {false, true}) {
    ScriptedServer server(
        [](tcp::socket& socket, int connection) {
          if (connection == 1 && read_request(socket)) answer(socket, kOk);
        },
        2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->connect_one().error, ErrorKind::none);
    const TimePoint until = SteadyClock::now() + milliseconds(20);
    while (noticed && SteadyClock::now() < until) this->engine_->wait(until);
    std::this_thread::sleep_until(until);
    const Sample sample = this->run_one();
    EXPECT_EQ(sample.error, ErrorKind::none);
    EXPECT_TRUE(sample.reopened);
    EXPECT_TRUE(sample.new_connection);
    this->engine_->release(0);
  }
}

TYPED_TEST(EngineTest, ConnectionsAreAskedOnceWhetherOpenOrClosed) {
  ScriptedServer server(always(kOk));
  this->engine_for({server.endpoint()});
  EXPECT_EQ(this->engine_->facts().connections_asked, 0u);
  this->run_one();
  EXPECT_EQ(this->engine_->facts().connections_asked, 1u);
  EXPECT_EQ(this->engine_->facts().connections_asked, 1u);
  this->engine_->release(0);
  EXPECT_EQ(this->engine_->facts().connections_asked, 1u);

  this->engine_for({refusing_endpoint()});
  this->run_one();
  EXPECT_EQ(this->engine_->facts().connections_asked, 0u) << "it never stood";
}

TYPED_TEST(EngineTest, OfASlotsOpeningsOneInSixteenIsAsked) {
  ScriptedServer server(always(kOk), 33);
  this->engine_for({server.endpoint()});
  for (int opening = 0; opening < 33; ++opening) {
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    this->engine_->release(0);
  }
  EXPECT_EQ(this->engine_->facts().connections_asked, 3u) << "the 1st, 17th and 33rd";
}

TYPED_TEST(EngineTest, WhatTheKernelSentAgainIsCounted) {
  FullListenQueue full;
  this->engine_for({full.endpoint()});
  this->engine_->connect(0, 0);
  this->engine_->wait(kUnset);
  std::this_thread::sleep_for(milliseconds(20));
  full.drain();
  const Sample sample = this->next();  // by the second SYN, a second after the first (RFC 6298)
  EXPECT_EQ(sample.error, ErrorKind::none);
  EXPECT_GE(sample.service_time(), milliseconds(900));
  EXPECT_GE(this->engine_->facts().retransmits, 1U);
  this->engine_->release(0);
  EXPECT_GE(this->engine_->facts().retransmits, 1U);
}

TYPED_TEST(EngineTest, WhatLayUnreadInTheKernelIsReceiveLag) {
  ScriptedServer server([](tcp::socket& socket, int) {
    while (read_request(socket)) {
      std::this_thread::sleep_for(milliseconds(5));
      answer(socket, kOk);
    }
  });
  this->engine_for({server.endpoint()});
  ASSERT_TRUE(this->engine_->facts().measures_receive_lag);
  EXPECT_EQ(this->connect_one().receive_lag_ns, kNoReceiveLag);

  this->engine_->start(0, 0);
  this->engine_->wait(kUnset);                    // sends
  std::this_thread::sleep_for(milliseconds(30));  // and does not look
  const Sample late = this->next();
  EXPECT_EQ(late.error, ErrorKind::none);
  EXPECT_GE(late.receive_lag_ns, 20'000'000u);
  EXPECT_LE(late.receive_lag_ns, late.service_time().count());

  std::uint32_t least = kNoReceiveLag;  // the machine may be busy, but not five times
  for (int i = 0; i < 5; ++i) least = std::min(least, this->run_one().receive_lag_ns);
  EXPECT_LT(least, 5'000'000u);
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, OneSlotInSixtyFourIsWatched) {
  ScriptedServer server(always(kOk), 4);
  this->engine_for({server.endpoint()}, 66);
  for (const std::uint32_t slot : {0, 1, 63, 64}) {
    EXPECT_EQ(this->run_one(slot).receive_lag_ns != kNoReceiveLag, slot % 64 == 0) << slot;
    this->engine_->release(slot);
  }
}

/// In pieces and ended by a close: what is read with stamps must be read as without.
TYPED_TEST(EngineTest, WatchedAndOtherConnectionsReadTheSame) {
  ScriptedServer server(
      [](tcp::socket& socket, int) {
        read_request(socket);
        for (const char* piece : {"HTTP/1.1 200 OK\r\n", "\r\nbody", " and more"}) {
          answer(socket, piece);
          std::this_thread::sleep_for(milliseconds(5));
        }
      },
      2);
  this->requests_[0].checks.body_equals = "body and more";
  this->engine_for({server.endpoint()}, 2);
  for (const std::uint32_t slot : {0, 1}) {
    const Sample sample = this->run_one(slot);
    EXPECT_EQ(sample.error, ErrorKind::none);
    EXPECT_EQ(sample.bytes_in, 32u);
  }
}

TYPED_TEST(EngineTest, AClosedConnectionThatWasNoticedIsOpenedAgainForAnyRequest) {
  for (const std::uint16_t request : {0, 1}) {
    ScriptedServer server(
        [](tcp::socket& socket, int) {
          if (read_request(socket)) answer(socket, kOk);
        },
        2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    const TimePoint until = SteadyClock::now() + milliseconds(20);
    while (SteadyClock::now() < until) this->engine_->wait(until);
    const Sample again = this->run_one(0, request);
    EXPECT_EQ(again.error, ErrorKind::none);
    EXPECT_TRUE(again.reopened);
    EXPECT_TRUE(again.new_connection);
  }
}

TYPED_TEST(EngineTest, ARequestThatCrossedTheServersCloseIsSentAgainIfItIsIdempotent) {
  for (const std::uint16_t request : {0, 1}) {
    ScriptedServer server(
        [](tcp::socket& socket, int) {
          if (read_request(socket)) answer(socket, kOk);
          std::this_thread::sleep_for(milliseconds(20));
        },
        2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    std::this_thread::sleep_for(milliseconds(50));  // it closes, and the engine does not look
    const Sample again = this->run_one(0, request);
    if (request == 0) {
      EXPECT_EQ(again.error, ErrorKind::none);
      EXPECT_TRUE(again.reopened);
      EXPECT_TRUE(again.new_connection);
    } else {
      EXPECT_TRUE(again.error == ErrorKind::closed_before_response || again.error == ErrorKind::reset)
          << info(again.error).key;
      EXPECT_FALSE(again.reopened);
    }
  }
}

TYPED_TEST(EngineTest, AResetIsAnAnswerUnlessTheConnectionWasIdleForLong) {
  const auto answer_then_reset = [](tcp::socket& socket, int) {
    if (!read_request(socket)) return;
    answer(socket, kOk);
    if (!read_request(socket)) return;
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
  };
  {
    ScriptedServer server(answer_then_reset, 2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    const Sample at_once = this->run_one();
    EXPECT_EQ(info(at_once.error).key, "reset");
    EXPECT_FALSE(at_once.reopened);
  }
  {
    ScriptedServer server(answer_then_reset, 2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    std::this_thread::sleep_for(milliseconds(1'010));
    const Sample later = this->run_one();
    EXPECT_EQ(later.error, ErrorKind::none);
    EXPECT_TRUE(later.reopened);
    this->engine_->release(0);
  }
}

struct Misbehaviour {
  const char* name;
  ScriptedServer::Script script;
  ErrorKind expected;
};

TYPED_TEST(EngineTest, EachFailureIsOneKind) {
  const auto says = [](const std::string& text) {
    return [text](tcp::socket& socket, int) {
      if (read_request(socket)) answer(socket, text);
    };
  };
  const std::vector<Misbehaviour> table = {
      {"status", says("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), ErrorKind::status},
      {"closed at once", says(""), ErrorKind::closed_before_response},
      {"closed mid-body", says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nOK"), ErrorKind::closed_mid_body},
      {"closed mid-header", says("HTTP/1.1 200 OK\r\nConte"), ErrorKind::closed_mid_body},
      {"not HTTP", says("220 mail ready\r\n"), ErrorKind::malformed_response},
      {"too large", says("HTTP/1.1 200 OK\r\nContent-Length: 200001\r\n\r\n"), ErrorKind::response_too_large},
      {"endless header", says("HTTP/1.1 200 OK\r\nX: " + std::string(300'000, 'x')), ErrorKind::response_too_large},
      {"endless chunk header",
       says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(300'000, 'x')),
       ErrorKind::response_too_large},
      {"reset",
       [](tcp::socket& socket, int) {
         read_request(socket);
         socket.set_option(asio::socket_base::linger(true, 0));
         socket.close();  // Asio's destructor would take the linger option back
       },
       ErrorKind::reset},
      {"silence",
       [](tcp::socket& socket, int) {
         read_request(socket);
         read_request(socket);
       },
       ErrorKind::response_timeout},
  };
  for (const Misbehaviour& m : table) {
    ScriptedServer server(m.script);
    this->options_.limits.body = 200'000;
    this->options_.response_timeout =
        m.expected == ErrorKind::response_timeout ? milliseconds(60) : milliseconds(5'000);
    this->engine_for({server.endpoint()});
    const Sample sample = this->run_one();
    EXPECT_EQ(info(sample.error).key, info(m.expected).key) << m.name;
    if (m.expected == ErrorKind::response_timeout) {
      EXPECT_GE(sample.service_time(), milliseconds(60));
    }
    this->engine_.reset();
  }
}

TYPED_TEST(EngineTest, RefusedAddressesAreTriedInTurn) {
  const Endpoint refused = refusing_endpoint();
  ScriptedServer server(always(kOk));
  this->engine_for({refused, server.endpoint()});
  const Sample sample = this->run_one();
  EXPECT_EQ(sample.error, ErrorKind::none);
  this->engine_->release(0);

  this->engine_for({refused, refused});
  const Sample failed = this->run_one();
  EXPECT_EQ(failed.error, ErrorKind::connect_refused);
  EXPECT_EQ(failed.system_error, ECONNREFUSED);
  EXPECT_EQ(failed.connected, kUnset);
  EXPECT_EQ(failed.status, 0);
}

TYPED_TEST(EngineTest, ConnectTimesOutOnAFullListenQueueAndTheNextAddressIsTried) {
  FullListenQueue full;
  this->options_.connect_timeout = milliseconds(80);
  this->engine_for({full.endpoint()});
  const Sample sample = this->run_one();
  EXPECT_EQ(sample.error, ErrorKind::connect_timeout);
  EXPECT_GE(sample.service_time(), milliseconds(80));

  ScriptedServer server(always(kOk));
  this->engine_for({full.endpoint(), server.endpoint()});
  const Sample second_address = this->run_one();
  EXPECT_EQ(second_address.error, ErrorKind::none);
  EXPECT_GE(second_address.service_time(), milliseconds(80));
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, NoDescriptorLeftIsNamed) {
  ScriptedServer server(always(kOk));
  this->engine_for({server.endpoint()});
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const Sample sample = this->run_one();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(sample.error, ErrorKind::no_descriptor);
}

TYPED_TEST(EngineTest, AbortGivesOneUnfinishedSampleForEachInFlight) {
  ScriptedServer server([](tcp::socket& socket, int) { read_request(socket), read_request(socket); }, 1);
  this->engine_for({server.endpoint()}, 3);
  for (std::uint32_t slot = 0; slot < 3; ++slot) this->engine_->start(slot, 0);
  this->engine_->wait(SteadyClock::now() + milliseconds(20));
  EXPECT_TRUE(this->engine_->completed().empty());
  this->engine_->abort_all();
  const auto samples = this->engine_->completed();
  ASSERT_EQ(samples.size(), 3u);
  for (const Sample& sample : samples) EXPECT_EQ(sample.error, ErrorKind::unfinished);
  this->engine_->abort_all();
  EXPECT_TRUE(this->engine_->completed().empty());
  this->engine_->wait(SteadyClock::now() + milliseconds(5));  // the cancelled operations call back into nothing
  EXPECT_TRUE(this->engine_->completed().empty());
}

TYPED_TEST(EngineTest, LargeBodiesArriveWhole) {
  const std::string body(3'000'000, 'b');
  ScriptedServer server(
      always("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  this->requests_[0].checks.body_equals = body;
  this->engine_for({server.endpoint()});
  EXPECT_EQ(this->run_one().error, ErrorKind::none);
  EXPECT_EQ(this->run_one().error, ErrorKind::none) << "the large buffer went back and came again";
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, LargeRequestsLeaveWhole) {
  ScriptedServer server([](tcp::socket& socket, int) {
    std::this_thread::sleep_for(milliseconds(50));  // let the client's send buffer fill up
    std::string all;
    boost::system::error_code error;
    asio::read_until(socket, asio::dynamic_buffer(all), "THE-END", error);
    answer(socket, kOk);
    read_request(socket);
  });
  this->requests_[1] = this->request("POST", std::string(8'000'000, 'p') + "THE-END");
  this->engine_for({server.endpoint()});
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(sample.error, ErrorKind::none);
  EXPECT_EQ(sample.bytes_out, this->requests_[1].bytes.size());
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, AnAnswerBeforeTheRequestIsAllSentIsRead) {
  ScriptedServer server(
      [](tcp::socket& socket, int) {
        read_request(socket);
        answer(socket, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
        std::this_thread::sleep_for(milliseconds(200));  // and reads no further
      },
      2);
  this->requests_[1] = this->request("POST", std::string(64'000'000, 'p'));
  this->engine_for({server.endpoint()});
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(sample.status, 413);
  EXPECT_EQ(info(sample.error).key, "status");
  EXPECT_LT(sample.service_time(), seconds(5));
  const Sample next = this->run_one(0, 0);
  EXPECT_TRUE(next.new_connection) << "half a request still stood in the way";
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, AConnectionThatSpeaksAnotherProtocolIsNotUsedAgain) {
  ScriptedServer server(always("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), 2);
  this->engine_for({server.endpoint()});
  EXPECT_EQ(info(this->run_one().error).key, "status");
  EXPECT_TRUE(this->run_one().new_connection);
  this->engine_->release(0);
}

TYPED_TEST(EngineTest, AFloodDoesNotKeepTheOthersWaiting) {
  std::atomic<bool> enough = false;
  ScriptedServer flooder([&](tcp::socket& socket, int) {
    read_request(socket);
    const std::string piece(1U << 20, 'x');
    boost::system::error_code error;
    asio::write(socket, asio::buffer("HTTP/1.1 200 OK\r\n\r\n", 19), error);
    while (!error && !enough) asio::write(socket, asio::buffer(piece), error);
  });
  this->options_.response_timeout = milliseconds(300);
  this->options_.limits.body = UINT64_MAX;
  this->engine_for({flooder.endpoint()});
  const Sample sample = this->run_one();
  enough = true;
  EXPECT_EQ(info(sample.error).key, "response_timeout");
  EXPECT_LT(sample.service_time(), seconds(3));
  this->engine_.reset();  // an io_uring holds the socket until it is asked again; the flooder would write for ever
}

TYPED_TEST(EngineTest, BytesBehindTheResponseEndTheConnection) {
  ScriptedServer server(always(std::string(kOk) + "garbage"), 2);
  this->engine_for({server.endpoint()});
  EXPECT_EQ(this->run_one().error, ErrorKind::none);
  const Sample second = this->run_one();
  EXPECT_EQ(second.error, ErrorKind::none);
  EXPECT_TRUE(second.new_connection);
  EXPECT_FALSE(second.reopened);
  this->engine_->release(0);
}

}  // namespace
}  // namespace loadgen::engine
