#pragma once
// What a response must be, checked while its bytes pass by: nothing of the response is kept.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error_kind.hpp"
#include "http/header.hpp"
#include "http/status_set.hpp"

namespace loadgen::http {

/// A text to look for in a stream of pieces: Knuth-Morris-Pratt, so the state between two pieces is one number.
class Needle {
 public:
  explicit Needle(std::string text);
  /// Reads one more piece from state (0 at first); returns the new state, size() once the text was found.
  std::uint32_t advance(std::uint32_t state, std::string_view piece) const noexcept;
  std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }

 private:
  std::string text_;
  std::vector<std::uint32_t> failure_;  ///< failure_[i]: length of the longest proper border of text_[0..i]
};

/// The expectations of one request: immutable, shared by all responses to it.
struct Checks {
  static constexpr std::size_t kMaxHeaders = 64;

  StatusSet status = StatusSet::jmeter_success();
  std::optional<std::string> body_equals;
  std::optional<Needle> body_contains;
  std::vector<Header> headers;  ///< at most kMaxHeaders; name without regard to case, value exactly

  bool want_body() const { return body_equals || body_contains; }
};

/// How far one response has come against its Checks.
class CheckState {
 public:
  void on_header(const Checks& checks, std::string_view name, std::string_view value) noexcept;
  void on_body(const Checks& checks, std::string_view piece) noexcept;
  /// none, status or expectation: the status is judged first.
  ErrorKind verdict(const Checks& checks, int status_code) const noexcept;

 private:
  std::uint64_t headers_seen_ = 0;  ///< bit i: checks.headers[i] was there
  std::uint64_t equal_so_far_ = 0;  ///< body bytes that matched body_equals; kDiffers once one did not
  std::uint32_t needle_state_ = 0;
  static constexpr std::uint64_t kDiffers = UINT64_MAX;
};

}  // namespace loadgen::http
