// HTTP/2 when things go wrong: servers that are late, go away again and again, or break the rules, and who is told
// what.

#include <cstdint>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/http2_session.hpp"
#include "engine/http2_test.hpp"
#include "engine/tls_server_test.hpp"

namespace loadgen::engine {
namespace {

/// A frame's nine bytes and what follows them (RFC 9113, 4.1).
std::string frame(std::uint8_t type, std::uint8_t flags, std::int32_t stream, const std::string& payload) {
  const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xffU); };
  const std::size_t size = payload.size();
  const auto id = static_cast<std::size_t>(stream);
  const std::string header{byte(size >> 16U), byte(size >> 8U), byte(size), byte(type), byte(flags), 0, 0,
                           byte(id >> 8U),    byte(id)};
  return header + payload;
}

/// As ScriptedServer, but its connections are served side by side, and each by itself: one may outlive server_.
class CrowdServer {
 public:
  CrowdServer(const ScriptedServer::Script& script, int connections)
      : server_(
            [this, script](tcp::socket& socket, int connection) {
              threads_.emplace_back([script, connection, fd = socket.release()] {
                asio::io_context io;
                tcp::socket its(io, tcp::v4(), fd);
                script(its, connection);
              });
            },
            connections) {}
  tcp::endpoint endpoint() const { return server_.endpoint(); }

 private:
  std::vector<std::jthread> threads_;
  ScriptedServer server_;
};

class Http2Faults : public Http2Test {
 protected:
  /// The samples that come within that time, at most `most`.
  std::vector<Sample> collect(std::size_t most, Duration time = seconds(10)) {
    std::vector<Sample> samples;
    const TimePoint give_up = SteadyClock::now() + time;
    while (samples.size() < most && SteadyClock::now() < give_up) {
      engine_->wait(SteadyClock::now() + milliseconds(5));
      for (const Sample& sample : engine_->completed()) samples.push_back(sample);
    }
    return samples;
  }
};

/// What a server says of a stream whose user has given up: by then nobody waits for it.
struct Late {
  std::string name;
  std::string (*frame_of)(std::int32_t stream);
};
class LateFrames : public Http2Faults, public testing::WithParamInterface<Late> {};

TEST_P(LateFrames, AfterATimeOutHarmNobody) {
  std::int32_t held = 0;
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
                          if (a.field(":method") == "POST" && held == 0) {  // whole, but for the end of the stream
                            held = a.stream;
                            p.inform(a.stream, kOk2);
                            p.flush();
                            p.send_raw(frame(NGHTTP2_DATA, 0, a.stream, "OK"));
                            return;
                          }
                          if (held > 0) p.send_raw(GetParam().frame_of(std::exchange(held, -1)));
                          say_ok(p, a);
                        }),
                        2);
  options_.streams_per_connection = 2;
  options_.response_timeout = milliseconds(200);
  engine_for({server.endpoint()}, 2);
  EXPECT_EQ(key_of(run_one(0)), "none");
  EXPECT_EQ(key_of(run_one(1, 1)), "response_timeout");
  EXPECT_EQ(key_of(run_one(0)), "none");
  EXPECT_EQ(key_of(run_one(1, 1)), "none");
  engine_.reset();
}
INSTANTIATE_TEST_SUITE_P(
    Http2, LateFrames,
    testing::Values(
        Late{"End", [](std::int32_t stream) { return frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, stream, ""); }},
        Late{"Refusal",
             [](std::int32_t stream) { return frame(NGHTTP2_RST_STREAM, 0, stream, std::string("\0\0\0\7", 4)); }},
        Late{"GoAway", [](std::int32_t) { return frame(NGHTTP2_GOAWAY, 0, 0, std::string("\0\0\0\x63\0\0\0\0", 8)); }}),
    [](const auto& each) { return each.param.name; });

TEST_F(Http2Faults, AStreamWhoseUserGaveUpIsReset) {
  std::string codes;
  ScriptedServer server([&](tcp::socket& socket, int) {
    Peer peer(socket, [](Peer& p, const Http2Asked& a) {
      if (a.field(":method") == "GET") return say_ok(p, a);
      p.inform(a.stream, kOk2);
      p.flush();
      p.send_raw(frame(NGHTTP2_DATA, 0, a.stream, "OK"));
    });
    peer.on_reset = [&](std::uint32_t code) { codes += std::to_string(code) + " "; };
    peer.serve();
  });
  options_.streams_per_connection = 2;
  options_.response_timeout = milliseconds(60);
  engine_for({server.endpoint()}, 2);
  EXPECT_EQ(key_of(run_one(0)), "none");
  EXPECT_EQ(key_of(run_one(1, 1)), "response_timeout");
  EXPECT_EQ(key_of(run_one(0)), "none");
  engine_.reset();
  server.wait_for_close();
  EXPECT_EQ(codes, std::to_string(NGHTTP2_CANCEL) + " ");
}

