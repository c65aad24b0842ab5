#include "http/response_parser.hpp"

#include <utility>

#include <boost/beast/http/error.hpp>
#include <boost/system/errc.hpp>

namespace loadgen::http {

namespace beast = boost::beast;

namespace {

/// A server may send any number of 1xx responses; one that sends more than this is not going to answer.
constexpr int kMostInformational = 100;

constexpr int kContinue = 100;
constexpr int kPartialContent = 206;

}  // namespace

ResponseParser::Grammar::Grammar(ResponseParser& owner, bool head, const ResponseLimits& limits) : owner_(owner) {
  eager(true);
  skip(head);
  header_limit(limits.header);
  body_limit(limits.body);
}

void ResponseParser::Grammar::on_field_impl(beast::http::field field, string_view name, string_view value,
                                            error_code&) {
  // Trailer fields come through here too; what a plan expects is a header.
  if (!owner_.reads_header_ || is_header_done()) return;
  owner_.checks_.on_header(owner_.request_->checks, {name.data(), name.size()}, {value.data(), value.size()});
  if (owner_.kept_ != nullptr) owner_.kept_->on_header({name.data(), name.size()}, {value.data(), value.size()});
  if (field == beast::http::field::content_encoding) owner_.on_content_encoding({value.data(), value.size()});
}

std::size_t ResponseParser::Grammar::body(string_view piece, error_code& error) {
  if (owner_.reads_body_) owner_.on_body({piece.data(), piece.size()}, error);
  return piece.size();
}

/// Two of these are two codings, one over the other: such a body is left as it comes.
void ResponseParser::on_content_encoding(std::string_view value) {
  const bool first = !std::exchange(coded_, true);
  coding_ = first ? find_content_coding(value) : std::nullopt;
  if (coding_ && !request_->decodes.contains(*coding_)) coding_.reset();
}

void ResponseParser::on_header() {
  if (!coding_) return;
  // Part of a coded body is not a coded part of the body: it cannot be decoded by itself.
  if (status_ == kPartialContent) return;
  if (!decoder_) decoder_ = std::make_unique<Decoder>();
  decoder_->begin(*coding_, limits_.body);
  decoding_ = reads_body_ = true;
}

void ResponseParser::on_body(std::string_view piece, beast::error_code& error) {
  if (decoding_ && !piece.empty()) return decode(piece, error);
  checks_.on_body(request_->checks, piece);
}

void ResponseParser::decode(std::string_view piece, beast::error_code& error) {
  decoder_->give(piece);
  for (std::string_view some = decoder_->take(); !some.empty(); some = decoder_->take())
    checks_.on_body(request_->checks, some);
  if (decoder_->state() == Decoder::State::malformed)
    error = make_error_code(boost::system::errc::bad_message);
  else if (decoder_->state() == Decoder::State::too_large)
    error = beast::http::error::body_limit;
}

void ResponseParser::begin(const PreparedRequest& request, const ResponseLimits& limits, KeptHeaders* kept) {
  request_ = &request;
  kept_ = kept;
  limits_ = limits;
  informational_ = 0;
  continue_ = false;
  reads_header_ = !request.checks.headers.empty() || request.decodes.any() || kept != nullptr;
  restart();
}

void ResponseParser::restart() {
  checks_ = CheckState{};
  coding_.reset();
  coded_ = decoding_ = false;
  reads_body_ = request_->checks.want_body();
  if (kept_ != nullptr) kept_->clear();
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
    continue_ |= status_ == kContinue;
    if (++informational_ <= kMostInformational) return restart();
    state_ = State::failed;
    error_ = ErrorKind::response_too_large;
    return;
  }
  if (decoding_ && decoder_->state() != Decoder::State::whole) {
    state_ = State::failed;
    error_ = ErrorKind::malformed_response;
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
