// Bodies from files: they arrive whole, whoever else sends them, however slowly they are read and whenever it ends.

#include <semaphore>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "engine/upload_test.hpp"

namespace loadgen::engine {
namespace {

template <class Way>
class Uploads : public UploadTest<Way> {};
TYPED_TEST_SUITE(Uploads, Ways);

/// As kOk, for a body that is not kept.
constexpr const char* kTooLarge = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";

TYPED_TEST(Uploads, AFileArrivesByteForByteAndTheConnectionIsKept) {
  std::vector<std::string> got;
  this->serve([&](auto& socket, int) {
    socket.lowest_layer().set_option(asio::socket_base::receive_buffer_size(64 << 10));
    for (int i = 0; i < 2; ++i) {
      got.push_back(read_body(socket, this->file_.text().size()));
      answer(socket, kOk);
    }
    if (read_request(socket)) answer(socket, kOk);
  });
  this->requests_[1] = upload_request("POST", this->file_.open());
  this->start_engine();
  for (const bool first : {true, false}) {
    const Sample sample = this->run_one(0, 1);
    EXPECT_EQ(info(sample.error).key, "none");
    EXPECT_EQ(sample.bytes_out, this->requests_[1].size());
    EXPECT_EQ(sample.new_connection, first);
  }
  const Sample without_body = this->run_one(0, 0);
  EXPECT_EQ(info(without_body.error).key, "none");
  EXPECT_EQ(without_body.bytes_out, this->requests_[0].size());
  this->end();
  EXPECT_TRUE(got == std::vector<std::string>(2, this->file_.text()));
}

TYPED_TEST(Uploads, TwoUsersShareOne) {
  std::vector<std::string> got;
  this->serve(
      [&](auto& socket, int) {
        got.push_back(read_body(socket, this->file_.text().size()));
        answer(socket, kOk);
      },
      2);
  this->requests_[1] = upload_request("POST", this->file_.open());
  this->start_engine(2);
  for (const Sample& sample : this->run_both()) {
    EXPECT_EQ(info(sample.error).key, "none");
    EXPECT_EQ(sample.bytes_out, this->requests_[1].size());
  }
  this->end(2);
  EXPECT_TRUE(got == std::vector<std::string>(2, this->file_.text()));
}

TYPED_TEST(Uploads, OneIsSentAgainFromItsStartWhenTheConnectionTurnsOutClosed) {
  std::string got;
  auto& server = this->serve(
      [&](auto& socket, int connection) {
        if (connection == 0) {
          if (read_request(socket)) answer(socket, kOk);
          return;
        }
        got = read_body(socket, this->file_.text().size());
        answer(socket, kOk);
      },
      2);
  this->requests_[1] = upload_request("PUT", this->file_.open());
  this->start_engine();
  EXPECT_EQ(this->run_one().error, ErrorKind::none);
  server.wait_for_close();  // and the engine does not look
  const Sample again = this->run_one(0, 1);
  EXPECT_EQ(info(again.error).key, "none");
  EXPECT_TRUE(again.reopened);
  EXPECT_GE(again.bytes_out, this->requests_[1].size());
  this->end();
  EXPECT_TRUE(got == this->file_.text());
}

TYPED_TEST(Uploads, AnAnswerBeforeAllIsSentEndsIt) {
  std::size_t more = 0;
  this->serve(
      [&](auto& socket, int connection) {
        if (connection == 1) {
          more = read_body(socket, this->file_.text().size()) == this->file_.text() ? 1 : 0;
          return answer(socket, kOk);
        }
        read_request(socket);
        answer(socket, kTooLarge);
        std::this_thread::sleep_for(milliseconds(100));  // and reads no further
      },
      2);
  const UploadFile large("");
  large.resize(64'000'000);
  this->requests_[0] = upload_request("POST", this->file_.open());
  this->requests_[1] = upload_request("POST", large.open());
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(sample.status, 413);
  EXPECT_EQ(info(sample.error).key, "status");
  EXPECT_LT(sample.bytes_out, large.open()->size());
  const Sample next = this->run_one(0, 0);
  EXPECT_EQ(info(next.error).key, "none");
  EXPECT_TRUE(next.new_connection) << "half a request still stood in the way";
  this->end(2);
  EXPECT_EQ(more, 1u) << "nothing of the first stands in the second";
}

TYPED_TEST(Uploads, AnAnswerIsReadThoughTheServerResetsBehindIt) {
  if (std::is_same_v<TypeParam, Secure<CurlEngine>>) GTEST_SKIP() << "what libcurl leaves in the socket is encrypted";
  constexpr int kTimes = 20;  // now this comes first, now that
  this->serve(
      [&](auto& socket, int) {
        // Else the answer might still be here when the reset takes its place.
        socket.lowest_layer().set_option(tcp::no_delay(true));
        read_request(socket);
        answer(socket, kTooLarge);
      },
      kTimes);
  this->requests_[1] = upload_request("POST", this->file_.open());
  this->start_engine();
  for (int i = 0; i < kTimes; ++i) {
    const Sample sample = this->run_one(0, 1);
    EXPECT_EQ(sample.status, 413) << info(sample.error).key;
  }
}

TYPED_TEST(Uploads, AFileThatHasBecomeShorterIsOurFault) {
  std::size_t came = 0;
  this->serve(
      [&](auto& socket, int connection) {
        if (connection == 0)
          came = read_body(socket, this->file_.text().size()).size();
        else if (read_request(socket))
          answer(socket, kOk);
      },
      2);
  this->requests_[1] = upload_request("PUT", this->file_.open());
  this->file_.resize(1'000'000);
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "upload");
  EXPECT_EQ(sample.system_error, ENODATA);
  EXPECT_LE(sample.bytes_out, 1'000'000 + this->requests_[1].header_size());
  const Sample next = this->run_one();
  EXPECT_EQ(info(next.error).key, "none") << "the run goes on";
  EXPECT_TRUE(next.new_connection);
  this->end(2);
  EXPECT_LE(came, 1'000'000u);
}

TYPED_TEST(Uploads, OneIsGivenUpInTheMiddle) {
  std::binary_semaphore given_up(0);
  std::string got;
  this->serve(
      [&](auto& socket, int connection) {
        if (connection == 0) {
          read_request(socket);
          given_up.acquire();
          return;
        }
        got = read_body(socket, this->file_.text().size());
        answer(socket, kOk);
      },
      2);
  const UploadFile large("");
  large.resize(64'000'000);
  this->requests_[0] = upload_request("POST", large.open());
  this->requests_[1] = upload_request("POST", this->file_.open());
  this->start_engine();
  this->engine_->start(0, 0);
  this->look_for(milliseconds(50));
  EXPECT_TRUE(this->engine_->completed().empty());
  this->engine_->abort_all();
  const auto samples = this->engine_->completed();
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(info(samples[0].error).key, "unfinished");
  EXPECT_GT(samples[0].bytes_out, this->requests_[0].header_size());
  EXPECT_LT(samples[0].bytes_out, this->requests_[0].size());
  given_up.release();
  EXPECT_EQ(info(this->run_one(0, 1).error).key, "none") << "the same piece of memory, another connection";
  this->end(2);
  EXPECT_TRUE(got == this->file_.text());
}

}  // namespace
}  // namespace loadgen::engine
