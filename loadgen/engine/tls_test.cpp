// HTTP over TLS: what the transport adds to what the other tests say of every engine.

#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "engine/engine_test.hpp"
#include "engine/http2_server.hpp"
#include "engine/tls_server_test.hpp"

namespace loadgen::engine {
namespace {

template <class E>
class Tls : public EngineTest<E> {
 protected:
  E& engine_to(const Endpoint& endpoint, std::uint32_t slots = 1) {
    this->targets_ = {{.authority = "localhost:1", .addresses = {endpoint}, .host = "localhost", .tls = true}};
    this->options_.targets = this->targets_;
    this->options_.requests = this->requests_;
    this->options_.slots = slots;
    this->engine_.emplace(this->options_);
    return *this->engine_;
  }
  void trust(const Certificate& certificate) { this->options_.tls.ca_file = certificate.certificate.path(); }
};
/// To have another engine's TLS tested: its name here.
using TlsEngines = testing::Types<NativeTlsEngine, CurlEngine>;
TYPED_TEST_SUITE(Tls, TlsEngines);

TYPED_TEST(Tls, TheHandshakeIsAPhaseOfItsOwnAndTheConnectionIsKept) {
  const Certificate certificate;
  TlsServer server(certificate, always_over_tls(kOk));
  this->trust(certificate);
  this->engine_to(server.endpoint());
  const Sample first = this->run_one();
  EXPECT_EQ(info(first.error).key, "none");
  EXPECT_EQ(first.status, 200);
  EXPECT_LE(first.started, first.connected);
  EXPECT_LT(first.connected, first.secured);
  EXPECT_LE(first.secured, first.first_byte);
  EXPECT_EQ(first.bytes_in, std::string_view(kOk).size()) << "of HTTP, not of TLS";
  const Sample second = this->run_one();
  EXPECT_EQ(second.error, ErrorKind::none);
  EXPECT_EQ(second.secured, kUnset);
  EXPECT_FALSE(second.new_connection);
  this->engine_->release(0);
}

TYPED_TEST(Tls, AConnectionOpenedAheadIsSecuredOnce) {
  const Certificate certificate;
  TlsServer server(certificate, always_over_tls(kOk));
  this->trust(certificate);
  this->engine_to(server.endpoint());
  const Sample ahead = this->connect_one();
  EXPECT_EQ(ahead.error, ErrorKind::none);
  const Sample first = this->run_one();
  EXPECT_EQ(first.error, ErrorKind::none);
  EXPECT_FALSE(first.new_connection);
  EXPECT_EQ(first.connected, kUnset);
  const bool at_once = std::is_same_v<TypeParam, NativeTlsEngine>;  // libcurl does it for a request only
  EXPECT_EQ(ahead.secured != kUnset, at_once);
  EXPECT_EQ(first.secured != kUnset, !at_once);
  EXPECT_TRUE(at_once || first.started < first.secured);
  EXPECT_EQ(this->run_one().secured, kUnset);
  this->engine_->release(0);
}

TYPED_TEST(Tls, PlainTargetsPassThrough) {
  ScriptedServer server(always(kOk));
  this->engine_for({server.endpoint()});
  const Sample sample = this->run_one();
  EXPECT_EQ(sample.error, ErrorKind::none);
  EXPECT_EQ(sample.secured, kUnset);
  this->engine_->release(0);
}

TYPED_TEST(Tls, EachFaultOfACertificateIsAKindOfItsOwn) {
  const auto days = [](int n) { return std::chrono::hours(24 * n); };
  const Certificate good, stranger;
  const Certificate expired({.names = {"DNS:localhost"}, .valid_from = -days(2), .valid_to = -days(1)});
  const Certificate early({.names = {"DNS:localhost"}, .valid_from = days(1), .valid_to = days(2)});
  const Certificate other({.names = {"DNS:elsewhere.test"}});
  struct Case {
    const char* name;
    const Certificate& shown;
    const Certificate& trusted;
    std::string_view expected;
  };
  for (const Case& c :
       {Case{"good", good, good, "none"}, Case{"self-signed", good, stranger, "certificate_self_signed"},
        Case{"expired", expired, expired, "certificate_expired"},
        Case{"not yet valid", early, early, "certificate_expired"}, Case{"name", other, other, "certificate_name"}}) {
    for (const bool verify : {true, false}) {
      TlsServer server(c.shown, always_over_tls(kOk));
      this->trust(c.trusted);
      this->options_.tls.verify = verify;
      this->engine_to(server.endpoint());
      EXPECT_EQ(info(this->run_one().error).key, verify ? c.expected : "none") << c.name;
      this->engine_.reset();
    }
  }
}

TYPED_TEST(Tls, TheNameThatIsAskedForCanBeAnother) {
  const Certificate certificate({.names = {"DNS:elsewhere.test"}});
  TlsServer server(certificate, always_over_tls(kOk));
  this->trust(certificate);
  this->options_.tls.server_name = "elsewhere.test";
  this->engine_to(server.endpoint());
  EXPECT_EQ(info(this->run_one().error).key, "none");
  this->engine_.reset();
}

TYPED_TEST(Tls, AnAddressIsVerifiedAsOne) {
  const Certificate certificate({.names = {"IP:127.0.0.1"}});
  for (const char* host : {"127.0.0.1", "127.0.0.2"}) {
    TlsServer server(certificate, always_over_tls(kOk));
    this->trust(certificate);
    this->options_.tls.server_name = host;
    this->engine_to(server.endpoint());
    EXPECT_EQ(info(this->run_one().error).key, host == std::string("127.0.0.1") ? "none" : "certificate_name");
    this->engine_.reset();
  }
}

TYPED_TEST(Tls, AUsersNextConnectionResumesHisSessionAndNobodyElses) {
  const Certificate certificate;
  this->requests_[0] = http::prepare({.method = "GET",
                                      .authority = "test",
                                      .path_and_query = "/",
                                      .headers = {},
                                      .body = {},
                                      .user_agent = {},
                                      .keep_alive = false});
  this->trust(certificate);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool reuse : {true, false}) {
      TlsServer server(certificate, always_over_tls(kOk), 4,
                       [&](ssl::context& context) { SSL_CTX_set_max_proto_version(context.native_handle(), version); });
      this->options_.tls.session_reuse = reuse;
      this->engine_to(server.endpoint(), 2);
      EXPECT_FALSE(this->run_one().resumed);
      const Sample again = this->run_one();
      EXPECT_EQ(info(again.error).key, "none");
      EXPECT_TRUE(again.new_connection);
      EXPECT_EQ(again.resumed, reuse) << version;
      EXPECT_FALSE(this->run_one(1).resumed) << "another user";
      this->engine_->release(0);
      EXPECT_FALSE(this->run_one().resumed) << "another visitor";
      this->engine_.reset();
    }
  }
}

