#include "engine/resolve.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace loadgen::engine {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string to_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

/// Empty when the address accepted, else why not.
std::string knock(const Endpoint& endpoint, Duration timeout) {
  asio::io_context io;
  tcp::socket socket(io);
  boost::system::error_code outcome = asio::error::timed_out;
  socket.async_connect(endpoint, [&](boost::system::error_code error) { outcome = error; });
  io.run_for(timeout);
  return outcome ? fmt::format("{}: {}", to_text(endpoint), outcome.message()) : std::string();
}

}  // namespace

Result<Target> resolve(const std::string& host, std::uint16_t port) {
  const std::string authority =
      host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
  asio::io_context io;
  boost::system::error_code error;
  const auto answers = tcp::resolver(io).resolve(host, std::to_string(port), tcp::resolver::numeric_service, error);
  if (error)
    return Error{
        fmt::format("cannot resolve \"{}\": {}. Is the name spelt right, and does this machine's resolver know it?",
                    host, error.message())};
  Target target{authority, {}};
  for (const auto& answer : answers)
    if (std::find(target.addresses.begin(), target.addresses.end(), answer.endpoint()) == target.addresses.end())
      target.addresses.push_back(answer.endpoint());
  return target;
}

Result<Target> probe(Target target, Duration timeout) {
  std::string reasons;
  for (auto address = target.addresses.begin(); address != target.addresses.end(); ++address) {
    const std::string reason = knock(*address, timeout);
    if (reason.empty()) {
      std::rotate(target.addresses.begin(), address, address + 1);
      return target;
    }
    reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  return Error{fmt::format("cannot connect to {} ({}). Is the server running, and listening on that address and port?",
                           target.authority, reasons)};
}

}  // namespace loadgen::engine
