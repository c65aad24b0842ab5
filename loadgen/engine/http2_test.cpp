// HTTP/2: what its transport adds to what the other tests say of every engine.

#include "engine/http2_test.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace loadgen::engine {
namespace {

using Http2 = Http2Test;

TEST_F(Http2, ARequestIsAnsweredAndTheConnectionKept) {
  std::vector<Http2Asked> asked;
  std::map<std::int32_t, std::uint64_t> answered;
  int connections = 0;
  ScriptedServer server([&](tcp::socket& socket, int) {
    ++connections;
    Peer peer(socket, [&](Peer& p, const Http2Asked& a) {
      asked.push_back(a);
      say_ok(p, a);
      p.flush();
      answered[a.stream] = p.sent_on(a.stream);
    });
    peer.serve();
  });
  requests_[0] = http::prepare({.method = "GET",
                                .authority = "test:1",
                                .path_and_query = "/p?q",
                                .headers = {{"X-Mixed", "Yes"}, {"Upgrade", "x"}, {"Empty", ""}},
                                .body = {},
                                .user_agent = "ua"});
  requests_[0].checks.body_equals = "OK";
  engine_for({server.endpoint()});
  const Sample first = run_one();
  EXPECT_EQ(key_of(first), "none");
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(first.new_connection);
  EXPECT_LE(first.started, first.connected);
  EXPECT_LE(first.connected, first.first_byte);
  const Sample second = run_one();
  EXPECT_EQ(key_of(second), "none");
  EXPECT_FALSE(second.new_connection);
  engine_.reset();
  server.wait_for_close();
  EXPECT_EQ(connections, 1);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].fields, (Fields{{":method", "GET"},
                                     {":scheme", "http"},
                                     {":authority", "test:1"},
                                     {":path", "/p?q"},
                                     {"user-agent", "ua"},
                                     {"x-mixed", "Yes"},
                                     {"empty", ""}}));
  EXPECT_EQ(first.bytes_out, asked[0].wire_bytes);
  EXPECT_EQ(second.bytes_out, asked[1].wire_bytes);
  EXPECT_LT(second.bytes_out, first.bytes_out) << "HPACK remembers";
  EXPECT_EQ(first.bytes_in, answered[asked[0].stream]);
  EXPECT_EQ(second.bytes_in, answered[asked[1].stream]);
}

TEST_F(Http2, ABodyLargerThanTheWindowIsSentAsTheServerTakesIt) {
  const std::string body(300'000, 'b');  // the window that a server begins with has 65,535
  std::string got;
  std::uint64_t wire = 0;
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
    got = a.body;
    wire = a.wire_bytes;
    say_ok(p, a);
  }));
  requests_[1] = request("POST", body);
  engine_for({server.endpoint()});
  const Sample sample = run_one(0, 1);
  engine_.reset();
  server.wait_for_close();
  EXPECT_EQ(key_of(sample), "none");
  EXPECT_TRUE(got == body);
  EXPECT_EQ(sample.bytes_out, wire);
  EXPECT_GT(wire, body.size());
}

TEST_F(Http2, ALargeResponseArrivesWhole) {
  const std::string body(3'000'000, 'r');
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) { p.answer(a.stream, {{":status", "200"}}, body); }));
  requests_[0].checks.body_equals = body;
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one()), "none");
  EXPECT_EQ(key_of(run_one()), "none") << "no Content-Length, and the connection stays";
  engine_.reset();
}

TEST_F(Http2, UsersShareConnectionsAndAnswersComeInAnyOrder) {
  std::vector<Http2Asked> held;
  int connections = 0;
  ScriptedServer server(
      [&](tcp::socket& socket, int) {
        ++connections;
        held.clear();
        Peer(socket, [&](Peer& p, const Http2Asked& a) {
          held.push_back(a);
          if (held.size() < 3) return;
          for (std::size_t i = held.size(); i-- > 0;) {
            p.answer(held[i].stream, {{":status", std::to_string(200 + i)}}, std::string(i + 1, 'x'));
            p.flush();
          }
          held.clear();
        }).serve();
      },
      2);
  options_.streams_per_connection = 3;
  engine_for({server.endpoint()}, 6);
  // The server serves one connection after the other: the first three users', then the others'.
  std::vector<std::uint16_t> statuses;
  int opened = 0;
  for (const Sample& sample : run_all(3)) {
    EXPECT_EQ(key_of(sample), "none");
    statuses.push_back(sample.status);
    opened += sample.new_connection ? 1 : 0;
  }
  EXPECT_EQ(statuses, (std::vector<std::uint16_t>{202, 201, 200}));
  EXPECT_EQ(connections, 1);
  EXPECT_EQ(opened, 1) << "the others joined";
  for (std::uint32_t slot = 0; slot < 3; ++slot) engine_->release(slot);
  server.wait_for_close();
  for (const Sample& sample : run_all(3, 0, 3)) EXPECT_EQ(key_of(sample), "none");
  EXPECT_EQ(connections, 2);
  engine_.reset();
}

