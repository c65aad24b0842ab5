// The native path allocates nothing per request: a run of ten times the requests allocates as often as the short one.

#include <array>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "engine/engines.hpp"
#include "http/digest.hpp"
#include "run/opening.hpp"
#include "run/run_shard.hpp"
#include "run/schedule.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/coded_bodies.hpp"

namespace loadgen {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

constexpr const char* kBodyEnd = "THE-END";

/// Answers every request of its connections alike, one thread a connection.
class Responder {
 public:
  Responder(int connections, std::string answer)
      : answer_(std::move(answer)), acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::thread([this, connections] {
      std::vector<std::thread> threads;
      for (int i = 0; i < connections; ++i) {
        tcp::socket socket(io_);
        acceptor_.accept(socket);
        threads.emplace_back([this, s = std::move(socket)]() mutable {
          std::string text;
          boost::system::error_code error;
          while (!error) {
            const std::size_t size = asio::read_until(s, asio::dynamic_buffer(text), "\r\n\r\n", error);
            const bool body_follows = !error && text.find("POST") < size;
            text.erase(0, size);
            if (body_follows) text.erase(0, asio::read_until(s, asio::dynamic_buffer(text), kBodyEnd, error));
            if (!error) asio::write(s, asio::buffer(answer_), error);
          }
        });
      }
      for (std::thread& t : threads) t.join();
    });
  }
  ~Responder() { thread_.join(); }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  engine::Endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  std::string answer_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

config::Plan plan_of(Duration think_time) {
  config::Plan plan;
  plan.thread_groups.resize(1);
  config::Step step;
  step.name = "a";
  step.method = "GET";
  step.url = {.host = "h", .port = 80, .path_and_query = "/"};
  step.think_time = think_time;
  step.expect.body_equals = "OK";
  plan.thread_groups[0].steps = {step};
  return plan;
}

config::Plan closed_plan(std::uint32_t users, std::uint64_t loops, Duration think_time) {
  config::Plan plan = plan_of(think_time);
  plan.thread_groups[0].users = users;
  plan.thread_groups[0].loops = loops;
  return plan;
}

/// Arrivals at 2,000/s on at most eight connections.
config::Plan open_plan(Duration length, load::Spacing spacing) {
  config::Plan plan = plan_of({});
  plan.thread_groups[0].users = 0;
  plan.thread_groups[0].arrivals = {{.duration = length, .from = 2'000, .to = 2'000}};
  plan.thread_groups[0].spacing = spacing;
  plan.thread_groups[0].max_in_flight = 8;
  plan.thread_groups[0].connections = 8;
  return plan;
}

/// Takes the rows out of a ring in a thread of its own, as whoever writes them does.
class RowReader {
 public:
  explicit RowReader(stats::SampleRing& ring)
      : thread_([this, &ring](const std::stop_token& stop) {
          std::array<stats::SampleRow, 64> some;
          for (bool last = false; !last;) {
            last = stop.stop_requested();
            while (const std::size_t count = ring.take(some)) read_ += count;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}
  std::uint64_t finish() {
    thread_.request_stop();
    thread_.join();
    return read_;
  }

 private:
  std::uint64_t read_ = 0;
  std::jthread thread_;
};

struct Trial {
  stats::SampleRing* rows = nullptr;
  std::string answer = kOk;
  std::shared_ptr<const http::Upload> upload = {};  ///< the body of all requests
};

/// Allocations of this thread while the loop ran; connections is how many the responder waits for.
template <class E>
std::uint64_t allocations_of(const config::Plan& plan, std::uint32_t connections, const Trial& trial = {}) {
  Responder responder(static_cast<int>(connections), trial.answer);
  run::Program program = *run::compile(plan);
  if (trial.upload != nullptr)
    program.requests[0] = http::prepare(
        {.method = "POST", .authority = "h", .path_and_query = "/", .headers = {}, .body = {}, .upload = trial.upload, .user_agent = {}});
  const std::vector<engine::Target> targets = {{"h", {responder.endpoint()}}};
  const auto starts = run::schedule(plan);
  E engine({.requests = program.requests, .targets = targets, .slots = connections});
  SteadyClock clock;
  run::RunControl control;
  run::open_ahead(engine, run::openings_of(program, run::places_of(plan, starts.size(), {})), clock, control);
  const TimePoint t0 = clock.now();
  run::Shard shard{
      .pacer = run::Pacer(plan, program, starts, {}, t0),
      .recorder = stats::Recorder(1, program.label_of, t0, std::chrono::minutes(1)),
      .pacing = run::Pacing({.pace = stats::Pace::hybrid, .reason = "", .guard = std::chrono::microseconds(50)}),
      .watch = run::ShardWatch(t0, std::chrono::minutes(1)),
      .grace = plan.grace,
      .progress = {},
      .rows = trial.rows};
  if (run::Visitors::wanted(plan)) shard.visitors.emplace(plan, program, connections);
  run::Mailbox mailbox;
  const std::uint64_t before = support::allocations();
  run::run_shard(shard, engine, clock, control, mailbox);
  const std::uint64_t during = support::allocations() - before;
  shard.recorder.finish();
  EXPECT_GT(shard.recorder.total().outcomes.succeeded, 0u);
  EXPECT_EQ(shard.recorder.total().outcomes.succeeded, shard.pacer.counts().planned);
  return during;
}

template <class E>
class Allocations : public testing::Test {
 protected:
  void SetUp() override {
    if constexpr (std::is_same_v<E, engine::UringEngine>)
      if (const std::string why = engine::UringTransport::why_unavailable(); !why.empty()) GTEST_SKIP() << why;
  }
};
using Engines = testing::Types<engine::NativeEngine, engine::UringEngine>;
TYPED_TEST_SUITE(Allocations, Engines);

TYPED_TEST(Allocations, DoNotGrowWithTheNumberOfRequests) {
  // The pool makes one chunk of exchanges, which belongs to the start.
  const std::uint64_t few = allocations_of<TypeParam>(closed_plan(8, 50, {}), 8);
  const std::uint64_t many = allocations_of<TypeParam>(closed_plan(8, 1'000, {}), 8);
  EXPECT_EQ(few, many);
  EXPECT_GT(few, 0u) << "the counter does not count";
}

TYPED_TEST(Allocations, DoNotGrowWithTheNumberOfDecodedBodies) {
  const std::string body = support::compressed("OK", support::kGzipFormat);
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const auto decoding = [&](std::uint64_t loops) {
    config::Plan plan = closed_plan(8, loops, {});
    plan.http.accept_encoding.add(http::ContentCoding::gzip);
    return allocations_of<TypeParam>(plan, 8, {.answer = answer});
  };
  const std::uint64_t few = decoding(50);
  EXPECT_EQ(few, decoding(1'000));
  EXPECT_GE(few, 8 + allocations_of<TypeParam>(closed_plan(8, 50, {}), 8))
      << "a decoder for each, and no plan pays else";
}

TYPED_TEST(Allocations, DoNotGrowWithTheNumberOfBodiesFromFiles) {
  const std::vector<http::BodyPart> parts{{.text = std::string(500'000, 'x') + kBodyEnd, .file = {}}};
  const auto upload = *http::Upload::open(parts);
  const auto sending = [&](std::uint64_t loops) {
    return allocations_of<TypeParam>(closed_plan(8, loops, {}), 8, {.upload = upload});
  };
  const std::uint64_t few = sending(10);
  EXPECT_EQ(few, sending(100));
  EXPECT_GE(few, 8 + allocations_of<TypeParam>(closed_plan(8, 10, {}), 8)) << "a piece for each, and no plan pays else";
}

TYPED_TEST(Allocations, DoNotGrowWithThinkTimes) {
  const auto pause = std::chrono::milliseconds(1);
  EXPECT_EQ(allocations_of<TypeParam>(closed_plan(8, 10, pause), 8),
            allocations_of<TypeParam>(closed_plan(8, 200, pause), 8));
}

TYPED_TEST(Allocations, DoNotGrowWithTheNumberOfRowsThatAreRead) {
  const auto with_rows = [](std::uint64_t loops) {
    stats::SampleRing ring(1'024, {.one_in = 2});
    RowReader reader(ring);
    const std::uint64_t during = allocations_of<TypeParam>(closed_plan(8, loops, {}), 8, {.rows = &ring});
    EXPECT_EQ(reader.finish() + ring.lost(), 8 * loops / 2);
    return during;
  };
  EXPECT_EQ(with_rows(50), with_rows(1'000));
}

TYPED_TEST(Allocations, DoNotGrowWhereNoResponseLeadsOn) {
  const auto following = [](std::uint64_t loops) {
    config::Plan plan = closed_plan(8, loops, {});
    plan.http.follow_redirects = true;
    return allocations_of<TypeParam>(plan, 8);
  };
  EXPECT_EQ(following(50), following(1'000));
}

TYPED_TEST(Allocations, DoNotGrowWhereCookiesStayTheSame) {
  const auto keeping = [](std::uint64_t loops) {
    config::Plan plan = closed_plan(8, loops, {});
    plan.http.cookies = config::Cookies::user;
    plan.thread_groups[0].steps.push_back(plan.thread_groups[0].steps[0]);
    plan.thread_groups[0].steps[1].expect.body_equals.reset();
    plan.thread_groups[0].steps[1].url.path_and_query = "/another/and/longer/path";
    return allocations_of<TypeParam>(
        plan, 8,
        {.answer = "HTTP/1.1 200 OK\r\nSet-Cookie: session=0123456789abcdef0123456789abcdef; Path=/; "
                   "Max-Age=3600\r\nContent-Length: 2\r\n\r\nOK"});
  };
  const std::uint64_t few = keeping(50);
  EXPECT_EQ(few, keeping(1'000)) << "though each response sets it again";
  EXPECT_GT(few, allocations_of<TypeParam>(closed_plan(8, 50, {}), 8)) << "jars take memory, and no plan pays else";
}

TYPED_TEST(Allocations, DoNotGrowWithTheNumberOfArrivals) {
  using std::chrono::milliseconds;
  for (const load::Spacing spacing : {load::Spacing::uniform, load::Spacing::poisson})
    EXPECT_EQ(allocations_of<TypeParam>(open_plan(milliseconds(50), spacing), 8),
              allocations_of<TypeParam>(open_plan(milliseconds(1'500), spacing), 8));
}

TEST(DigestAllocations, DigestTakesNoMemoryForARequest) {
  http::DigestHashes hashes;
  http::DigestSession session;
  session.begin(*http::find_challenge("Digest realm=\"r\", nonce=\"n\", qop=auth, algorithm=SHA-256"),
                {"user", "password"}, "cnonce", hashes);
  std::string out;
  session.authorize(out, "GET", "/", hashes);
  const std::uint64_t before = support::allocations();
  for (int i = 0; i < 100; ++i) {
    out.clear();
    session.authorize(out, "GET", "/", hashes);
  }
  EXPECT_EQ(support::allocations(), before);
}

}  // namespace
}  // namespace loadgen
