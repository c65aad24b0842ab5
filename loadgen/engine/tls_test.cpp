// HTTP over TLS: what the transport adds to what the other tests say of every engine.

#include <functional>
#include <string>
#include <thread>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <gtest/gtest.h>

#include "engine/engine_test.hpp"
#include "server/self_signed.hpp"

namespace loadgen::engine {
namespace {

namespace ssl = asio::ssl;
using Stream = ssl::stream<tcp::socket>;

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    std::FILE* const file = ::fdopen(::mkstemp(path_.data()), "w");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "loadgen-XXXXXX";
};

struct Certificate {
  explicit Certificate(const loadgen_server::Identity& identity = {})
      : Certificate(loadgen_server::make_self_signed(identity)) {}
  explicit Certificate(const loadgen_server::SelfSigned& made)
      : certificate(loadgen_server::pem_of(*made.certificate)), key(loadgen_server::pem_of(*made.key)) {}
  TemporaryFile certificate;
  TemporaryFile key;
};

/// As ScriptedServer, with TLS: the script begins after the handshake.
class TlsServer {
 public:
  using Script = std::function<void(Stream&, int connection)>;
  using Setting = std::function<void(ssl::context&)>;

  TlsServer(const Certificate& certificate, Script script, int connections = 1, const Setting& set = {})
      : context_(ssl::context::tls_server),
        server_(
            [this, script = std::move(script)](tcp::socket& socket, int connection) {
              Stream stream(std::move(socket), context_);
              boost::system::error_code error;
              stream.handshake(ssl::stream_base::server, error);
              if (error) return;
              script(stream, connection);
            },
            connections) {
    context_.use_certificate_chain_file(certificate.certificate.path());
    context_.use_private_key_file(certificate.key.path(), ssl::context::pem);
    if (set) set(context_);
  }
  Endpoint endpoint() const { return server_.endpoint(); }
  void wait_for_close() { server_.wait_for_close(); }

 private:
  ssl::context context_;
  ScriptedServer server_;
};

bool read_request(Stream& stream) {
  std::string text;
  boost::system::error_code error;
  asio::read_until(stream, asio::dynamic_buffer(text), "\r\n\r\n", error);
  return !error;
}

void answer(Stream& stream, const std::string& text) {
  boost::system::error_code ignored;
  asio::write(stream, asio::buffer(text), ignored);
}

TlsServer::Script always_over_tls(const std::string& text) {
  return [text](Stream& stream, int) {
    while (read_request(stream)) answer(stream, text);
  };
}

class Tls : public EngineTest<NativeTlsEngine> {
 protected:
  NativeTlsEngine& engine_to(const Endpoint& endpoint, std::uint32_t slots = 1) {
    targets_ = {{.authority = "localhost:1", .addresses = {endpoint}, .host = "localhost", .tls = true}};
    options_.targets = targets_;
    options_.requests = requests_;
    options_.slots = slots;
    engine_.emplace(options_);
    return *engine_;
  }
  void trust(const Certificate& certificate) { options_.tls.ca_file = certificate.certificate.path(); }
};

TEST_F(Tls, TheHandshakeIsAPhaseOfItsOwnAndTheConnectionIsKept) {
  const Certificate certificate;
  TlsServer server(certificate, always_over_tls(kOk));
  trust(certificate);
  engine_to(server.endpoint());
  const Sample first = run_one();
  EXPECT_EQ(info(first.error).key, "none");
  EXPECT_EQ(first.status, 200);
  EXPECT_LE(first.started, first.connected);
  EXPECT_LT(first.connected, first.secured);
  EXPECT_LE(first.secured, first.first_byte);
  EXPECT_EQ(first.bytes_in, std::string_view(kOk).size()) << "of HTTP, not of TLS";
  const Sample second = run_one();
  EXPECT_EQ(second.error, ErrorKind::none);
  EXPECT_EQ(second.secured, kUnset);
  EXPECT_FALSE(second.new_connection);
  engine_->release(0);
}

TEST_F(Tls, AConnectionCanBeSecuredAhead) {
  const Certificate certificate;
  TlsServer server(certificate, always_over_tls(kOk));
  trust(certificate);
  engine_to(server.endpoint());
  const Sample ahead = connect_one();
  EXPECT_EQ(ahead.error, ErrorKind::none);
  EXPECT_NE(ahead.secured, kUnset);
  EXPECT_FALSE(run_one().new_connection);
  engine_->release(0);
}

TEST_F(Tls, PlainTargetsPassThrough) {
  ScriptedServer server(always(kOk));
  engine_for({server.endpoint()});
  const Sample sample = run_one();
  EXPECT_EQ(sample.error, ErrorKind::none);
  EXPECT_EQ(sample.secured, kUnset);
  engine_->release(0);
}

TEST_F(Tls, EachFaultOfACertificateIsAKindOfItsOwn) {
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
      trust(c.trusted);
      options_.tls.verify = verify;
      engine_to(server.endpoint());
      EXPECT_EQ(info(run_one().error).key, verify ? c.expected : "none") << c.name;
      engine_.reset();
    }
  }
}

TEST_F(Tls, TheNameThatIsAskedForCanBeAnother) {
  const Certificate certificate({.names = {"DNS:elsewhere.test"}});
  TlsServer server(certificate, always_over_tls(kOk));
  trust(certificate);
  options_.tls.server_name = "elsewhere.test";
  engine_to(server.endpoint());
  EXPECT_EQ(info(run_one().error).key, "none");
  engine_.reset();
}