TEST_F(Http2, WhatIsAboveTheServersLimitWaits) {
  std::size_t most = 0;
  ScriptedServer server(speaks(
      [&](Peer& p, const Http2Asked& a) {
        most = std::max(most, p.open());
        say_ok(p, a);
      },
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 2}}));
  options_.streams_per_connection = 8;
  engine_for({server.endpoint()}, 8);
  EXPECT_EQ(key_of(run_one()), "none");  // from now on the limit is known
  for (const Sample& sample : run_all(8)) EXPECT_EQ(key_of(sample), "none") << sample.slot;
  engine_.reset();
  server.wait_for_close();
  EXPECT_EQ(most, 2U);
}

TEST_F(Http2, InformationAndTrailersArePassedOver) {
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
    p.inform(a.stream, {{":status", "103"}, {"link", "</x>"}});
    p.answer(a.stream, {{":status", "200"}}, "body", {{"x-sum", "1"}});
  }));
  requests_[0].checks.body_equals = "body";
  engine_for({server.endpoint()});
  for (int i = 0; i < 2; ++i) {
    const Sample sample = run_one();
    EXPECT_EQ(key_of(sample), "none");
    EXPECT_EQ(sample.status, 200);
  }
  engine_.reset();
}

TEST_F(Http2, AResetStreamFailsAloneAndTheConnectionStays) {
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
    if (a.field("x-bad").empty()) return say_ok(p, a);
    p.reset(a.stream, NGHTTP2_INTERNAL_ERROR);
  }));
  requests_[1] = http::prepare({.method = "GET",
                                .authority = "test",
                                .path_and_query = "/",
                                .headers = {{"X-Bad", "1"}},
                                .body = {},
                                .user_agent = {}});
  options_.streams_per_connection = 2;
  engine_for({server.endpoint()}, 2);
  EXPECT_EQ(key_of(run_one(0, 0)), "none");
  EXPECT_EQ(key_of(run_one(1, 1)), "stream_reset");
  const Sample again = run_one(0, 0);
  EXPECT_EQ(key_of(again), "none");
  EXPECT_FALSE(again.new_connection);
  engine_.reset();
}

TEST_F(Http2, ARefusedRequestIsSentOnceMore) {
  int refusals = 0, left = 1;
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
    if (left-- <= 0) return say_ok(p, a);
    ++refusals;
    p.reset(a.stream, NGHTTP2_REFUSED_STREAM);
  }));
  engine_for({server.endpoint()});
  const Sample once = run_one(0, 1);  // a POST: it was not begun with
  EXPECT_EQ(key_of(once), "none");
  EXPECT_TRUE(once.resent);
  EXPECT_LE(once.started, once.connected);
  left = 2;
  const Sample twice = run_one(0, 1);
  EXPECT_EQ(key_of(twice), "stream_refused");
  EXPECT_TRUE(twice.resent);
  engine_.reset();
  server.wait_for_close();
  EXPECT_EQ(refusals, 3);
}

TEST_F(Http2, AfterGoAwayWhatWasNotBegunGoesToAnotherConnection) {
  std::vector<int> served(2);
  ScriptedServer server(
      [&](tcp::socket& socket, int connection) {
        std::vector<std::int32_t> held;
        Peer(socket, [&](Peer& p, const Http2Asked& a) {
          ++served[static_cast<std::size_t>(connection)];
          if (connection == 1) return say_ok(p, a);
          held.push_back(a.stream);
          if (held.size() < 3) return;
          p.go_away(held[0]);
          p.answer(held[0], kOk2, "OK");
          p.hang_up();
          p.flush();
        }).serve();
      },
      2);
  options_.streams_per_connection = 3;
  engine_for({server.endpoint()}, 3);
  int resent = 0;
  for (const Sample& sample : run_all(3, 1)) {
    EXPECT_EQ(key_of(sample), "none") << sample.slot;
    resent += sample.resent ? 1 : 0;
  }
  EXPECT_EQ(resent, 2);
  for (const Sample& sample : run_all(3, 1)) EXPECT_EQ(key_of(sample), "none") << sample.slot;
  engine_.reset();
  server.wait_for_close();
  server.wait_for_close();
  EXPECT_EQ(served, (std::vector<int>{3, 5}));
}

TEST_F(Http2, AnIdleConnectionToldToGoIsOpenedAgain) {
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
                          say_ok(p, a);
                          p.go_away(a.stream);
                        }),
                        2);
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one(0, 1)), "none");
  look_for(milliseconds(20));
  const Sample again = run_one(0, 1);
  EXPECT_EQ(key_of(again), "none");
  EXPECT_TRUE(again.reopened);
  EXPECT_TRUE(again.new_connection);
  engine_.reset();
}

TEST_F(Http2, AConnectionThatEndsInTheMiddleOfAResponse) {
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
    p.inform(a.stream, {{":status", "200"}});  // a response's head, and no end
    p.flush();
    p.hang_up();
  }));
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one()), "closed_mid_body");
  engine_.reset();
}

TEST_F(Http2, AConnectionThatEndsBeforeAnyResponse) {
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked&) { p.hang_up(); }));
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one()), "closed_before_response");
  engine_.reset();
}

