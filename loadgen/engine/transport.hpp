#pragma once
// How bytes get in and out, apart from what they mean: the part of an engine that differs between kernel interfaces.
// A transport owns the sockets of a shard's connections and tells a sink what became of them, one call a happening.

#include <cerrno>
#include <concepts>
#include <cstdint>
#include <string_view>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/error_kind.hpp"
#include "base/time.hpp"
#include "engine/connection.hpp"
#include "engine/resolve.hpp"
#include "http/prepared_request.hpp"

namespace loadgen::engine {

/// Happenings handed over by one poll: enough to share a wake-up, few enough that pacing gets its turn.
inline constexpr int kEventsAtOnce = 64;

/// What a transport calls. Each may close the connection, open it again or send on it.
template <class S>
concept TransportSink = requires(S sink, Connection& connection, std::string_view bytes, std::uint32_t receive_lag,
                                 int error) {
  sink.on_connected(connection);
  sink.on_connect_failed(connection, error);
  sink.on_writable(connection);  ///< send() had not taken everything, and may take more now
  /// bytes: valid during the call. receive_lag: as in Sample, on watched connections.
  sink.on_bytes(connection, bytes, receive_lag);
  sink.on_end(connection, error);  ///< 0: the server has closed its side; else errno
};

/// What a transport calls besides, that knows of requests.
template <class S>
concept RequestSink = TransportSink<S> && requires(S sink, Connection& connection, ErrorKind kind, int error) {
  sink.on_unsent(connection);  ///< the server turned out to have closed it before anything of the request was sent
  sink.on_failed(connection, kind, error);  ///< what came is no answer, or none that it takes
};

/// open(connection, endpoint) -> 0 or errno: begins to connect.
/// send(connection, bytes) -> bytes taken, or -errno; what was not taken is asked for by on_writable.
/// close(connection): at once; nothing more is told of this socket. poll(at_most, sink): waits for the first happening,
/// or only looks when at_most is not positive.
/// send_request(connection, request, from), instead of send: the transport makes the bytes itself. Returns how many
/// more than `from` have left, or -errno; the call from 0 begins the request.
template <class T>
concept RequestTransport = requires(T transport, Connection& connection, const http::PreparedRequest& request,
                                    std::size_t from) {
  { transport.send_request(connection, request, from) } -> std::same_as<ssize_t>;
};
template <class T>
concept ByteTransport = requires(T transport, Connection& connection, std::string_view bytes) {
  { transport.send(connection, bytes) } -> std::same_as<ssize_t>;
};
template <class T, class S>
concept Transport = TransportSink<S> &&(ByteTransport<T> || (RequestTransport<T> && RequestSink<S>)) &&
                    requires(T transport, Connection& connection, const Endpoint& endpoint, Duration at_most, S& sink) {
  { transport.open(connection, endpoint) } -> std::same_as<int>;
  transport.close(connection);
  transport.poll(at_most, sink);
  { transport.measures_receive_lag() } -> std::same_as<bool>;
};

/// A TCP socket for endpoint with Nagle's delay off; -1 and errno. extra_flags: SOCK_NONBLOCK or 0.
inline int make_socket(const Endpoint& endpoint, int extra_flags) {
  const int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | extra_flags, IPPROTO_TCP);
  const int on = 1;
  if (fd >= 0) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace loadgen::engine
