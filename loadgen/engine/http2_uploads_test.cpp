// Bodies from files and Expect: 100-continue over HTTP/2, with and without TLS.

#include <string>
#include <thread>
#include <vector>

#include "engine/http2_server.hpp"
#include "engine/upload_test.hpp"

namespace loadgen::engine {
namespace {

const Fields kOk2{{":status", "200"}, {"content-length", "2"}};

template <class Way>
class Http2Uploads : public UploadTest<Way> {
 protected:
  /// What a server of either kind does with each connection: script(peer, asked).
  template <class OnRequest, class OnHead>
  void serve_http2(OnRequest on_request, OnHead on_head, int connections = 1) {
    const auto script = [=](auto& stream, int) {
      using Peer = Http2Peer<std::remove_reference_t<decltype(stream)>>;
      Peer peer(stream, on_request);
      peer.on_head = on_head;
      peer.serve();
    };
    this->serve(script, connections, chooses("\x02h2"));
  }
  template <class OnRequest>
  void serve_http2(OnRequest on_request, int connections = 1) {
    serve_http2(
        on_request, [](auto&, const Http2Asked&) {}, connections);
  }
};
TYPED_TEST_SUITE(Http2Uploads, Http2Ways);

TYPED_TEST(Http2Uploads, UsersOfOneConnectionShareAFile) {
  std::vector<std::string> got;
  std::uint64_t wire = 0;
  this->serve_http2([&](auto& peer, const Http2Asked& asked) {
    got.push_back(asked.body);
    wire += asked.wire_bytes;
    peer.answer(asked.stream, kOk2, "OK");
  });
  this->requests_[1] = upload_request("POST", this->file_.open());
  this->options_.streams_per_connection = 2;
  this->start_engine(2);
  std::uint64_t out = 0;
  for (const Sample& sample : this->run_both()) {
    EXPECT_EQ(info(sample.error).key, "none");
    out += sample.bytes_out;
  }
  this->end();
  EXPECT_TRUE(got == std::vector<std::string>(2, this->file_.text()));
  EXPECT_EQ(out, wire);
}

TYPED_TEST(Http2Uploads, ARefusedOneIsSentAgainFromItsStart) {
  std::vector<std::string> got;
  this->serve_http2([&](auto& peer, const Http2Asked& asked) {
    got.push_back(asked.body);
    if (got.size() == 1) return peer.reset(asked.stream, NGHTTP2_REFUSED_STREAM);
    peer.answer(asked.stream, kOk2, "OK");
  });
  this->requests_[1] = upload_request("POST", this->file_.open());
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "none");
  EXPECT_TRUE(sample.resent);
  EXPECT_GT(sample.bytes_out, 2 * this->file_.text().size());
  this->end();
  EXPECT_TRUE(got == std::vector<std::string>(2, this->file_.text()));
}

TYPED_TEST(Http2Uploads, AnAnswerBeforeAllIsSentEndsIt) {
  this->serve_http2([](auto& peer, const Http2Asked& asked) { peer.answer(asked.stream, kOk2, "OK"); },
                    [](auto& peer, const Http2Asked& asked) {
                      peer.answer(asked.stream, {{":status", "413"}});
                    });
  const UploadFile large("");
  large.resize(64'000'000);
  this->requests_[1] = upload_request("POST", large.open());
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(sample.status, 413);
  EXPECT_LT(sample.bytes_out, 64'000'000u);
  const Sample next = this->run_one();
  EXPECT_EQ(info(next.error).key, "none");
  EXPECT_FALSE(next.new_connection) << "only the stream was ended";
  this->end();
}

TYPED_TEST(Http2Uploads, AFileThatHasBecomeShorterEndsTheStreamOnly) {
  std::size_t whole = 0;
  this->serve_http2([&](auto& peer, const Http2Asked& asked) {
    whole += asked.body.empty() ? 0 : 1;
    peer.answer(asked.stream, kOk2, "OK");
  });
  this->requests_[1] = upload_request("POST", this->file_.open());
  this->file_.resize(1'000'000);
  this->options_.streams_per_connection = 2;
  this->start_engine(2);
  EXPECT_EQ(info(this->run_one(0, 0).error).key, "none");
  const Sample sample = this->run_one(1, 1);
  EXPECT_EQ(info(sample.error).key, "upload");
  EXPECT_EQ(sample.system_error, ENODATA);
  const Sample next = this->run_one(0, 0);
  EXPECT_EQ(info(next.error).key, "none");
  EXPECT_FALSE(next.new_connection);
  this->end();
  EXPECT_EQ(whole, 0u);
}

TYPED_TEST(Http2Uploads, OneIsGivenUpInTheMiddle) {
  this->serve_http2([](auto&, const Http2Asked&) {},
                    [](auto&, const Http2Asked&) { std::this_thread::sleep_for(milliseconds(100)); });
  const UploadFile large("");
  large.resize(64'000'000);
  this->requests_[1] = upload_request("POST", large.open());
  this->start_engine();
  this->engine_->start(0, 1);
  this->look_for(milliseconds(60));
  this->engine_->abort_all();
  const auto samples = this->engine_->completed();
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(info(samples[0].error).key, "unfinished");
  EXPECT_GT(samples[0].bytes_out, 0u);
  EXPECT_LT(samples[0].bytes_out, 64'000'000u);
  this->end();
}

TYPED_TEST(Http2Uploads, TheBodyWaitsForThe100) {
  this->options_.continue_timeout = seconds(9);
  TimePoint answered;
  std::vector<std::string> got;
  std::uint64_t wire = 0;
  this->serve_http2(
      [&](auto& peer, const Http2Asked& asked) {
        got.push_back(asked.body);
        wire = asked.wire_bytes;
        std::this_thread::sleep_for(milliseconds(5));
        answered = SteadyClock::now();
        peer.answer(asked.stream, kOk2, "OK");
      },
      [&](auto& peer, const Http2Asked& asked) {
        got.push_back(asked.field("expect"));
        std::this_thread::sleep_for(milliseconds(20));
        peer.inform(asked.stream, {{":status", "100"}});
      });
  this->requests_[1] = upload_request("POST", this->file_.open(), {{"Expect", "100-continue"}});
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "none");
  EXPECT_EQ(sample.status, 200);
  EXPECT_GE(sample.first_byte, answered);
  this->end();
  EXPECT_TRUE(got == (std::vector<std::string>{"100-continue", this->file_.text()}));
  EXPECT_EQ(sample.bytes_out, wire);
}

