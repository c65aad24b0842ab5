#pragma once
// For tests: an engine that speaks HTTP/2, and servers for it by a script of what each request gets.

#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine_test.hpp"
#include "engine/http2_server.hpp"

namespace loadgen::engine {

using Peer = Http2Peer<tcp::socket>;
using OnRequest = Peer::OnRequest;
inline const Fields kOk2{{":status", "200"}, {"content-length", "2"}};

inline ScriptedServer::Script speaks(OnRequest on_request, std::vector<nghttp2_settings_entry> settings = {}) {
  return [on_request = std::move(on_request), settings = std::move(settings)](tcp::socket& socket, int) {
    Peer(socket, on_request, settings).serve();
  };
}

inline void say_ok(Peer& peer, const Http2Asked& asked) {
  peer.answer(asked.stream, kOk2, "OK");
}

class Http2Test : public EngineTest<Http2Engine> {
 protected:
  /// Starts a request for each of the slots, and waits for all: in the order in which they completed.
  std::vector<Sample> run_all(std::uint32_t slots, std::uint16_t request = 0, std::uint32_t first = 0) {
    for (std::uint32_t slot = first; slot < first + slots; ++slot) engine_->start(slot, request);
    std::vector<Sample> samples;
    const TimePoint give_up = SteadyClock::now() + seconds(10);
    while (samples.size() < slots && SteadyClock::now() < give_up) {
      engine_->wait(SteadyClock::now() + milliseconds(50));
      for (const Sample& sample : engine_->completed()) samples.push_back(sample);
    }
    EXPECT_EQ(samples.size(), slots);
    return samples;
  }
  static std::string_view key_of(const Sample& sample) { return info(sample.error).key; }
};

}  // namespace loadgen::engine
