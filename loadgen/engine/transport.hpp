#pragma once
// How bytes get in and out, apart from what they mean: the part of an engine that differs between kernel interfaces.
// A transport owns the sockets of a shard's connections and tells a sink what became of them, one call a happening.

#include <cerrno>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/error_kind.hpp"
#include "base/time.hpp"
#include "engine/address.hpp"
#include "engine/connection.hpp"
#include "engine/engine_options.hpp"
#include "http/prepared_request.hpp"

namespace loadgen::engine {

/// Happenings handed over by one poll: enough to share a wake-up, few enough that pacing gets its turn.
inline constexpr int kEventsAtOnce = 64;

/// Pieces of 64 KiB that are read from files and sent before the others get their turn: 256 KiB, 0.1 ms. As many as a
/// poll receives of one connection (16) would keep a due request waiting for half a millisecond, and more buys nothing.
inline constexpr int kPiecesInATurn = 4;
inline constexpr std::size_t kPieceSize = 64U << 10;

/// Some want to know more than the connections.
template <class Transport>
Transport make_transport(std::span<Connection> connections, const EngineOptions& options) {
  if constexpr (std::is_constructible_v<Transport, std::span<Connection>, const EngineOptions&>)
    return Transport(connections, options);
  else
    return Transport(connections);
}

/// Bytes of a request and of its response.
struct Traffic {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
};

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

/// What was done on a connection before it could carry a request, by a transport that makes the requests itself.
struct Handshakes {
  TimePoint connected;         ///< the way to the target stood, through a proxy or not
  TimePoint secured = kUnset;  ///< and TLS with it; kUnset: there is none
  bool resumed = false;
};

/// What a transport calls besides, that knows of requests.
template <class S>
concept RequestSink = TransportSink<S> &&
    requires(S sink, Connection& connection, ErrorKind kind, int error, const Handshakes& handshakes) {
  sink.on_made_ready(connection, handshakes);  ///< what secure() began is done, and the request under way
  sink.on_unsent(connection);  ///< the server turned out to have closed it before anything of the request was sent
  sink.on_failed(connection, kind, error);  ///< what came is no answer, or none that it takes
};

/// open(connection, route) -> 0 or errno: begins to connect.
/// send(connection, bytes) -> bytes taken, or -errno; what was not taken is asked for by on_writable.
/// send_piece(connection, bytes), where send keeps the bytes: gives them back with on_writable.
/// close(connection): at once; nothing more is told of this socket. poll(at_most, sink): waits for the first happening,
/// or only looks when at_most is not positive.
/// send_request(connection, request, from), instead of send: the transport makes the bytes itself. Returns how many
/// more than `from` have left, or -errno; the call from 0 begins the request. sent(connection): how many have by now.
/// secure(connection) -> 0 or errno, where the transport can do that: begins what a target that shakes hands needs once
/// its connection stands; on_secured or on_failed follows. secure(connection, request) begins
/// the request too; on_made_ready or on_failed follows, and nothing when there is no request yet.
template <class T>
concept RequestTransport = requires(T transport, Connection& connection, const http::PreparedRequest& request,
                                    std::size_t from) {
  { transport.send_request(connection, request, from) } -> std::same_as<ssize_t>;
};
template <class T>
concept SecuresForARequest = RequestTransport<T> &&
    requires(T transport, Connection& connection, const http::PreparedRequest* request) {
  { transport.secure(connection, request) } -> std::same_as<int>;
};
template <class T>
concept ByteTransport = requires(T transport, Connection& connection, std::string_view bytes) {
  { transport.send(connection, bytes) } -> std::same_as<ssize_t>;
};
/// Whose connections are shared: open() may find one that stands (the state says so) or that somebody else opens
/// (joined), to another of the target's addresses (attempt), and what a request moves on it only the transport knows.
template <class T>
concept SharingTransport = requires(T transport, Connection& connection) {
  { transport.joined(connection) } -> std::same_as<bool>;
  { transport.attempt(connection) } -> std::same_as<std::uint32_t>;
  /// connection has waited for too long: who has waited for the same one and has none now, since it is given up.
  { transport.give_up(connection) } -> std::same_as<std::vector<Connection*>>;
  { transport.take_traffic(connection) } -> std::same_as<Traffic>;
  transport.let_go(connection);  ///< the body of the request, which has asked whether to go on
};
template <class T, class S>
concept Transport = TransportSink<S> &&(ByteTransport<T> || (RequestTransport<T> && RequestSink<S>)) &&
                    requires(T transport, Connection& connection, const Route& route, Duration at_most, S& sink) {
  { transport.open(connection, route) } -> std::same_as<int>;
  transport.close(connection);
  transport.poll(at_most, sink);
  { transport.measures_receive_lag() } -> std::same_as<bool>;
};

}  // namespace loadgen::engine