TYPED_TEST(Http2Uploads, TheBodyGoesAnywayAfterAWhile) {
  this->options_.continue_timeout = milliseconds(60);
  this->serve_http2([](auto& peer, const Http2Asked& asked) { peer.answer(asked.stream, kOk2, "OK"); });
  this->requests_[1] = upload_request("POST", this->file_.open(), {{"Expect", "100-continue"}});
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(info(sample.error).key, "none");
  EXPECT_GE(sample.first_byte - sample.started, milliseconds(60));
  this->end();
}

TYPED_TEST(Http2Uploads, AnotherAnswerThanThe100EndsIt) {
  std::size_t bodies = 0;
  std::uint64_t head = 0;
  this->serve_http2([&](auto& peer, const Http2Asked& asked) { ++bodies, peer.answer(asked.stream, kOk2, "OK"); },
                    [&](auto& peer, const Http2Asked& asked) {
                      head = asked.wire_bytes;
                      peer.answer(asked.stream, {{":status", "417"}});
                    });
  this->requests_[1] = upload_request("POST", this->file_.open(), {{"Expect", "100-continue"}});
  this->start_engine();
  const Sample sample = this->run_one(0, 1);
  EXPECT_EQ(sample.status, 417);
  EXPECT_EQ(sample.bytes_out, head);
  EXPECT_FALSE(this->run_one().new_connection);
  this->end();
  EXPECT_EQ(bodies, 1u) << "of the request without one, only the end";
}

}  // namespace
}  // namespace loadgen::engine
