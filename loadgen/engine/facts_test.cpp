// What an engine knows of the kernel's part: segments sent again, receive lag, and of which connections.

#include <semaphore>
#include <string>
#include <thread>

#include "engine/engine_test.hpp"

namespace loadgen::engine {
namespace {

template <class E>
class Facts : public EngineTest<E> {};
TYPED_TEST_SUITE(Facts, Engines);

constexpr const char* kBlind = "this engine does not see when bytes arrived";

TYPED_TEST(Facts, ConnectionsAreAskedOnceWhetherOpenOrClosed) {
  ScriptedServer server(always(kOk));
  this->engine_for({server.endpoint()});
  EXPECT_EQ(this->engine_->facts().connections_asked, 0u);
  this->run_one();
  EXPECT_EQ(this->engine_->facts().connections_asked, 1u);
  EXPECT_EQ(this->engine_->facts().connections_asked, 1u);
  this->engine_->release(0);
  EXPECT_EQ(this->engine_->facts().connections_asked, 1u);

  const RefusingPort refusing;
  this->engine_for({refusing.endpoint()});
  this->run_one();
  EXPECT_EQ(this->engine_->facts().connections_asked, 0u) << "it never stood";
}

TYPED_TEST(Facts, OfASlotsOpeningsOneInSixteenIsAsked) {
  ScriptedServer server(always(kOk), 33);
  this->engine_for({server.endpoint()});
  for (int opening = 0; opening < 33; ++opening) {
    EXPECT_EQ(this->run_one().error, ErrorKind::none);
    this->engine_->release(0);
  }
  EXPECT_EQ(this->engine_->facts().connections_asked, 3u) << "the 1st, 17th and 33rd";
}

TYPED_TEST(Facts, WhatTheKernelSentAgainIsCounted) {
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

TYPED_TEST(Facts, WhatLayUnreadInTheKernelIsReceiveLag) {
  if (!this->engine_for({}).facts().measures_receive_lag) GTEST_SKIP() << kBlind;
  std::counting_semaphore<> answered(0);
  ScriptedServer server([&](tcp::socket& socket, int) {
    while (read_request(socket)) {
      std::this_thread::sleep_for(milliseconds(5));
      answer(socket, kOk);
      answered.release();
    }
  });
  this->engine_for({server.endpoint()});
  EXPECT_EQ(this->connect_one().receive_lag_ns, kNoReceiveLag);

  this->engine_->start(0, 0);
  this->engine_->wait(kUnset);  // sends
  answered.acquire();
  std::this_thread::sleep_for(milliseconds(20));  // and does not look
  const Sample late = this->next();
  EXPECT_EQ(late.error, ErrorKind::none);
  EXPECT_GE(late.receive_lag_ns, 20'000'000u);
  EXPECT_LE(late.receive_lag_ns, late.service_time().count());

  std::uint32_t least = kNoReceiveLag;  // the machine may be busy, but not five times
  for (int i = 0; i < 5; ++i) least = std::min(least, this->run_one().receive_lag_ns);
  EXPECT_LT(least, 5'000'000u);
  this->engine_->release(0);
}

TYPED_TEST(Facts, OneSlotInSixtyFourIsWatched) {
  if (!this->engine_for({}).facts().measures_receive_lag) GTEST_SKIP() << kBlind;
  ScriptedServer server(always(kOk), 4);
  this->engine_for({server.endpoint()}, 66);
  for (const std::uint32_t slot : {0, 1, 63, 64}) {
    EXPECT_EQ(this->run_one(slot).receive_lag_ns != kNoReceiveLag, slot % 64 == 0) << slot;
    this->engine_->release(slot);
  }
}

/// In pieces and ended by a close: what is read with stamps must be read as without.
TYPED_TEST(Facts, WatchedAndOtherConnectionsReadTheSame) {
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

}  // namespace
}  // namespace loadgen::engine
