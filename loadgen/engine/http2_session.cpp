#include "engine/http2_session.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace loadgen::engine {
namespace {

constexpr std::size_t kFrameHeader = 9;  ///< RFC 9113, 4.1
/// What a server may send before it hears from us, on a stream and on the connection: a load generator reads all that
/// comes at once, so flow control would only cost round trips. As h2load has it.
constexpr std::int32_t kWindow = (1 << 30) - 1;
/// More memory for heads than this is given back: a thousand usual ones.
constexpr std::size_t kMostKept = 1U << 20;

void must(int result) {
  if (result != 0) throw std::bad_alloc();  // the arguments are constants: nothing else can be wrong
}

std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

/// What nghttp2 calls. It may be told to end a stream in there, but not itself to end, so all of it only takes notes.
struct Http2Session::Callbacks {
  static Http2Session& of(void* self) { return *static_cast<Http2Session*>(self); }

  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* hd, void* self) {
    if (hd->type == NGHTTP2_HEADERS) of(self).block_size_ = 0;
    if (hd->type == NGHTTP2_HEADERS || hd->type == NGHTTP2_CONTINUATION)
      of(self).block_size_ += kFrameHeader + hd->length;
    return 0;
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame*, void* self) {
    of(self).head_.clear();
    of(self).head_size_ = 0;
    of(self).informational_ = false;
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
    Http2Session& s = of(self);
    s.head_size_ += name_size + value_size + std::strlen(": \r\n");
    if (s.head_size_ > s.most_header_) {
      if (const Http2Stream* const stream = s.stream_of(frame->hd.stream_id))
        s.tell_failed(*stream, ErrorKind::response_too_large);
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    const std::string_view field = text_of(name, name_size);
    if (field == ":status") {
      s.informational_ = *value == '1';  // nghttp2 has seen that it has three digits
      s.head_.append("HTTP/1.1 ").append(text_of(value, value_size)).append(" \r\n");
    } else if (!s.head_.empty() && !s.informational_)  // nobody reads those fields, and there may be any number
      s.head_.append(field).append(": ").append(text_of(value, value_size)).append("\r\n");
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* self) {
    Http2Stream* const stream = of(self).stream_of(id);
    if (stream == nullptr) return 0;
    stream->traffic.in += size;
    of(self).tell(*stream, Http2News::Kind::body, text_of(data, size));
    return 0;
  }

  static int on_frame_received(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    of(self).on_frame(*frame);
    return 0;
  }

  static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    const nghttp2_frame_hd& hd = frame->hd;
    if (hd.type == NGHTTP2_GOAWAY) of(self).broken_ = true;  // we say it only in anger
    const bool counts = hd.type == NGHTTP2_HEADERS || hd.type == NGHTTP2_DATA;
    Http2Stream* const stream = counts ? of(self).stream_of(hd.stream_id) : nullptr;
    if (stream != nullptr) stream->traffic.out += kFrameHeader + hd.length;
    return 0;
  }

  static int on_stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* self) {
    if (Http2Stream* const stream = of(self).stream_of(id)) of(self).on_close(*stream, code);
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t room, std::uint32_t* flags,
                           nghttp2_data_source* source, void* self) {
    Http2Stream& stream = *static_cast<Http2Stream*>(source->ptr);
    if (stream.id != id || stream.session != self) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // another's by now
    if (stream.held) return NGHTTP2_ERR_DEFERRED;
    const ssize_t size = stream.request->read(stream.read, {reinterpret_cast<char*>(to), room});
    if (size < 0) {
      of(self).tell_failed(stream, ErrorKind::upload, static_cast<int>(-size));
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // which resets the stream
    }
    stream.read += static_cast<std::uint64_t>(size);
    if (stream.read == stream.request->size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return size;
  }
};

void Http2News::clear() {
  items.clear();
  text.clear();
  if (text.capacity() > kMostKept) text.shrink_to_fit();
}

Http2Setup::Http2Setup(std::uint32_t most_header) : most_header_(most_header) {
  nghttp2_session_callbacks* callbacks = nullptr;
  must(nghttp2_session_callbacks_new(&callbacks));
  callbacks_.reset(callbacks);
  using Calls = Http2Session::Callbacks;
  nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, &Calls::on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &Calls::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &Calls::on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &Calls::on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &Calls::on_frame_received);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, &Calls::on_frame_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &Calls::on_stream_closed);
}

