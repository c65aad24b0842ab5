#include "engine/native_engine.hpp"

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

class NativeEngineTest : public testing::Test {
 protected:
  NativeEngine& engine_for(std::vector<Endpoint> addresses, std::uint32_t slots = 1) {
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
  NativeOptions options_;
  std::optional<NativeEngine> engine_;
};

TEST_F(NativeEngineTest, KeptConnectionIsUsedAgainAndStampsAreInOrder) {
  ScriptedServer server(always(kOk));
  engine_for({server.endpoint()});
  const Sample first = run_one();
  EXPECT_EQ(first.error, ErrorKind::none);
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(first.new_connection);
  EXPECT_LE(first.started, first.connected);
  EXPECT_LE(first.connected, first.first_byte);
  EXPECT_LE(first.first_byte, first.finished);
  EXPECT_EQ(first.bytes_in, std::string(kOk).size());
  EXPECT_EQ(first.bytes_out, requests_[0].bytes.size());

  const Sample second = run_one();
  EXPECT_FALSE(second.new_connection);
  EXPECT_EQ(second.connected, kUnset);
  engine_->release(0);
}

TEST_F(NativeEngineTest, ConnectionClosedBetweenRequestsIsReopenedOnceForIdempotentOnes) {
  const auto one_answer_then_close = [](tcp::socket& socket, int) {
    if (read_request(socket)) answer(socket, kOk);
  };
  {
    ScriptedServer server(one_answer_then_close, 2);
    engine_for({server.endpoint()});
    EXPECT_EQ(run_one().error, ErrorKind::none);
    std::this_thread::sleep_for(milliseconds(20));
    const Sample again = run_one();
    EXPECT_EQ(again.error, ErrorKind::none);
    EXPECT_TRUE(again.reopened);
    EXPECT_TRUE(again.new_connection);
  }
  {
    ScriptedServer server(one_answer_then_close, 2);
    engine_for({server.endpoint()});
    EXPECT_EQ(run_one().error, ErrorKind::none);
    std::this_thread::sleep_for(milliseconds(20));
    const Sample post = run_one(0, 1);
    EXPECT_TRUE(post.error == ErrorKind::closed_before_response || post.error == ErrorKind::reset)
        << info(post.error).key;
    EXPECT_FALSE(post.reopened);
  }
}

TEST_F(NativeEngineTest, AResetIsAnAnswerUnlessTheConnectionWasIdleForLong) {
  const auto answer_then_reset = [](tcp::socket& socket, int) {
    if (!read_request(socket)) return;
    answer(socket, kOk);
    if (!read_request(socket)) return;
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
  };
  {
    ScriptedServer server(answer_then_reset, 2);
    engine_for({server.endpoint()});
    EXPECT_EQ(run_one().error, ErrorKind::none);
    const Sample at_once = run_one();
    EXPECT_EQ(info(at_once.error).key, "reset");
    EXPECT_FALSE(at_once.reopened);
  }
  {
    ScriptedServer server(answer_then_reset, 2);
    engine_for({server.endpoint()});
    EXPECT_EQ(run_one().error, ErrorKind::none);
    std::this_thread::sleep_for(milliseconds(1'010));
    const Sample later = run_one();
    EXPECT_EQ(later.error, ErrorKind::none);
    EXPECT_TRUE(later.reopened);
    engine_->release(0);
  }
}

struct Misbehaviour {
  const char* name;
  ScriptedServer::Script script;
  ErrorKind expected;
};

TEST_F(NativeEngineTest, EachFailureIsOneKind) {
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
    options_.limits.body = 200'000;
    options_.response_timeout = m.expected == ErrorKind::response_timeout ? milliseconds(60) : milliseconds(5'000);
    engine_for({server.endpoint()});
    const Sample sample = run_one();
    EXPECT_EQ(info(sample.error).key, info(m.expected).key) << m.name;
    if (m.expected == ErrorKind::response_timeout) {
      EXPECT_GE(sample.service_time(), milliseconds(60));
    }
    engine_.reset();
  }
}

TEST_F(NativeEngineTest, RefusedAddressesAreTriedInTurn) {
  asio::io_context io;
  tcp::acceptor closed(io, {asio::ip::address_v4::loopback(), 0});
  const Endpoint refused = closed.local_endpoint();
  closed.close();
  ScriptedServer server(always(kOk));
  engine_for({refused, server.endpoint()});
  const Sample sample = run_one();
  EXPECT_EQ(sample.error, ErrorKind::none);
  engine_->release(0);

  engine_for({refused, refused});
  const Sample failed = run_one();
  EXPECT_EQ(failed.error, ErrorKind::connect_refused);
  EXPECT_EQ(failed.system_error, ECONNREFUSED);
  EXPECT_EQ(failed.connected, kUnset);
  EXPECT_EQ(failed.status, 0);
}

TEST_F(NativeEngineTest, ConnectTimesOutOnAFullListenQueueAndTheNextAddressIsTried) {
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
  options_.connect_timeout = milliseconds(80);
  engine_for({full.local_endpoint()});
  const Sample sample = run_one();
  EXPECT_EQ(sample.error, ErrorKind::connect_timeout);
  EXPECT_GE(sample.service_time(), milliseconds(80));

  ScriptedServer server(always(kOk));
  engine_for({full.local_endpoint(), server.endpoint()});
  const Sample second_address = run_one();
  EXPECT_EQ(second_address.error, ErrorKind::none);
  EXPECT_GE(second_address.service_time(), milliseconds(80));
  engine_->release(0);
}

TEST_F(NativeEngineTest, NoDescriptorLeftIsNamed) {
  ScriptedServer server(always(kOk));
  engine_for({server.endpoint()});
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const Sample sample = run_one();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(sample.error, ErrorKind::no_descriptor);
}

TEST_F(NativeEngineTest, AbortGivesOneUnfinishedSampleForEachInFlight) {
  ScriptedServer server([](tcp::socket& socket, int) { read_request(socket), read_request(socket); }, 1);
  engine_for({server.endpoint()}, 3);
  for (std::uint32_t slot = 0; slot < 3; ++slot) engine_->start(slot, 0);
  engine_->wait(SteadyClock::now() + milliseconds(20));
  EXPECT_TRUE(engine_->completed().empty());
  engine_->abort_all();
  const auto samples = engine_->completed();
  ASSERT_EQ(samples.size(), 3u);
  for (const Sample& sample : samples) EXPECT_EQ(sample.error, ErrorKind::unfinished);
  engine_->abort_all();
  EXPECT_TRUE(engine_->completed().empty());
  engine_->wait(SteadyClock::now() + milliseconds(5));  // the cancelled operations call back into nothing
  EXPECT_TRUE(engine_->completed().empty());
}

TEST_F(NativeEngineTest, LargeBodiesArriveWhole) {
  const std::string body(3'000'000, 'b');
  ScriptedServer server(
      always("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  requests_[0].checks.body_equals = body;
  engine_for({server.endpoint()});
  EXPECT_EQ(run_one().error, ErrorKind::none);
  EXPECT_EQ(run_one().error, ErrorKind::none) << "the large buffer went back and came again";
  engine_->release(0);
}

TEST_F(NativeEngineTest, LargeRequestsLeaveWhole) {
  ScriptedServer server([](tcp::socket& socket, int) {
    std::this_thread::sleep_for(milliseconds(50));  // let the client's send buffer fill up
    std::string all;
    boost::system::error_code error;
    asio::read_until(socket, asio::dynamic_buffer(all), "THE-END", error);
    answer(socket, kOk);
    read_request(socket);
  });
  requests_[1] = request("POST", std::string(8'000'000, 'p') + "THE-END");
  engine_for({server.endpoint()});
  const Sample sample = run_one(0, 1);
  EXPECT_EQ(sample.error, ErrorKind::none);
  EXPECT_EQ(sample.bytes_out, requests_[1].bytes.size());
  engine_->release(0);
}

TEST_F(NativeEngineTest, BytesBehindTheResponseEndTheConnection) {
  ScriptedServer server(always(std::string(kOk) + "garbage"), 2);
  engine_for({server.endpoint()});
  EXPECT_EQ(run_one().error, ErrorKind::none);
  const Sample second = run_one();
  EXPECT_EQ(second.error, ErrorKind::none);
  EXPECT_TRUE(second.new_connection);
  EXPECT_FALSE(second.reopened);
  engine_->release(0);
}

}  // namespace
}  // namespace loadgen::engine