TYPED_TEST(Tls, LargeBodiesArriveAndLeaveWhole) {
  const Certificate certificate;
  const std::string body(3'000'000, 'b');
  TlsServer server(certificate, [&](TlsStream& stream, int) {
    read_request(stream);
    answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    std::this_thread::sleep_for(milliseconds(50));  // let the client's send buffer fill up
    std::string all;
    boost::system::error_code error;
    asio::read_until(stream, asio::dynamic_buffer(all), "THE-END", error);
    answer(stream, kOk);
    read_request(stream);
  });
  this->requests_[0].checks.body_equals = body;
  this->requests_[1] = this->request("POST", std::string(8'000'000, 'p') + "THE-END");
  this->trust(certificate);
  this->engine_to(server.endpoint());
  EXPECT_EQ(info(this->run_one().error).key, "none");
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "none");
  EXPECT_EQ(sample.bytes_out, this->requests_[1].bytes.size());
  this->engine_->release(0);
}

TYPED_TEST(Tls, ABodyThatEndsWithTheConnectionEndsByCloseNotifyOrIsCutOff) {
  const Certificate certificate;
  this->trust(certificate);
  for (const bool notifies : {true, false}) {
    TlsServer server(certificate, [&](TlsStream& stream, int) {
      read_request(stream);
      answer(stream, "HTTP/1.1 200 OK\r\n\r\nbody");
      boost::system::error_code ignored;
      if (notifies) stream.shutdown(ignored);
    });
    this->engine_to(server.endpoint());
    EXPECT_EQ(info(this->run_one().error).key, notifies ? "none" : "closed_mid_body");
    this->engine_.reset();
  }
}

TYPED_TEST(Tls, AKeptConnectionThatTheServerClosedIsOpenedAgain) {
  const Certificate certificate;
  this->trust(certificate);
  for (const bool notifies : {true, false}) {
    TlsServer server(
        certificate,
        [&](TlsStream& stream, int) {
          if (read_request(stream)) answer(stream, kOk);
          boost::system::error_code ignored;
          if (notifies) SSL_shutdown(stream.native_handle()), stream.lowest_layer().close(ignored);
        },
        2);
    this->engine_to(server.endpoint());
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    server.wait_for_close();
    const Sample again = this->run_one();
    EXPECT_EQ(info(again.error).key, "none");
    EXPECT_TRUE(again.reopened);
    this->engine_->release(0);
    this->engine_.reset();
  }
}

