#pragma once
// `--listen ADDR:PORT`: a page at /metrics that a monitoring system reads while the run goes on. It has a thread of its
// own and knows nothing of the run but the text that was published last, so whoever asks, and however, the run is not
// held up: a connection gets one request of at most 8 KiB, 5 s for all, and there are at most 16.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace loadgen::cli {

struct ListenAddress {
  std::string host;        ///< an IP address
  std::uint16_t port = 0;  ///< 0: a free one
};

/// "127.0.0.1:9464", "[::1]:9464", "localhost:0". Error: what is wrong, and what to write.
Result<ListenAddress> parse_listen_address(std::string_view text);

class MetricsEndpoint {
 public:
  /// Listens and serves from here on; until the first publish() the page is empty.
  /// Error: why it cannot listen there.
  static Result<MetricsEndpoint> open(const ListenAddress& address);
  MetricsEndpoint(MetricsEndpoint&&) noexcept;
  MetricsEndpoint& operator=(MetricsEndpoint&&) noexcept;
  ~MetricsEndpoint();  ///< closes, whoever is connected

  /// From any thread: what is served from now on, of this media type.
  void publish(std::string text, std::string_view type);
  /// "http://127.0.0.1:9464/metrics", with the port that was chosen.
  const std::string& url() const;

 private:
  class Server;
  explicit MetricsEndpoint(std::unique_ptr<Server> server);

  std::unique_ptr<Server> server_;
};

}  // namespace loadgen::cli
