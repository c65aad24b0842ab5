#include "http/response_parser.hpp"

#include <boost/beast/http/error.hpp>

namespace loadgen::http {

namespace beast = boost::beast;

namespace {

/// A server may send any number of 1xx responses; one that sends more than this is not going to answer.
constexpr int kMostInformational = 100;

}  // namespace

ResponseParser::Grammar::Grammar(ResponseParser& owner, bool head, const ResponseLimits& limits) : owner_(owner) {
  eager(true);
  skip(head);
  header_limit(limits.header);
  body_limit(limits.body);
}

void ResponseParser::Grammar::on_field_impl(beast::http::field, string_view name, string_view value, error_code&) {
  const Checks& checks = owner_.request_->checks;
  // Trailer fields come through here too; what a plan expects is a header.
  if (!checks.headers.empty() && !is_header_done())
    owner_.checks_.on_header(checks, {name.data(), name.size()}, {value.data(), value.size()});
}

std::size_t ResponseParser::Grammar::body(string_view piece) {
  const Checks& checks = owner_.request_->checks;
  if (checks.want_body()) owner_.checks_.on_body(checks, {piece.data(), piece.size()});
  return piece.size();
}

void ResponseParser::begin(const PreparedRequest& request, const ResponseLimits& limits) {
  request_ = &request;
  limits_ = limits;
  informational_ = 0;
  restart();
}

void ResponseParser::restart() {
  checks_ = CheckState{};
  status_ = 0;
  state_ = State::need_more;
  error_ = ErrorKind::none;
  grammar_.emplace(*this, request_->head, limits_);
}

std::size_t ResponseParser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (state_ == State::need_more && taken < bytes.size()) {
    // A chunked body ends with five bytes, "0 CR LF CR LF", and so goes on for at least as many wherever one looks.
    // Beast 1.81 asserts that it sees them all once it has met a chunk of size 0.
    if (grammar_->is_header_done() && grammar_->chunked() && bytes.size() - taken < 5) break;
    beast::error_code error;
    taken += grammar_->put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
    if (error == beast::http::error::need_more) break;
    if (error) {
      fail(error);
    } else if (grammar_->is_done()) {
      finish();
    }
  }
  return taken;
}

void ResponseParser::finish() {
  // 1xx are news about the response to come, except 101, after which the connection speaks something else.
  if (status_ / 100 == 1 && status_ != 101) {
    if (++informational_ <= kMostInformational) return restart();
    state_ = State::failed;
    error_ = ErrorKind::response_too_large;
    return;
  }
  state_ = State::done;
  error_ = checks_.verdict(request_->checks, status_);
}

void ResponseParser::feed_eof() {
  if (state_ != State::need_more) return;
  state_ = State::failed;
  error_ = ErrorKind::closed_before_response;
  if (!grammar_->got_some()) return;
  beast::error_code error;
  grammar_->put_eof(error);
  error_ = ErrorKind::closed_mid_body;
  if (!error) finish();
}

void ResponseParser::fail(beast::error_code why) {
  const bool too_large = why == beast::http::error::body_limit || why == beast::http::error::header_limit;
  state_ = State::failed;
  error_ = too_large ? ErrorKind::response_too_large : ErrorKind::malformed_response;
}

}  // namespace loadgen::http
