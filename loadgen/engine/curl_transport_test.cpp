// What is libcurl's own to get wrong: bytes it might add, connections it might share, descriptors it might keep.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/engine_test.hpp"

namespace loadgen::engine {
namespace {

class CurlTransportTest : public EngineTest<CurlEngine> {
 protected:
  static std::vector<std::string> sorted_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
      lines.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    }
    std::sort(lines.begin() + 1, lines.end());  // the first is the request line
    return lines;
  }
};

TEST_F(CurlTransportTest, WhatWasPreparedIsWhatLeaves) {
  const std::string body(1'500'000, 'p');  // so large that libcurl would like to ask first (Expect)
  const std::vector<http::Header> headers = {{"X-Empty", ""}, {"X-Time", "12:"}, {"x-query", "?a=b"}};
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "HEAD", "PURGE"}) {
    for (const std::string_view sent : {std::string_view(), std::string_view(body)}) {
      if (!sent.empty() && std::string_view(method) == "HEAD") continue;
      std::string received;
      requests_[0] = http::prepare({.method = method,
                                    .authority = "test:81",
                                    .path_and_query = "/a/../b//c?d=e%20f&g",
                                    .headers = headers,
                                    .body = sent,
                                    .user_agent = "loadgen/1"});
      {
        ScriptedServer server([&](tcp::socket& socket, int) {
          received.resize(requests_[0].bytes.size());
          boost::system::error_code error;
          asio::read(socket, asio::buffer(received), error);
          answer(socket, "HTTP/1.1 204 No Content\r\n\r\n");
          read_request(socket);
        });
        engine_for({server.endpoint()});
        const Sample sample = run_one();
        EXPECT_EQ(sample.error, ErrorKind::none) << method << sent.size();
        EXPECT_EQ(sample.bytes_out, requests_[0].bytes.size());
        engine_.reset();
      }
      EXPECT_EQ(sorted_lines(received), sorted_lines(requests_[0].bytes)) << method << sent.size();
    }
  }
}

TEST_F(CurlTransportTest, OneHandleSendsOneRequestAfterAnother) {
  ScriptedServer server(always(kOk));
  requests_ = {request("POST", "x"), request("GET"), request("POST", "")};
  engine_for({server.endpoint()});
  for (const std::uint16_t which : {0, 1, 0, 2, 1}) {
    const Sample sample = run_one(0, which);
    EXPECT_EQ(sample.error, ErrorKind::none);
    EXPECT_EQ(sample.bytes_out, requests_[which].bytes.size()) << which;
  }
  engine_->release(0);
}

TEST_F(CurlTransportTest, AnErrnoOfAnEarlierRequestIsForgotten) {
  ScriptedServer server(
      [](tcp::socket& socket, int connection) {
        read_request(socket);
        if (connection > 0) return;
        socket.set_option(asio::socket_base::linger(true, 0));
        socket.close();
      },
      2);
  engine_for({server.endpoint()});
  const Sample reset = run_one();
  EXPECT_EQ(reset.error, ErrorKind::reset);
  EXPECT_EQ(reset.system_error, ECONNRESET);
  const Sample closed = run_one();
  EXPECT_EQ(closed.error, ErrorKind::closed_before_response);
  EXPECT_EQ(closed.system_error, 0);
}

TEST_F(CurlTransportTest, DescriptorsOfReleasedUsersDoNotPileUp) {
  constexpr int kVisits = 20;
  ScriptedServer server(always(kOk), kVisits);
  engine_for({server.endpoint()});
  const auto open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  run_one();
  engine_->release(0);
  server.wait_for_close();
  const auto after_one = open_descriptors();
  for (int visit = 1; visit < kVisits; ++visit) {
    EXPECT_TRUE(run_one().new_connection);
    engine_->release(0);
    server.wait_for_close();  // at once, whatever libcurl still holds
  }
  EXPECT_LE(open_descriptors(), after_one + 1);
}

TEST_F(CurlTransportTest, AProxyOfTheEnvironmentIsNotAsked) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ScriptedServer server(always(kOk));
  engine_for({server.endpoint()});
  EXPECT_EQ(run_one().error, ErrorKind::none);
  ::unsetenv("http_proxy");
  engine_->release(0);
}

}  // namespace
}  // namespace loadgen::engine
