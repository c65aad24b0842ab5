#pragma once
// A prepared request in HTTP/2's words: pseudo-header fields, and names in lower case (RFC 9113, 8.2 and 8.3). Made
// once for each request of the plan, sent as it is.

#include <span>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "http/prepared_request.hpp"

namespace loadgen::engine {

class Http2Request {
 public:
  /// request must outlive it. Of one that is made while running (one_off) the fields are copied when it is submitted.
  Http2Request(const http::PreparedRequest& request, std::string_view scheme);
  Http2Request(Http2Request&&) = default;
  Http2Request& operator=(Http2Request&&) = default;
  Http2Request(const Http2Request&) = delete;
  Http2Request& operator=(const Http2Request&) = delete;

  std::span<const nghttp2_nv> fields() const { return fields_; }
  const http::PreparedRequest& request() const { return *request_; }

 private:
  void add(std::string_view name, std::string_view value);
  std::string_view lower(std::string_view name);

  std::vector<char> names_;  ///< of the plan's fields, one after another; never grows beyond its first capacity
  std::vector<nghttp2_nv> fields_;
  const http::PreparedRequest* request_;
  std::uint8_t flags_;
};

}  // namespace loadgen::engine