TEST_F(Http2Faults, OneLinkAfterTheOtherIsToldToGoAndAllAnswerWhatTheyHadBegun) {
  std::counting_semaphore<> may_end(0);
  CrowdServer server(
      [&](tcp::socket& socket, int connection) {
        Peer(socket, [&](Peer& p, const Http2Asked& a) {
          if (connection == 3) return say_ok(p, a);
          p.inform(a.stream, kOk2);
          p.go_away(a.stream);
          p.flush();
          may_end.acquire();
          p.send_raw(frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, a.stream, "OK"));
        }).serve();
      },
      4);
  options_.streams_per_connection = 4;
  engine_for({server.endpoint()}, 4);
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    engine_->start(slot, 1);
    EXPECT_TRUE(collect(1, milliseconds(150)).empty()) << "the server takes its time";
  }
  EXPECT_EQ(key_of(run_one(3, 1)), "none");
  may_end.release(3);
  const std::vector<Sample> samples = collect(3);
  EXPECT_EQ(samples.size(), 3U);
  for (const Sample& sample : samples) {
    EXPECT_EQ(key_of(sample), "none") << sample.slot;
    EXPECT_TRUE(sample.new_connection) << sample.slot;
  }
  engine_.reset();
}

TEST_F(Http2Faults, WhoComesLateWaitsForTheAddressThatHisNeighboursWaitFor) {
  RefusingPort refusing;
  FullListenQueue silent;
  options_.streams_per_connection = 2;
  options_.connect_timeout = milliseconds(500);
  engine_for({refusing.endpoint(), silent.endpoint()}, 2);
  engine_->start(0, 0);
  EXPECT_TRUE(collect(1, milliseconds(100)).empty());
  engine_->start(1, 0);
  const std::vector<Sample> samples = collect(2);
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].slot, 0U);
  for (const Sample& sample : samples) EXPECT_EQ(key_of(sample), "connect_timeout") << sample.slot;
  EXPECT_GE(samples[1].service_time(), milliseconds(500)) << "his own time";
  engine_.reset();
}

class Http2TlsFaults : public EngineTest<Http2TlsEngine> {};

TEST_F(Http2TlsFaults, AHandshakeWithoutEndIsGivenUpAndTheOthersGoOnWithAnother) {
  const Certificate certificate;
  ssl::context context(ssl::context::tls_server);
  context.use_certificate_chain_file(certificate.certificate.path());
  context.use_private_key_file(certificate.key.path(), ssl::context::pem);
  chooses("\x02h2")(context);
  CrowdServer server(
      [&](tcp::socket& socket, int connection) {
        if (connection == 0) return (void)read_request(socket);  // and never a word
        TlsStream stream(std::move(socket), context);
        boost::system::error_code error;
        stream.handshake(ssl::stream_base::server, error);
        if (error) return;
        Http2Peer<TlsStream>(stream, [](auto& p, const Http2Asked& a) { p.answer(a.stream, kOk2, "OK"); }).serve();
      },
      2);
  options_.tls.verify = false;
  options_.streams_per_connection = 2;
  options_.connect_timeout = seconds(1);
  targets_ = {{.authority = "localhost:1", .addresses = {server.endpoint()}, .host = "localhost", .tls = true}};
  options_.targets = targets_;
  options_.requests = requests_;
  options_.slots = 2;
  engine_.emplace(options_);
  engine_->start(0, 0);
  look_for(milliseconds(600));
  EXPECT_TRUE(engine_->completed().empty());
  engine_->start(1, 0);
  EXPECT_EQ(info(next().error).key, "connect_timeout");
  const Sample other = next();
  EXPECT_EQ(info(other.error).key, "none");
  EXPECT_EQ(other.slot, 1U);
  EXPECT_EQ(info(run_one(0).error).key, "none");
  engine_.reset();
}

