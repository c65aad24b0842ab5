// Transfers driven by poll() and a clock, as an epoll would.

#include "engine/curl_loop.hpp"

#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "engine/test_servers.hpp"

namespace loadgen::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The one socket that libcurl asked to have watched last.
struct Watched {
  int fd = -1;
  int what = CURL_POLL_REMOVE;
  int asked = 0;

  static int on_interest(CURL* /*easy*/, curl_socket_t fd, int what, void* watched, void* /*of_socket*/) {
    Watched& w = *static_cast<Watched*>(watched);
    w = {fd, what, w.asked + 1};
    return 0;
  }
};

class CurlLoopTest : public testing::Test {
 protected:
  /// Of a handle in the second multi.
  static constexpr std::size_t kIndex = CurlLoop::kHandlesOfAMulti + 1;

  CurlLoopTest() {
    curl_easy_setopt(easy_.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(easy_.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_.get(), CURLOPT_FORBID_REUSE, 1L);  // or the server would wait for what the loop keeps
    curl_easy_setopt(
        easy_.get(), CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t size, std::size_t n, void* body) {
          static_cast<std::string*>(body)->append(data, size * n);
          return size * n;
        });
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEDATA, &body_);
  }

  void aim_at(const tcp::endpoint& endpoint) {
    curl_easy_setopt(easy_.get(), CURLOPT_URL, fmt::format("http://127.0.0.1:{}/", endpoint.port()).c_str());
  }

  /// How the transfer ended; -1 when it did not within 10 s.
  int run() {
    int ended = -1;
    const TimePoint give_up = SteadyClock::now() + seconds(10);
    while (ended < 0 && SteadyClock::now() < give_up) {
      loop_.run_due(SteadyClock::now(), [] {});
      if (loop_.next_due() != kUnset) look();
      loop_.reap([&](CURL* easy, CURLcode code) {
        EXPECT_EQ(easy, easy_.get());
        ended = code;
      });
    }
    return ended;
  }

  void look() {
    const bool out = watched_.what == CURL_POLL_OUT || watched_.what == CURL_POLL_INOUT;
    pollfd socket{watched_.what == CURL_POLL_REMOVE ? -1 : watched_.fd, static_cast<short>(out ? POLLOUT : POLLIN), 0};
    if (poll(&socket, 1, 5) > 0) loop_.on_socket(kIndex, socket.fd, out ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
  }

  Watched watched_;
  std::string body_;
  std::unique_ptr<CURL, void (*)(CURL*)> easy_{curl_easy_init(), &curl_easy_cleanup};
  CurlLoop loop_{2 * CurlLoop::kHandlesOfAMulti, &Watched::on_interest, &watched_};
};

TEST_F(CurlLoopTest, ATransferBeginsWithTheNextPassAndEndsOnce) {
  ScriptedServer server(always(kOk), 2);
  aim_at(server.endpoint());
  EXPECT_EQ(loop_.next_due(), kNever);
  ASSERT_TRUE(loop_.add(kIndex, easy_.get()));
  EXPECT_EQ(loop_.next_due(), kUnset);
  EXPECT_EQ(watched_.asked, 0);
  EXPECT_EQ(run(), CURLE_OK);
  EXPECT_EQ(body_, "OK");
  EXPECT_GE(watched_.asked, 1);

  ASSERT_TRUE(loop_.add(kIndex, easy_.get())) << "a handle that ended is free for the next transfer";
  EXPECT_EQ(run(), CURLE_OK);
  EXPECT_EQ(body_, "OKOK");
}

TEST_F(CurlLoopTest, WhatWasRemovedDoesNotEnd) {
  ScriptedServer server(always(kOk));
  aim_at(server.endpoint());
  ASSERT_TRUE(loop_.add(kIndex, easy_.get()));
  loop_.remove(kIndex, easy_.get());
  int ended = 0;
  for (int pass = 0; pass < 3; ++pass) {
    loop_.run_due(SteadyClock::now(), [] {});
    loop_.reap([&](CURL*, CURLcode) { ++ended; });
  }
  EXPECT_EQ(ended, 0);
}

TEST_F(CurlLoopTest, ALimitOfLibcurlsOwnStrikesWithoutASocketBeingReady) {
  ScriptedServer server([](tcp::socket& socket, int) { read_request(socket), read_request(socket); });
  aim_at(server.endpoint());
  curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS, 60L);
  ASSERT_TRUE(loop_.add(kIndex, easy_.get()));
  const TimePoint begun = SteadyClock::now();
  EXPECT_EQ(run(), CURLE_OPERATION_TIMEDOUT);
  EXPECT_GE(SteadyClock::now() - begun, milliseconds(60));
  EXPECT_LT(SteadyClock::now() - begun, seconds(5));
}

}  // namespace
}  // namespace loadgen::engine
