#include "cli/metrics_endpoint.hpp"

#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "base/units.hpp"

namespace loadgen::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::size_t kMostRequest = 8192;  // bytes
constexpr auto kMostTime = std::chrono::seconds(5);
constexpr int kMostConnections = 16;
constexpr auto kAfterFailedAccept = std::chrono::milliseconds(100);

struct Page {
  std::string text;
  std::string type = "text/plain";
};

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

Response answer(const Request& request, Page page) {
  const std::string_view target = request.target().substr(0, request.target().find('?'));
  const bool head = request.method() == http::verb::head;
  Response response;
  response.version(request.version());
  if (!head && request.method() != http::verb::get) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET, HEAD");
  } else if (target != "/metrics") {
    response.result(http::status::not_found);
    response.body() = "There is only /metrics.\n";
  } else {
    response.set(http::field::content_type, page.type);
    response.body() = std::move(page.text);
  }
  response.keep_alive(false);
  response.prepare_payload();
  if (head) response.body().clear();  // its length has been told
  return response;
}

}  // namespace

/// What runs in the thread, and what it shares.
class MetricsEndpoint::Server {
 public:
  explicit Server(const tcp::endpoint& at) : acceptor_(io_, at) {  // sets SO_REUSEADDR
    const tcp::endpoint chosen = acceptor_.local_endpoint();
    const std::string host =
        chosen.address().is_v6() ? fmt::format("[{}]", chosen.address().to_string()) : chosen.address().to_string();
    url_ = fmt::format("http://{}:{}/metrics", host, chosen.port());
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::jthread([this] { io_.run(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { io_.stop(); }  // the thread, the last member, is joined before anything else goes

  void publish(Page page) {
    const std::scoped_lock lock(mutex_);
    page_ = std::move(page);
  }
  const std::string& url() const { return url_; }

 private:
  Page page() {
    const std::scoped_lock lock(mutex_);
    return page_;
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(io_);
    while (true) {
      boost::system::error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error) {  // of this connection, or no descriptor is left for it
        pause.expires_after(kAfterFailedAccept);
        co_await pause.async_wait(asio::use_awaitable);
      } else if (connections_ < kMostConnections) {
        ++connections_;
        asio::co_spawn(io_, serve(beast::tcp_stream(std::move(socket))),
                       [this](const std::exception_ptr&) { --connections_; });
      }
    }
  }

  /// Leaves with an exception when the peer is gone, slow, or speaks no HTTP: there is nobody to tell.
  asio::awaitable<void> serve(beast::tcp_stream stream) {
    stream.expires_after(kMostTime);
    beast::flat_buffer buffer(kMostRequest);
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kMostRequest);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    Response response = answer(parser.get(), page());
    http::response_serializer<http::string_body> serializer(response);
    co_await http::async_write(stream, serializer, asio::use_awaitable);
    stream.socket().shutdown(tcp::socket::shutdown_send);
  }

  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  std::string url_;
  int connections_ = 0;  ///< of the thread
  std::mutex mutex_;
  Page page_;
  std::jthread thread_;
};

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const Error wrong{
      fmt::format(R"("{}" is not an address with a port; write 127.0.0.1:9464, [::1]:9464 or localhost:0)", text)};
  if (colon == std::string_view::npos) return wrong;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong;
  }
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  asio::ip::make_address(std::string(host), error);
  const auto port = parse_count(text.substr(colon + 1));
  if (error || !port || *port > UINT16_MAX) return wrong;
  return ListenAddress{std::string(host), static_cast<std::uint16_t>(*port)};
}

Result<MetricsEndpoint> MetricsEndpoint::open(const ListenAddress& address) {
  const tcp::endpoint at(asio::ip::make_address(address.host), address.port);
  try {
    return MetricsEndpoint(std::make_unique<Server>(at));
  } catch (const boost::system::system_error& error) {
    return Error{fmt::format("cannot listen on port {} of {}: {}; name another port, or 0 for a free one", address.port,
                             address.host, error.code().message())};
  }
}

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<Server> server) : server_(std::move(server)) {}
MetricsEndpoint::MetricsEndpoint(MetricsEndpoint&&) noexcept = default;
MetricsEndpoint& MetricsEndpoint::operator=(MetricsEndpoint&&) noexcept = default;
MetricsEndpoint::~MetricsEndpoint() = default;

void MetricsEndpoint::publish(std::string text, std::string_view type) {
  server_->publish({std::move(text), std::string(type)});
}

const std::string& MetricsEndpoint::url() const {
  return server_->url();
}

}  // namespace loadgen::cli
