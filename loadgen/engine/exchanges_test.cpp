// A request and its response: every failure is one kind, and bytes arrive and leave whole.

#include <atomic>
#include <string>
#include <thread>

#include <sys/resource.h>

#include "engine/engine_test.hpp"

namespace loadgen::engine {
namespace {

template <class E>
class Exchanges : public EngineTest<E> {};
TYPED_TEST_SUITE(Exchanges, Engines);

struct Misbehaviour {
  const char* name;
  ScriptedServer::Script script;
  ErrorKind expected;
};

TYPED_TEST(Exchanges, EachFailureIsOneKind) {
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
      {"length without a number", says("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nOK"),
       ErrorKind::malformed_response},
      {"NUL in a header", says("HTTP/1.1 200 OK\r\nX: a" + std::string(1, '\0') + "b\r\n\r\n"),
       ErrorKind::malformed_response},
      {"chunk without a size", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz-xyz\r\n"),
       ErrorKind::malformed_response},
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

TYPED_TEST(Exchanges, NoDescriptorLeftIsNamed) {
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

TYPED_TEST(Exchanges, AbortGivesOneUnfinishedSampleForEachInFlight) {
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

TYPED_TEST(Exchanges, LargeBodiesArriveWhole) {
  const std::string body(3'000'000, 'b');
  ScriptedServer server(
      always("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  this->requests_[0].checks.body_equals = body;
  this->engine_for({server.endpoint()});
  EXPECT_EQ(this->run_one().error, ErrorKind::none);
  EXPECT_EQ(this->run_one().error, ErrorKind::none) << "the large buffer went back and came again";
  this->engine_->release(0);
}

TYPED_TEST(Exchanges, LargeRequestsLeaveWhole) {
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

TYPED_TEST(Exchanges, AnAnswerBeforeTheRequestIsAllSentIsRead) {
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

TYPED_TEST(Exchanges, AFloodDoesNotKeepTheOthersWaiting) {
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

TYPED_TEST(Exchanges, AnotherRequestIsSentUnderTheNumberOfThePlans) {
  std::vector<std::string> seen;
  ScriptedServer server([&](tcp::socket& socket, int) {
    for (std::string request; read_request(socket, request); request.clear()) {
      seen.push_back(request.substr(0, request.find('\r')));
      answer(socket, seen.size() == 1
                         ? "HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
                         : kOk);
    }
  });
  this->requests_[1] = this->request("GET");
  this->requests_[1].keeps_headers = true;
  this->engine_for({server.endpoint()});
  const Sample first = this->run_one(0, 1);
  EXPECT_EQ(first.status, 302);
  EXPECT_EQ(this->engine_->headers_of(first).location, "/b");
  EXPECT_EQ(this->engine_->headers_of(first).cookies, "a=1\n");

  http::PreparedRequest instead = http::prepare(
      {.method = "GET", .authority = "test", .path_and_query = "/b", .headers = {}, .body = {}, .user_agent = {}});
  instead.one_off = true;
  instead.keeps_headers = true;
  this->engine_->start(0, 1, instead);
  const Sample second = this->next();
  EXPECT_EQ(second.request, 1u);
  EXPECT_EQ(second.status, 200);
  EXPECT_FALSE(second.new_connection);
  EXPECT_EQ(second.bytes_out, instead.bytes.size());
  EXPECT_EQ(this->engine_->headers_of(second).location, "") << "not the one before";
  this->engine_->release(0);
  server.wait_for_close();
  EXPECT_EQ(seen, (std::vector<std::string>{"GET / HTTP/1.1", "GET /b HTTP/1.1"}));
}

}  // namespace
}  // namespace loadgen::engine
