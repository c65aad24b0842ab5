#pragma once
// Bytes of a response in, what became of it out. A push parser: no I/O, nothing kept of header or body unless asked
// for, no allocation but of a decoder with the first body that needs one. The grammar is Boost.Beast's basic_parser;
// ours are the checks, the limits, the decoding and the 1xx responses passed over.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>

#include "base/error_kind.hpp"
#include "http/checks.hpp"
#include "http/content_coding.hpp"
#include "http/decoder.hpp"
#include "http/kept_headers.hpp"
#include "http/prepared_request.hpp"

namespace loadgen::http {

struct ResponseLimits {
  std::uint32_t header = 64U << 10;  ///< bytes of status line and headers; more is response_too_large
  std::uint64_t body = 64ULL << 20;  ///< bytes of body, coded or decoded; more is response_too_large
};

class ResponseParser {
 public:
  enum class State : std::uint8_t { need_more, done, failed };

  /// Starts on the response to request, which must outlive it. What is to be kept of its header goes into kept;
  /// nullptr: nothing.
  void begin(const PreparedRequest& request, const ResponseLimits& limits, KeptHeaders* kept = nullptr);

  /// Reads from bytes as much as it can and returns how many it took. What it leaves (the beginning of something that
  /// is not whole yet) must stand at the front of the next call's bytes. After done, the rest is no part of the
  /// response.
  std::size_t feed(std::string_view bytes);

  /// The server closed: done where the close is what ends the body, else failed.
  void feed_eof();

  State state() const { return state_; }
  /// After done: none, status or expectation. After failed: malformed_response, response_too_large,
  /// closed_before_response or closed_mid_body.
  ErrorKind error() const { return error_; }
  /// Whether a 100 (Continue) has been passed over since this was asked last.
  bool take_continue() { return std::exchange(continue_, false); }
  int status() const { return status_; }  ///< 0 until a status line came
  /// Of the body after decoding; 0: it was not decoded.
  std::uint64_t bytes_decoded() const { return decoding_ ? decoder_->bytes() : 0; }
  /// After done: whether the server lets the connection be used again.
  bool keep_alive() const { return grammar_->is_header_done() && grammar_->keep_alive(); }

 private:
  class Grammar final : public boost::beast::http::basic_parser<false> {
   public:
    Grammar(ResponseParser& owner, bool head, const ResponseLimits& limits);

   private:
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;
    void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view, int, error_code&) override { owner_.status_ = code; }
    void on_field_impl(boost::beast::http::field field, string_view name, string_view value, error_code&) override;
    void on_header_impl(error_code&) override { owner_.on_header(); }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(string_view piece, error_code& error) override { return body(piece, error); }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error_code& error) override {
      return body(piece, error);
    }
    void on_finish_impl(error_code&) override {}

    std::size_t body(string_view piece, error_code& error);

    ResponseParser& owner_;
  };

  void on_content_encoding(std::string_view value);
  void on_header();
  void on_body(std::string_view piece, boost::beast::error_code& error);
  void decode(std::string_view piece, boost::beast::error_code& error);
  void fail(boost::beast::error_code why);
  void finish();
  void restart();

  std::optional<Grammar> grammar_;
  const PreparedRequest* request_ = nullptr;
  KeptHeaders* kept_ = nullptr;
  ResponseLimits limits_;
  CheckState checks_;
  std::unique_ptr<Decoder> decoder_;     ///< made with the first body that needs it, kept for the next
  std::optional<ContentCoding> coding_;  ///< that the header names and the request wants undone
  bool decoding_ = false;                ///< the header is over, and the body goes through decoder_
  bool coded_ = false;                   ///< a Content-Encoding came
  bool reads_header_ = false;            ///< somebody wants to see its fields
  bool reads_body_ = false;              ///< somebody wants to see it
  bool continue_ = false;                ///< a 100 came, and nobody has asked yet
  int status_ = 0;
  int informational_ = 0;  ///< 1xx responses passed over
  State state_ = State::need_more;
  ErrorKind error_ = ErrorKind::none;
};

}  // namespace loadgen::http
