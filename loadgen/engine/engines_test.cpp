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
  asio::io_context io;
  tcp::acceptor closed(io, {asio::ip::address_v4::loopback(), 0});
  const Endpoint refused = closed.local_endpoint();
  closed.close();
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
  asio::io_context io;
  tcp::acceptor full(io);
  full.open(tcp::v4());
  full.bind({asio::ip::address_v4::loopback(), 0});
  full.listen(0);
  std::vector<tcp::socket> waiting;  // fill the queue: further SYNs are dropped
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(io).open(tcp::v4());
    waiting.back().async_connect(full.local_endpoint(), [](auto) {});  // begun, never waited for
  }
  this->options_.connect_timeout = milliseconds(80);
  this->engine_for({full.local_endpoint()});
  const Sample sample = this->run_one();
  EXPECT_EQ(sample.error, ErrorKind::connect_timeout);
  EXPECT_GE(sample.service_time(), milliseconds(80));

  ScriptedServer server(always(kOk));
  this->engine_for({full.local_endpoint(), server.endpoint()});
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
  this->engine_->release(0);
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