TEST_F(Tls, AnAddressIsVerifiedAsOne) {
  const Certificate certificate({.names = {"IP:127.0.0.1"}});
  for (const char* host : {"127.0.0.1", "127.0.0.2"}) {
    TlsServer server(certificate, always_over_tls(kOk));
    trust(certificate);
    options_.tls.server_name = host;
    engine_to(server.endpoint());
    EXPECT_EQ(info(run_one().error).key, host == std::string("127.0.0.1") ? "none" : "certificate_name");
    engine_.reset();
  }
}

TEST_F(Tls, AUsersNextConnectionResumesHisSessionAndNobodyElses) {
  const Certificate certificate;
  requests_[0] = http::prepare({.method = "GET",
                                .authority = "test",
                                .path_and_query = "/",
                                .headers = {},
                                .body = {},
                                .user_agent = {},
                                .keep_alive = false});
  trust(certificate);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool reuse : {true, false}) {
      TlsServer server(certificate, always_over_tls(kOk), 4,
                       [&](ssl::context& context) { SSL_CTX_set_max_proto_version(context.native_handle(), version); });
      options_.tls.session_reuse = reuse;
      engine_to(server.endpoint(), 2);
      EXPECT_FALSE(run_one().resumed);
      const Sample again = run_one();
      EXPECT_EQ(info(again.error).key, "none");
      EXPECT_TRUE(again.new_connection);
      EXPECT_EQ(again.resumed, reuse) << version;
      EXPECT_FALSE(run_one(1).resumed) << "another user";
      engine_->release(0);
      EXPECT_FALSE(run_one().resumed) << "another visitor";
      engine_.reset();
    }
  }
}

TEST_F(Tls, LargeBodiesArriveAndLeaveWhole) {
  const Certificate certificate;
  const std::string body(3'000'000, 'b');
  TlsServer server(certificate, [&](Stream& stream, int) {
    read_request(stream);
    answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    std::this_thread::sleep_for(milliseconds(50));  // let the client's send buffer fill up
    std::string all;
    boost::system::error_code error;
    asio::read_until(stream, asio::dynamic_buffer(all), "THE-END", error);
    answer(stream, kOk);
    read_request(stream);
  });
  requests_[0].checks.body_equals = body;
  requests_[1] = request("POST", std::string(8'000'000, 'p') + "THE-END");
  trust(certificate);
  engine_to(server.endpoint());
  EXPECT_EQ(info(run_one().error).key, "none");
  const Sample sample = run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "none");
  EXPECT_EQ(sample.bytes_out, requests_[1].bytes.size());
  engine_->release(0);
}

TEST_F(Tls, ABodyThatEndsWithTheConnectionEndsByCloseNotifyOrIsCutOff) {
  const Certificate certificate;
  trust(certificate);
  for (const bool notifies : {true, false}) {
    TlsServer server(certificate, [&](Stream& stream, int) {
      read_request(stream);
      answer(stream, "HTTP/1.1 200 OK\r\n\r\nbody");
      boost::system::error_code ignored;
      if (notifies) stream.shutdown(ignored);
    });
    engine_to(server.endpoint());
    EXPECT_EQ(info(run_one().error).key, notifies ? "none" : "closed_mid_body");
    engine_.reset();
  }
}

TEST_F(Tls, AKeptConnectionThatTheServerClosedIsOpenedAgain) {
  const Certificate certificate;
  trust(certificate);
  for (const bool notifies : {true, false}) {
    TlsServer server(
        certificate,
        [&](Stream& stream, int) {
          if (read_request(stream)) answer(stream, kOk);
          boost::system::error_code ignored;
          if (notifies) SSL_shutdown(stream.native_handle()), stream.lowest_layer().close(ignored);
        },
        2);
    engine_to(server.endpoint());
    EXPECT_EQ(run_one().error, ErrorKind::none);
    server.wait_for_close();
    const Sample again = run_one();
    EXPECT_EQ(info(again.error).key, "none");
    EXPECT_TRUE(again.reopened);
    engine_->release(0);
    engine_.reset();
  }
}

TEST_F(Tls, WhoDoesNotSpeakTlsIsNamed) {
  for (const std::string& text : {std::string("HTTP/1.1 400 Bad\r\n\r\n"), std::string(), std::string(5'000, '\x16')}) {
    ScriptedServer server([&](tcp::socket& socket, int) {
      std::string hello(1, 0);
      boost::system::error_code error;
      asio::read(socket, asio::buffer(hello), error);
      loadgen::engine::answer(socket, text);
    });
    engine_to(server.endpoint());
    const Sample sample = run_one();
    EXPECT_EQ(info(sample.error).key, "tls");
    EXPECT_NE(sample.connected, kUnset);
    EXPECT_EQ(sample.secured, kUnset);
    engine_.reset();
  }
}

TEST_F(Tls, AHandshakeThatDoesNotEndTimesOutAsAConnect) {
  ScriptedServer server([](tcp::socket& socket, int) { loadgen::engine::read_request(socket); });
  options_.connect_timeout = milliseconds(80);
  engine_to(server.endpoint());
  const Sample sample = run_one();
  EXPECT_EQ(info(sample.error).key, "connect_timeout");
  EXPECT_GE(sample.service_time(), milliseconds(80));
  engine_.reset();
}

TEST_F(Tls, AServerThatWantsACertificateGetsIt) {
  const Certificate certificate, mine;
  trust(certificate);
  for (const bool shown : {false, true}) {
    TlsServer server(certificate, always_over_tls(kOk), 1, [&](ssl::context& context) {
      context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
      context.load_verify_file(mine.certificate.path());
    });
    options_.tls.client_cert = shown ? mine.certificate.path() : "";
    options_.tls.client_key = shown ? mine.key.path() : "";
    engine_to(server.endpoint());
    const std::string_view key = info(run_one().error).key;
    EXPECT_TRUE(shown ? key == "none" : key == "tls" || key == "reset") << key;
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
