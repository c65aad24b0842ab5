// The native path allocates nothing per request: a run of ten times the requests allocates as often as the short one.

#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "engine/engines.hpp"
#include "run/run_shard.hpp"
#include "run/schedule.hpp"
#include "tests/support/allocations.hpp"

namespace loadgen {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Answers every request of its connections "OK", one thread a connection.
class Responder {
 public:
  explicit Responder(int connections) : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::thread([this, connections] {
      std::vector<std::thread> threads;
      for (int i = 0; i < connections; ++i) {
        tcp::socket socket(io_);
        acceptor_.accept(socket);
        threads.emplace_back([s = std::move(socket)]() mutable {
          std::string text;
          boost::system::error_code error;
          while (!error) {
            const std::size_t size = asio::read_until(s, asio::dynamic_buffer(text), "\r\n\r\n", error);
            text.erase(0, size);
            if (!error) asio::write(s, asio::buffer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", 40), error);
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
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

/// Allocations of this thread while the loop ran.
template <class E>
std::uint64_t allocations_of(std::uint32_t users, std::uint64_t loops, Duration think_time) {
  Responder responder(static_cast<int>(users));
  config::Plan plan;
  plan.thread_groups.resize(1);
  plan.thread_groups[0].users = users;
  plan.thread_groups[0].loops = loops;
  config::Step step;
  step.name = "a";
  step.method = "GET";
  step.url = {.host = "h", .port = 80, .path_and_query = "/"};
  step.think_time = think_time;
  step.expect.body_equals = "OK";
  plan.thread_groups[0].steps = {step};

  const run::Program program = run::compile(plan);
  const std::vector<engine::Target> targets = {{"h", {responder.endpoint()}}};
  const auto starts = run::schedule(plan);
  E engine({.requests = program.requests, .targets = targets, .slots = users});
  SteadyClock clock;
  const TimePoint t0 = clock.now();
  run::Shard shard{.pacer = run::Pacer(plan, program, starts, {}, t0),
                   .recorder = stats::Recorder(1, program.label_of, t0, std::chrono::minutes(1)),
                   .grace = plan.grace,
                   .progress = {}};
  run::RunControl control;
  run::Mailbox mailbox;
  const std::uint64_t before = support::allocations();
  run::run_shard(shard, engine, clock, control, mailbox);
  const std::uint64_t during = support::allocations() - before;
  EXPECT_EQ(shard.recorder.total().outcomes.succeeded, users * loops);
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
  const std::uint64_t few = allocations_of<TypeParam>(8, 50, {});
  const std::uint64_t many = allocations_of<TypeParam>(8, 1'000, {});
  EXPECT_EQ(few, many);
  EXPECT_GT(few, 0u) << "the counter does not count";
}

TYPED_TEST(Allocations, DoNotGrowWithThinkTimes) {
  const auto pause = std::chrono::milliseconds(1);
  EXPECT_EQ(allocations_of<TypeParam>(8, 10, pause), allocations_of<TypeParam>(8, 200, pause));
}

}  // namespace
}  // namespace loadgen
