#pragma once
// For tests: what each of them does with every engine. To have another engine tested: its name in Engines.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engines.hpp"
#include "engine/test_servers.hpp"

namespace loadgen::engine {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Every test runs with every engine; one that this machine does not offer is skipped with the reason.
template <class E>
class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    if constexpr (std::is_same_v<E, UringEngine>)
      if (const std::string why = UringTransport::why_unavailable(); !why.empty()) GTEST_SKIP() << why;
  }

  E& engine_for(std::vector<Endpoint> addresses, std::uint32_t slots = 1) {
    targets_ = {{"test", std::move(addresses)}};
    options_.targets = targets_;
    options_.requests = requests_;
    options_.slots = slots;
    engine_.emplace(options_);
    return *engine_;
  }

  static http::PreparedRequest request(std::string_view method, std::string_view body = {}) {
    return http::prepare(
        {.method = method, .authority = "test", .path_and_query = "/", .headers = {}, .body = body, .user_agent = {}});
  }

  Sample run_one(std::uint32_t slot = 0, std::uint16_t request = 0) {
    engine_->start(slot, request);
    return next();
  }

  Sample connect_one() {
    engine_->connect(0, 0);
    return next();
  }

  /// Lets the engine notice what comes without a request in flight.
  void look_for(Duration time) {
    const TimePoint until = SteadyClock::now() + time;
    do engine_->wait(until);
    while (SteadyClock::now() < until);
  }

  Sample next() {
    const TimePoint give_up = SteadyClock::now() + seconds(10);
    while (SteadyClock::now() < give_up) {
      engine_->wait(SteadyClock::now() + milliseconds(50));
      for (const Sample& sample : engine_->completed()) return sample;
    }
    ADD_FAILURE() << "nothing completed in 10 s";
    return {};
  }

  std::vector<http::PreparedRequest> requests_ = {request("GET"), request("POST", "x")};
  std::vector<Target> targets_;
  EngineOptions options_;
  std::optional<E> engine_;
};

using Engines = testing::Types<NativeEngine, UringEngine, CurlEngine>;

}  // namespace loadgen::engine
