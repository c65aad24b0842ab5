// Expect: 100-continue: when a body goes, and when it does not.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/upload_test.hpp"

namespace loadgen::engine {
namespace {

/// Requests 0 and 1 ask whether to go on; their bodies are the same, in memory and from a file.
template <class Way>
class Continue : public UploadTest<Way> {
 protected:
  Continue() {
    this->requests_ = {http::prepare({.method = "POST",
                                      .authority = "test",
                                      .path_and_query = "/",
                                      .headers = {{"Expect", "100-continue"}},
                                      .body = this->file_.text(),
                                      .user_agent = {}}),
                       upload_request("POST", this->file_.open(), {{"Expect", "100-continue"}})};
  }
};
TYPED_TEST_SUITE(Continue, Ways);

constexpr const char* kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// Bytes that come behind a header within some time.
template <class Stream>
std::size_t bytes_behind_header(Stream& stream, Duration time) {
  std::string all;
  boost::system::error_code error;
  const std::size_t header = asio::read_until(stream, asio::dynamic_buffer(all), "\r\n\r\n", error);
  std::this_thread::sleep_for(time);
  return all.size() - header + stream.lowest_layer().available();
}

template <class Stream>
std::string read_only_body(Stream& stream, std::size_t size) {
  std::string body(size, '\0');
  boost::system::error_code error;
  asio::read(stream, asio::buffer(body), error);
  return body;
}

TYPED_TEST(Continue, TheBodyGoesOnceTheServerHasSaidSo) {
  this->options_.continue_timeout = seconds(9);
  std::atomic<TimePoint> answered{};
  std::vector<std::size_t> too_early;
  std::vector<std::string> got;
  this->serve([&](auto& stream, int) {
    for (int i = 0; i < 2; ++i) {
      too_early.push_back(bytes_behind_header(stream, milliseconds(20)));
      answer(stream, "HTTP/1.1 103 Early Hints\r\n\r\n");
      answer(stream, kContinue);
      got.push_back(read_only_body(stream, this->file_.text().size()));
      std::this_thread::sleep_for(milliseconds(5));
      answered = SteadyClock::now();
      answer(stream, kOk);
    }
  });
  this->start_engine();
  for (const std::uint16_t request : {0, 1}) {
    const Sample sample = this->run_one(0, request);
    EXPECT_EQ(info(sample.error).key, "none");
    EXPECT_EQ(sample.status, 200);
    EXPECT_EQ(sample.bytes_out, this->requests_[request].size());
    EXPECT_EQ(sample.new_connection, request == 0);
    EXPECT_GE(sample.first_byte, answered.load()) << "the 100 is not the answer";
    EXPECT_GE(sample.service_time(), milliseconds(20));
  }
  this->end();
  EXPECT_EQ(too_early, std::vector<std::size_t>(2, 0));
  EXPECT_TRUE(got == std::vector<std::string>(2, this->file_.text()));
}

TYPED_TEST(Continue, TheBodyGoesAnywayWhenTheServerSaysNothing) {
  this->options_.continue_timeout = milliseconds(60);
  std::vector<std::string> got;
  this->serve([&](auto& stream, int) {
    for (int i = 0; i < 2; ++i) {
      got.push_back(read_body(stream, this->file_.text().size()));
      if (i == 1) answer(stream, kContinue);  // too late to matter
      answer(stream, kOk);
    }
  });
  this->start_engine();
  for (const std::uint16_t request : {0, 1}) {
    const Sample sample = this->run_one(0, request);
    EXPECT_EQ(info(sample.error).key, "none");
    EXPECT_EQ(sample.bytes_out, this->requests_[request].size());
    EXPECT_GE(sample.first_byte - sample.started, milliseconds(60));
    EXPECT_LT(sample.service_time(), seconds(5));
  }
  this->end();
  EXPECT_TRUE(got == std::vector<std::string>(2, this->file_.text()));
}

TYPED_TEST(Continue, AnyOtherAnswerIsTheOutcome) {
  for (const std::uint16_t request : {0, 1}) {
    for (const char* status : {"417 Expectation Failed", "413 Too Large", "200 OK"}) {
      std::size_t more = 1;
      this->serve([&](auto& stream, int) {
        read_request(stream);
        answer(stream, std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 2\r\n\r\nNO");
        more = read_to_end(stream);
      });
      this->start_engine();
      const Sample sample = this->run_one(0, request);
      EXPECT_EQ(sample.status, std::stoi(status));
      EXPECT_EQ(sample.bytes_out, this->requests_[request].header_size());
      this->server().wait_for_close();  // though the engine still stands
      EXPECT_EQ(more, 0u) << status << ": neither a body nor another request";
      this->engine_.reset();
    }
  }
}

TYPED_TEST(Continue, TheTimeLimitHoldsMeanwhile) {
  this->options_.continue_timeout = seconds(9);
  this->options_.response_timeout = milliseconds(60);
  this->serve([&](auto& stream, int) { read_request(stream), read_request(stream); });
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "response_timeout");
  EXPECT_EQ(sample.bytes_out, this->requests_[1].header_size());
  EXPECT_EQ(sample.first_byte, kUnset);
  this->end();
}

TYPED_TEST(Continue, AServerThatGoesAfterItSaidSoHasNotAnswered) {
  this->serve([&](auto& stream, int) {
    read_request(stream);
    answer(stream, kContinue);
    read_only_body(stream, this->file_.text().size());
  });
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "closed_before_response");
  EXPECT_EQ(sample.first_byte, kUnset);
  EXPECT_EQ(sample.bytes_out, this->requests_[1].size());
  this->end();
}

}  // namespace
}  // namespace loadgen::engine
