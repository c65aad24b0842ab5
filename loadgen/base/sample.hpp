#pragma once
// What became of one request: the only thing an engine hands back. 104 bytes, owns no memory.

#include <cstdint>
#include <type_traits>

#include "base/error_kind.hpp"
#include "base/time.hpp"

namespace loadgen {

/// Sample::request of a connection that was opened without one.
inline constexpr std::uint16_t kNoRequest = UINT16_MAX;
/// Sample::receive_lag_ns when nobody looked.
inline constexpr std::uint32_t kNoReceiveLag = UINT32_MAX;

struct Sample {
  TimePoint
      due;  ///< when the plan wanted it (user's start, or previous response's end plus think time); set by the loop
  TimePoint started;    ///< connect begun, or just before the first byte was sent on a kept connection
  TimePoint connected;  ///< kUnset when the connection was reused or never established
  TimePoint secured;    ///< TLS handshake done; kUnset when there was none on this connection or it failed
  /// First response byte read; kUnset when none came. Of a request that asked whether to go on (Expect: 100-continue),
  /// the first after the 100, which is no part of the answer.
  TimePoint first_byte;
  TimePoint finished;  ///< last body byte read, or the failure noticed
  Duration waited{};   ///< at max_in_flight, for a place: part of the response time and nobody's lag; set by the loop
  /// Of a request that responses led on, by a redirect or a challenge: from the first response's first byte to the last
  /// one's, or to the end if none came. started to first_byte are then those of the first request, finished, status and
  /// error those of the last; bytes are summed. Set by the loop.
  Duration following_up{};
  std::uint64_t bytes_in = 0;       ///< response bytes off the socket: header, body and their framing
  std::uint32_t slot = 0;           ///< the user within the shard
  std::uint32_t bytes_out = 0;      ///< request bytes given to the kernel; UINT32_MAX: that many or more
  std::uint32_t bytes_decoded = 0;  ///< of the body once its content coding was undone; 0: it was not decoded
  std::uint16_t request = 0;        ///< index into the plan's requests, over all thread groups
  std::uint16_t status = 0;         ///< 0 when no status line came
  std::uint16_t system_error = 0;   ///< errno behind the failure, 0 when there is none
  ErrorKind error = ErrorKind::none;
  bool new_connection : 1 = false;  ///< this request opened its connection (or tried to)
  bool reopened : 1 =
      false;                 ///< the server had closed the kept connection; the request was sent once more on a new one
  bool resent : 1 = false;   ///< the server had not begun with it (HTTP/2 says so), and it was sent once more
  bool resumed : 1 = false;  ///< the TLS handshake resumed the session of an earlier connection of this user
  std::uint8_t redirects = 0;          ///< how many were followed; set by the loop
  std::uint8_t challenges = 0;         ///< how many were answered; set by the loop
  std::uint8_t connected_between = 0;  ///< connections that requests after the first opened; set by the loop
  std::uint32_t receive_lag_ns =
      kNoReceiveLag;  ///< arrival in the kernel -> read, of the last piece, where the engine looked

  bool succeeded() const { return error == ErrorKind::none; }
  Duration response_time() const { return finished - due; }
  /// Requests after the first.
  int follow_ups() const { return redirects + challenges; }
  Duration service_time() const { return finished - started; }
  Duration send_lag() const { return started - due - waited; }
  /// A connection opened ahead of time (Engine::connect): no request was sent.
  bool only_connected() const { return request == kNoRequest; }
};

static_assert(std::is_trivially_copyable_v<Sample> && sizeof(Sample) <= 104);

}  // namespace loadgen
