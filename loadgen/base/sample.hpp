#pragma once
// What became of one request: the only thing an engine hands back. 64 bytes, owns no memory.

#include <cstdint>
#include <type_traits>

#include "base/error_kind.hpp"
#include "base/time.hpp"

namespace loadgen {

struct Sample {
  TimePoint due;         ///< when the plan wanted it (user's start, or previous response's end plus think time); set by the loop
  TimePoint started;     ///< connect begun, or just before the first byte was sent on a kept connection
  TimePoint connected;   ///< kUnset when the connection was reused or never established
  TimePoint first_byte;  ///< first response byte read; kUnset when none came
  TimePoint finished;    ///< last body byte read, or the failure noticed
  std::uint64_t bytes_in = 0;  ///< response bytes off the socket: header, body and chunk framing
  std::uint32_t slot = 0;      ///< the user within the shard
  std::uint32_t bytes_out = 0; ///< request bytes given to the kernel
  std::uint16_t request = 0;   ///< index into the plan's requests, over all thread groups
  std::uint16_t status = 0;    ///< 0 when no status line came
  std::uint16_t system_error = 0;  ///< errno behind the failure, 0 when there is none
  ErrorKind error = ErrorKind::none;
  bool new_connection = false;  ///< this request opened its connection (or tried to)
  bool reopened = false;        ///< the server had closed the kept connection; the request was sent once more on a new one

  bool succeeded() const { return error == ErrorKind::none; }
  Duration response_time() const { return finished - due; }
  Duration service_time() const { return finished - started; }
  Duration send_lag() const { return started - due; }
};

static_assert(std::is_trivially_copyable_v<Sample> && sizeof(Sample) <= 72);

}  // namespace loadgen
