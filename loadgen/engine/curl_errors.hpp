#pragma once
// What libcurl says of a transfer that ended before its response was whole -> ErrorKind.

#include <algorithm>
#include <array>

#include <curl/curl.h>

#include "base/error_kind.hpp"

namespace loadgen::engine {

struct CurlError {
  CURLcode code;
  ErrorKind kind;  ///< none: the connection ended; its errno and what had come by then say more
};

inline constexpr std::array<CurlError, 11> kCurlErrors{{
    {CURLE_OK, ErrorKind::none},            // to libcurl the response was whole
    {CURLE_GOT_NOTHING, ErrorKind::none},   // not one line of a header
    {CURLE_PARTIAL_FILE, ErrorKind::none},  // less than Content-Length, or chunks without an end
    {CURLE_RECV_ERROR, ErrorKind::none},
    {CURLE_SEND_ERROR, ErrorKind::none},
    {CURLE_COULDNT_CONNECT, ErrorKind::none},  // wanted to send again on a new connection, which is not its to decide
    {CURLE_UNSUPPORTED_PROTOCOL, ErrorKind::malformed_response},  // a version that is not HTTP's
    {CURLE_WEIRD_SERVER_REPLY, ErrorKind::malformed_response},  // a header with NUL, a Content-Length that is no number
    {CURLE_BAD_CONTENT_ENCODING, ErrorKind::malformed_response},
    {CURLE_HTTP2, ErrorKind::malformed_response},
    {CURLE_OUT_OF_MEMORY, ErrorKind::response_too_large},  // also of a header line longer than libcurl's own 100 KiB
}};

/// other for a code that is not in the table.
constexpr ErrorKind curl_error(CURLcode code) {
  const auto* const row =
      std::find_if(kCurlErrors.begin(), kCurlErrors.end(), [&](const CurlError& e) { return e.code == code; });
  return row == kCurlErrors.end() ? ErrorKind::other : row->kind;
}

}  // namespace loadgen::engine