TYPED_TEST(Tls, WhoDoesNotSpeakTlsIsNamed) {
  for (const std::string& text : {std::string("HTTP/1.1 400 Bad\r\n\r\n"), std::string(), std::string(5'000, '\x16')}) {
    ScriptedServer server([&](tcp::socket& socket, int) {
      std::string hello(1, 0);
      boost::system::error_code error;
      asio::read(socket, asio::buffer(hello), error);
      loadgen::engine::answer(socket, text);
    });
    this->engine_to(server.endpoint());
    const Sample sample = this->run_one();
    EXPECT_EQ(info(sample.error).key, "tls");
    EXPECT_NE(sample.connected, kUnset);
    EXPECT_EQ(sample.secured, kUnset);
    this->engine_.reset();
  }
}

TYPED_TEST(Tls, AHandshakeThatDoesNotEndTimesOutAsAConnect) {
  ScriptedServer server([](tcp::socket& socket, int) { loadgen::engine::read_request(socket); });
  this->options_.connect_timeout = milliseconds(80);
  this->engine_to(server.endpoint());
  const Sample sample = this->run_one();
  EXPECT_EQ(info(sample.error).key, "connect_timeout");
  EXPECT_GE(sample.service_time(), milliseconds(80));
  this->engine_.reset();
}

TYPED_TEST(Tls, AServerThatWantsACertificateGetsIt) {
  const Certificate certificate, mine;
  this->trust(certificate);
  for (const bool shown : {false, true}) {
    TlsServer server(certificate, always_over_tls(kOk), 1, [&](ssl::context& context) {
      context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
      context.load_verify_file(mine.certificate.path());
    });
    this->options_.tls.client_cert = shown ? mine.certificate.path() : "";
    this->options_.tls.client_key = shown ? mine.key.path() : "";
    this->engine_to(server.endpoint());
    const std::string_view key = info(this->run_one().error).key;
    EXPECT_TRUE(shown ? key == "none" : key == "tls" || key == "reset") << key;
    this->engine_.reset();
  }
}

TYPED_TEST(Tls, AServerOfHttp2OnlyIsNoServerWithoutIt) {
  const Certificate certificate;
  TlsServer server(certificate, always_over_tls(kOk), 1, chooses("\x02h2"));
  this->trust(certificate);
  this->engine_to(server.endpoint());
  EXPECT_EQ(info(this->run_one().error).key, "tls");
  this->engine_.reset();
}

/// HTTP/2 over TLS.
class Http2OverTls : public EngineTest<Http2TlsEngine> {
 protected:
  void engine_to(const Endpoint& endpoint, const Certificate& certificate, std::uint32_t slots = 1) {
    targets_ = {{.authority = "localhost:1", .addresses = {endpoint}, .host = "localhost", .tls = true}};
    options_.tls.ca_file = certificate.certificate.path();
    options_.targets = targets_;
    options_.requests = requests_;
    options_.slots = slots;
    engine_.emplace(options_);
  }
};

TEST_F(Http2OverTls, IsChosenByAlpnAndUsersShareTheHandshake) {
  const Certificate certificate;
  std::string scheme;
  TlsServer server(
      certificate,
      [&](TlsStream& stream, int) {
        Http2Peer<TlsStream>(stream, [&](Http2Peer<TlsStream>& peer, const Http2Asked& asked) {
          scheme = asked.field(":scheme");
          peer.answer(asked.stream, {{":status", "200"}}, "OK");
        }).serve();
      },
      1, chooses("\x02h2"));
  options_.streams_per_connection = 2;
  requests_[0].checks.body_equals = "OK";
  engine_to(server.endpoint(), certificate, 2);
  const Sample first = run_one(0);
  EXPECT_EQ(info(first.error).key, "none");
  EXPECT_LT(first.connected, first.secured);
  EXPECT_LE(first.secured, first.first_byte);
  const Sample second = run_one(1);
  EXPECT_EQ(info(second.error).key, "none");
  EXPECT_FALSE(second.new_connection);
  EXPECT_EQ(second.secured, kUnset);
  engine_.reset();
  server.wait_for_close();
  EXPECT_EQ(scheme, "https");
}

TEST_F(Http2OverTls, AServerThatDoesNotChooseItIsNamed) {
  const Certificate certificate;
  for (const bool chooses_another : {true, false}) {
    TlsServer server(certificate, always_over_tls(kOk), 1,
                     chooses_another ? chooses("\x08http/1.1") : TlsServer::Setting());
    engine_to(server.endpoint(), certificate);
    EXPECT_EQ(info(run_one().error).key, "no_http2");
    engine_.reset();
  }
}

TEST(TlsClient, WhatOpenSslRefusesIsNamed) {
  const auto error_of = [](const TlsOptions& options) {
    const Result<SslContext> context = make_ssl_context(options);
    return context ? std::string() : context.error();
  };
  EXPECT_EQ(error_of({}), "");
  EXPECT_EQ(error_of({.ciphers = "ECDHE+AESGCM:TLS_AES_128_GCM_SHA256"}), "");
  EXPECT_NE(error_of({.ca_file = "/no/such/file"}).find(R"(tls.ca_file: OpenSSL refuses "/no/such/file")"),
            std::string::npos);
  EXPECT_NE(error_of({.ciphers = "ROT13"}).find("tls.ciphers"), std::string::npos);
  EXPECT_NE(error_of({.ciphers = "TLS_ROT13"}).find("tls.ciphers"), std::string::npos);
  const Certificate one, two;
  EXPECT_NE(error_of({.client_cert = one.certificate.path(), .client_key = two.key.path()}).find("tls.client_key"),
            std::string::npos);
}

}  // namespace
}  // namespace loadgen::engine