TEST_F(Http2, AKeptConnectionThatTheServerClosesUnderARequestIsOpenedAgain) {
  int left = 1;
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) { left-- == 0 ? p.hang_up() : say_ok(p, a); }), 2);
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one()), "none");
  left = 0;
  const Sample again = run_one();
  EXPECT_EQ(key_of(again), "none");
  EXPECT_TRUE(again.reopened);
  engine_.reset();
}

TEST_F(Http2, AServerOfHttp1IsNamed) {
  ScriptedServer server([](tcp::socket& socket, int) {
    loadgen::engine::read_request(socket);
    loadgen::engine::answer(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    loadgen::engine::read_request(socket);
  });
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one()), "no_http2");
  engine_.reset();
}

TEST_F(Http2, AServerThatJustClosesAtThePrefaceIsNamedToo) {
  ScriptedServer server([](tcp::socket& socket, int) { loadgen::engine::read_request(socket); });
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one()), "no_http2");
  engine_.reset();
}

TEST_F(Http2, FramesThatBreakTheRulesAreAMalformedResponse) {
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked&) {
    p.send_raw(std::string("\0\0\1\0\0\0\0\0\0x", 10));  // DATA on stream 0
  }));
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one()), "malformed_response");
  engine_.reset();
}

TEST_F(Http2, AHeaderOrABodyThatIsTooLargeIsGivenUp) {
  ScriptedServer server(
      speaks([&](Peer& p, const Http2Asked& a) {
        const bool body = a.field(":method") == "POST";
        p.answer(a.stream, {{":status", "200"}, {"x", std::string(body ? 1 : 5'000, 'h')}}, std::string(5'000, 'b'));
      }),
      2);
  options_.limits = {.header = 4'000, .body = 4'000};
  engine_for({server.endpoint()});
  EXPECT_EQ(key_of(run_one(0, 0)), "response_too_large");
  EXPECT_EQ(key_of(run_one(0, 1)), "response_too_large");
  engine_.reset();
}

TEST_F(Http2, ATimeOutResetsTheStreamOnly) {
  ScriptedServer server(speaks([&](Peer& p, const Http2Asked& a) {
    if (a.field(":method") == "GET") say_ok(p, a);
  }));
  options_.streams_per_connection = 2;
  options_.response_timeout = milliseconds(60);
  engine_for({server.endpoint()}, 2);
  EXPECT_EQ(key_of(run_one(0, 0)), "none");
  const Sample late = run_one(1, 1);
  EXPECT_EQ(key_of(late), "response_timeout");
  EXPECT_GT(late.bytes_out, 9U);
  const Sample after = run_one(0, 0);
  EXPECT_EQ(key_of(after), "none");
  EXPECT_FALSE(after.new_connection);
  engine_.reset();
}

TEST_F(Http2, AConnectionCanBeOpenedAheadAndJoined) {
  ScriptedServer server(speaks(say_ok));
  options_.streams_per_connection = 2;
  engine_for({server.endpoint()}, 2);
  const Sample ahead = connect_one();
  EXPECT_EQ(key_of(ahead), "none");
  EXPECT_TRUE(ahead.new_connection);
  EXPECT_FALSE(run_one(0).new_connection);
  EXPECT_FALSE(run_one(1).new_connection);
  engine_.reset();
}

TEST_F(Http2, NobodyListens) {
  RefusingPort port;
  ScriptedServer server(speaks(say_ok));
  options_.streams_per_connection = 3;
  engine_for({port.endpoint()}, 3);
  for (const Sample& sample : run_all(3)) EXPECT_EQ(key_of(sample), "connect_refused") << sample.slot;
  engine_for({port.endpoint(), server.endpoint()}, 3);
  for (const Sample& sample : run_all(3)) EXPECT_EQ(key_of(sample), "none") << sample.slot << ": the second address";
  engine_.reset();
}

TEST_F(Http2, AnAddressThatDoesNotAnswerIsFollowedByTheNextForEverybody) {
  FullListenQueue silent;
  ScriptedServer server(speaks(say_ok));
  options_.streams_per_connection = 3;
  options_.connect_timeout = milliseconds(50);
  engine_for({silent.endpoint(), server.endpoint()}, 3);
  for (const Sample& sample : run_all(3)) EXPECT_EQ(key_of(sample), "none") << sample.slot;
  engine_.reset();
}

TEST_F(Http2, AbortGivesUpWhatIsInFlight) {
  ScriptedServer server(speaks([](Peer&, const Http2Asked&) {}));
  options_.streams_per_connection = 2;
  engine_for({server.endpoint()}, 4);
  for (std::uint32_t slot = 0; slot < 4; ++slot) engine_->start(slot, 0);
  look_for(milliseconds(20));
  engine_->abort_all();
  const auto samples = engine_->completed();
  EXPECT_EQ(samples.size(), 4U);
  for (const Sample& sample : samples) EXPECT_EQ(key_of(sample), "unfinished");
  engine_.reset();
}

}  // namespace
}  // namespace loadgen::engine