Http2Session::Http2Session(const Http2Setup& setup, Http2News& news) : news_(news), most_header_(setup.most_header_) {
  nghttp2_session* session = nullptr;
  must(nghttp2_session_client_new(&session, setup.callbacks_.get(), this));
  session_.reset(session);
  const std::array settings{nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                            nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow},
                            nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, most_header_}};
  must(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
  must(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kWindow));
}

bool Http2Session::submit(Http2Stream& stream, const Http2Request& request) {
  nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = &Callbacks::read_body};
  const http::PreparedRequest& sent = request.request();
  const bool has_body = sent.size() > sent.header_size();
  const std::int32_t id = nghttp2_submit_request(session_.get(), nullptr, request.fields().data(),
                                                 request.fields().size(), has_body ? &body : nullptr, &stream);
  if (id < 0) return false;
  stream.id = id;
  stream.session = this;
  stream.request = &sent;
  stream.read = sent.header_size();
  stream.held = sent.awaits_continue;
  stream.answered = false;
  stream.reset = false;
  stream.traffic = {};
  return true;
}

void Http2Session::let_go(Http2Stream& stream) {
  stream.held = false;
  if (stream.id != 0) nghttp2_session_resume_data(session_.get(), stream.id);  // fails where it was not asked for yet
}

void Http2Session::cancel(Http2Stream& stream) {
  if (stream.id != 0) nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
  stream.id = 0;
}

void Http2Session::settle(Http2Stream& stream) {
  if (nghttp2_session_get_stream_local_close(session_.get(), stream.id) == 0) cancel(stream);
  stream.id = 0;
}

bool Http2Session::receive(std::string_view bytes) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return nghttp2_session_mem_recv(session_.get(), data, bytes.size()) >= 0;
}

std::string_view Http2Session::next_output() {
  const std::uint8_t* data = nullptr;
  const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
  if (size < 0) broken_ = true;
  return size > 0 ? text_of(data, static_cast<std::size_t>(size)) : std::string_view();
}

Http2Stream* Http2Session::stream_of(std::int32_t id) const {
  auto* const stream = static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
  return stream != nullptr && stream->id == id && stream->session == this ? stream : nullptr;
}

void Http2Session::tell(const Http2Stream& stream, Http2News::Kind kind, std::string_view bytes) {
  news_.items.push_back({.user = stream.user, .stream = stream.id, .kind = kind, .bytes = bytes});
}

void Http2Session::tell_failed(const Http2Stream& stream, ErrorKind error, int system_error) {
  news_.items.push_back({.user = stream.user,
                         .stream = stream.id,
                         .kind = Http2News::Kind::failed,
                         .error = error,
                         .system_error = system_error});
}

/// Trailers (a header block without :status) are read and passed over.
void Http2Session::on_head(const Http2Stream& stream) {
  if (head_.empty()) return;
  head_.append("\r\n");
  news_.items.push_back({.user = stream.user,
                         .stream = stream.id,
                         .kind = Http2News::Kind::head,
                         .at = news_.text.size(),
                         .size = head_.size()});
  news_.text.append(head_);
}

void Http2Session::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_SETTINGS) greeted_ = true;
  Http2Stream* const stream = frame.hd.stream_id != 0 ? stream_of(frame.hd.stream_id) : nullptr;
  if (stream == nullptr) return;
  if (frame.hd.type == NGHTTP2_RST_STREAM) stream->reset = true;
  if (frame.hd.type == NGHTTP2_HEADERS) stream->traffic.in += block_size_;
  if (frame.hd.type == NGHTTP2_DATA) stream->traffic.in += kFrameHeader + frame.data.padlen;  // the rest came before
  if (frame.hd.type == NGHTTP2_HEADERS) on_head(*stream);
  const bool may_end = frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA;
  if (!may_end || (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  stream->answered = true;
  tell(*stream, Http2News::Kind::end);
}

void Http2Session::on_close(Http2Stream& stream, std::uint32_t code) {
  if (stream.answered) return;
  // nghttp2 says REFUSED_STREAM also of what a GOAWAY left out, and of what it could not send because of one.
  if (code == NGHTTP2_REFUSED_STREAM) return tell(stream, Http2News::Kind::refused);
  if (code == NGHTTP2_HTTP_1_1_REQUIRED) return tell_failed(stream, ErrorKind::no_http2);
  tell_failed(stream, stream.reset ? ErrorKind::stream_reset : ErrorKind::malformed_response);
}

}  // namespace loadgen::engine