TEST_F(Http2Faults, AFrameThatDidNotComeIsNotCounted) {
  ScriptedServer server(speaks([](Peer& p, const Http2Asked& a) {
                          if (a.stream == 1 && a.field(":method") == "GET") return say_ok(p, a);
                          p.send_raw(frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, a.stream, "any").substr(0, 9));
                          p.hang_up();
                        }),
                        3);
  engine_for({server.endpoint()});
  const auto expect_nothing = [&](const Sample& sample) {
    EXPECT_EQ(key_of(sample), "closed_before_response");
    EXPECT_EQ(sample.bytes_in, 0U);
    EXPECT_EQ(sample.first_byte, kUnset);
  };
  expect_nothing(run_one(0, 1));
  const Sample first = run_one();
  EXPECT_EQ(key_of(first), "none");
  const Sample again = run_one();  // on stream 3, and once more on stream 1 of another connection
  EXPECT_EQ(key_of(again), "none");
  EXPECT_TRUE(again.reopened);
  EXPECT_EQ(again.bytes_in, first.bytes_in);
  EXPECT_LE(again.started, again.connected);
  EXPECT_LE(again.connected, again.first_byte);
  engine_.reset();
}

TEST_F(Http2Faults, OfABodyThatBreaksOffIsCountedWhatCame) {
  std::uint64_t head = 0;
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
    p.inform(a.stream, {{":status", "200"}});
    p.flush();
    head = p.sent_on(a.stream);
    p.send_raw(frame(NGHTTP2_DATA, 0, a.stream, std::string(5'000, 'b')).substr(0, 9 + 1'000));
    p.hang_up();
  }));
  engine_for({server.endpoint()});
  const Sample sample = run_one();
  engine_.reset();
  server.wait_for_close();
  EXPECT_EQ(key_of(sample), "closed_mid_body");
  EXPECT_EQ(sample.bytes_in, head + 1'000);
}

TEST_F(Http2Faults, OneConnectionIsReopenedHoweverManyUsersShareIt) {
  ScriptedServer server(
      [](tcp::socket& socket, int connection) {
        Peer(socket, [connection](Peer& p, const Http2Asked& a) {
          say_ok(p, a);
          p.flush();
          if (connection == 0) p.hang_up();
        }).serve();
      },
      2);
  options_.streams_per_connection = 3;
  engine_for({server.endpoint()}, 3);
  for (std::uint32_t slot = 0; slot < 3; ++slot) engine_->connect(slot, 0);
  EXPECT_EQ(collect(3).size(), 3U);
  EXPECT_EQ(key_of(run_one()), "none");
  look_for(milliseconds(50));
  int reopened = 0, opened = 0;
  for (const Sample& sample : run_all(3)) {
    EXPECT_EQ(key_of(sample), "none");
    reopened += sample.reopened ? 1 : 0;
    opened += sample.new_connection ? 1 : 0;
  }
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(reopened, 1);
  engine_.reset();
}

/// A session with one request under way; a server's bytes go straight in.
struct OneRequest {
  explicit OneRequest(std::uint32_t most_header) : setup(most_header), session(setup, news) {
    session.submit(stream, prepared);
    while (!session.next_output().empty()) {
    }
    session.receive(frame(NGHTTP2_SETTINGS, 0, 0, ""));
  }
  http::PreparedRequest request = http::prepare(
      {.method = "GET", .authority = "test", .path_and_query = "/", .headers = {}, .body = {}, .user_agent = {}});
  Http2Request prepared{request, "http"};
  Http2Stream stream;
  Http2News news;
  Http2Setup setup;
  Http2Session session;
};

/// A header field of 4,000 bytes, which HPACK remembers (RFC 7541, 6.2.1), and the same again: one byte each.
const std::string kLongField = std::string("\x40\1x\x7f\xa1\x1e") + std::string(4'000, 'v');
std::string long_fields(std::size_t count) {
  return std::string(count, '\xbe');
}

TEST(Http2Session, WhatIsSaidOfAResponseToComeIsNotKept) {
  OneRequest one(64U << 10);
  const std::string early = std::string("\x08\3") + "103";
  std::string bytes = frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, early + kLongField);
  for (int i = 0; i < 2'000; ++i) bytes += frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, early + long_fields(15));
  EXPECT_TRUE(one.session.receive(bytes));
  EXPECT_EQ(one.news.items.size(), 2'001U);
  EXPECT_LT(one.news.text.size(), bytes.size()) << "65 KB become 120 MB";
}

TEST(Http2Session, MemoryOfALargeHeadIsGivenBack) {
  OneRequest one(8U << 20);
  one.session.receive(
      frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, std::string(1, '\x88') + kLongField + long_fields(1'000)));
  EXPECT_GT(one.news.text.size(), 4'000'000U);
  one.news.clear();
  EXPECT_LT(one.news.text.capacity(), 4'000'000U);
}

}  // namespace
}  // namespace loadgen::engine
