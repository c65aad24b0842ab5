// Connections: opened ahead, kept, opened again, and when one is not used again.

#include <string>
#include <thread>

#include "engine/engine_test.hpp"

namespace loadgen::engine {
namespace {

template <class E>
class Connections : public EngineTest<E> {};
TYPED_TEST_SUITE(Connections, Engines);

TYPED_TEST(Connections, KeptConnectionIsUsedAgainAndStampsAreInOrder) {
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

TYPED_TEST(Connections, AConnectionOpenedAheadIsTheNextRequestsOwn) {
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

TYPED_TEST(Connections, AConnectAheadThatFailsSaysWhyAndTriesEveryAddress) {
  ScriptedServer server(always(kOk));
  const RefusingPort refusing;
  const Endpoint refused = refusing.endpoint();
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

TYPED_TEST(Connections, AConnectAheadTimesOutAndCanBeGivenUp) {
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

TYPED_TEST(Connections, AConnectionOpenedAheadThatTheServerClosedIsOpenedAgain) {
  for (const bool noticed : {false, true}) {
    ScriptedServer server(
        [](tcp::socket& socket, int connection) {
          if (connection == 1 && read_request(socket)) answer(socket, kOk);
        },
        2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->connect_one().error, ErrorKind::none);
    server.wait_for_close();
    if (noticed) this->look_for(milliseconds(20));
    const Sample sample = this->run_one();
    EXPECT_EQ(sample.error, ErrorKind::none);
    EXPECT_TRUE(sample.reopened);
    EXPECT_TRUE(sample.new_connection);
    this->engine_->release(0);
  }
}

TYPED_TEST(Connections, AClosedConnectionThatWasNoticedIsOpenedAgainForAnyRequest) {
  for (const std::uint16_t request : {0, 1}) {
    ScriptedServer server(
        [](tcp::socket& socket, int) {
          if (read_request(socket)) answer(socket, kOk);
        },
        2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    server.wait_for_close();
    this->look_for(milliseconds(20));
    const Sample again = this->run_one(0, request);
    EXPECT_EQ(again.error, ErrorKind::none);
    EXPECT_TRUE(again.reopened);
    EXPECT_TRUE(again.new_connection);
  }
}

TYPED_TEST(Connections, ARequestThatCrossedTheServersCloseIsSentAgainIfItIsIdempotent) {
  for (const std::uint16_t request : {0, 1}) {
    ScriptedServer server(
        [](tcp::socket& socket, int) {
          if (read_request(socket)) answer(socket, kOk);
          std::this_thread::sleep_for(milliseconds(20));
        },
        2);
    this->engine_for({server.endpoint()});
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    server.wait_for_close();  // and the engine does not look
    const Sample again = this->run_one(0, request);
    // An engine that looks at the connection before it sends has noticed in time, and then the method does not matter.
    if (request == 0 || this->engine_->facts().looks_before_sending) {
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

TYPED_TEST(Connections, AResetIsAnAnswerUnlessTheConnectionWasIdleForLong) {
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

TYPED_TEST(Connections, RefusedAddressesAreTriedInTurn) {
  const RefusingPort refusing;
  const Endpoint refused = refusing.endpoint();
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

TYPED_TEST(Connections, ConnectTimesOutOnAFullListenQueueAndTheNextAddressIsTried) {
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

TYPED_TEST(Connections, AConnectionThatSpeaksAnotherProtocolIsNotUsedAgain) {
  ScriptedServer server(always("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), 2);
  this->engine_for({server.endpoint()});
  EXPECT_EQ(info(this->run_one().error).key, "status");
  EXPECT_TRUE(this->run_one().new_connection);
  this->engine_->release(0);
}

TYPED_TEST(Connections, BytesBehindTheResponseEndTheConnection) {
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
