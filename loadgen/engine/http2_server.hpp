#pragma once
// For tests: a server that speaks HTTP/2, by nghttp2's server side. A script decides what a request gets.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "engine/test_servers.hpp"

namespace loadgen::engine {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Http2Asked {
  std::int32_t stream = 0;
  Fields fields;
  std::string body;
  std::uint64_t wire_bytes = 0;  ///< of its frames, as they were counted on this side
  std::string field(std::string_view name) const {
    for (const auto& [key, value] : fields)
      if (key == name) return value;
    return {};
  }
};

/// One connection of a client, over any stream that Asio reads and writes.
template <class Stream>
class Http2Peer {
 public:
  using OnRequest = std::function<void(Http2Peer&, const Http2Asked&)>;

  Http2Peer(Stream& stream, OnRequest on_request, std::vector<nghttp2_settings_entry> settings = {})
      : stream_(stream), on_request_(std::move(on_request)) {
    stream.lowest_layer().set_option(tcp::no_delay(true));  // a window in small pieces would wait for acknowledgements
    nghttp2_session_callbacks* calls = nullptr;
    nghttp2_session_callbacks_new(&calls);
    nghttp2_session_callbacks_set_on_begin_frame_callback(calls, &Http2Peer::on_begin_frame);
    nghttp2_session_callbacks_set_on_header_callback(calls, &Http2Peer::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, &Http2Peer::on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, &Http2Peer::on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(calls, &Http2Peer::on_sent);
    nghttp2_session_server_new(&session_, calls, this);
    nghttp2_session_callbacks_del(calls);
    nghttp2_submit_settings(session_, 0, settings.data(), settings.size());
  }
  ~Http2Peer() { nghttp2_session_del(session_); }
  Http2Peer(const Http2Peer&) = delete;
  Http2Peer& operator=(const Http2Peer&) = delete;

  /// Serves until the client goes, or the script has said enough.
  void serve() {
    std::array<char, 16'384> buffer;
    while (!hang_up_ && flush()) {
      boost::system::error_code error;
      const std::size_t size = stream_.read_some(asio::buffer(buffer), error);
      if (error) return;
      if (nghttp2_session_mem_recv(session_, reinterpret_cast<std::uint8_t*>(buffer.data()), size) < 0) return;
    }
    // With something unread the kernel would reset the connection instead of closing it.
    boost::system::error_code error;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, error);
    while (!error) stream_.read_some(asio::buffer(buffer), error);
  }

  void answer(std::int32_t stream, Fields fields, std::string body = {}, Fields trailers = {}) {
    Answer& a = answers_[stream] = {std::move(body), std::move(trailers), 0};
    nghttp2_data_provider provider{.source = {.ptr = &a}, .read_callback = &Http2Peer::read};
    const std::vector<nghttp2_nv> nv = of(fields);
    nghttp2_submit_response(session_, stream, nv.data(), nv.size(), a.body.empty() ? nullptr : &provider);
  }
  void inform(std::int32_t stream, const Fields& fields) {
    const std::vector<nghttp2_nv> nv = of(fields);
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream, nullptr, nv.data(), nv.size(), nullptr);
  }
  void reset(std::int32_t stream, std::uint32_t code) { nghttp2_submit_rst_stream(session_, 0, stream, code); }
  void go_away(std::int32_t last) { nghttp2_submit_goaway(session_, 0, last, NGHTTP2_NO_ERROR, nullptr, 0); }
  /// Ends serve() once what was submitted has been sent.
  void hang_up() { hang_up_ = true; }
  /// Bytes of response frames sent on a stream.
  std::uint64_t sent_on(std::int32_t stream) const { return sent_.at(stream); }
  /// Called with a request whose body is still to come, if it is set.
  OnRequest on_head;
  /// Called with the code by which the client has reset a stream, if it is set.
  std::function<void(std::uint32_t)> on_reset;
  /// Requests that are not answered to the end.
  std::size_t open() const { return open_; }
  void send_raw(std::string_view bytes) {
    boost::system::error_code ignored;
    asio::write(stream_, asio::buffer(bytes), ignored);
  }
  bool flush() {
    const std::uint8_t* data = nullptr;
    ssize_t size = 0;
    boost::system::error_code error;
    while (!error && (size = nghttp2_session_mem_send(session_, &data)) > 0)
      asio::write(stream_, asio::buffer(data, static_cast<std::size_t>(size)), error);
    return !error && !hang_up_;
  }

 private:
  struct Answer {
    std::string body;
    Fields trailers;
    std::size_t sent = 0;
  };

  static Http2Peer& self(void* user) { return *static_cast<Http2Peer*>(user); }
  static std::vector<nghttp2_nv> of(const Fields& fields) {
    std::vector<nghttp2_nv> nv;
    for (const auto& [name, value] : fields)
      nv.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                    reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(), 0});
    return nv;
  }
  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* hd, void* user) {
    if (hd->type == NGHTTP2_HEADERS || hd->type == NGHTTP2_CONTINUATION || hd->type == NGHTTP2_DATA)
      self(user).requests_[hd->stream_id].wire_bytes += 9 + hd->length;
    return 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t n,
                       const std::uint8_t* value, std::size_t v, std::uint8_t, void* user) {
    self(user).requests_[frame->hd.stream_id].fields.emplace_back(std::string(reinterpret_cast<const char*>(name), n),
                                                                  std::string(reinterpret_cast<const char*>(value), v));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* user) {
    self(user).requests_[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_RST_STREAM && self(user).on_reset) self(user).on_reset(frame->rst_stream.error_code);
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!may_end) return 0;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
      Http2Asked& begun = self(user).requests_[frame->hd.stream_id];
      begun.stream = frame->hd.stream_id;
      if (frame->hd.type == NGHTTP2_HEADERS && self(user).on_head) self(user).on_head(self(user), begun);
      return 0;
    }
    Http2Asked request = std::exchange(self(user).requests_[frame->hd.stream_id], {});
    request.stream = frame->hd.stream_id;
    ++self(user).open_;
    self(user).on_request_(self(user), request);
    return 0;
  }
  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)
      self(user).sent_[frame->hd.stream_id] += 9 + frame->hd.length;
    if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
      --self(user).open_;
    return 0;
  }
  static ssize_t read(nghttp2_session* session, std::int32_t id, std::uint8_t* to, std::size_t room,
                      std::uint32_t* flags, nghttp2_data_source* source, void*) {
    Answer& a = *static_cast<Answer*>(source->ptr);
    const std::size_t size = std::min(room, a.body.size() - a.sent);
    std::memcpy(to, a.body.data() + a.sent, size);
    a.sent += size;
    if (a.sent < a.body.size()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!a.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::vector<nghttp2_nv> nv = of(a.trailers);
      nghttp2_submit_trailer(session, id, nv.data(), nv.size());
    }
    return static_cast<ssize_t>(size);
  }

  Stream& stream_;
  OnRequest on_request_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Http2Asked> requests_;
  std::map<std::int32_t, Answer> answers_;
  std::map<std::int32_t, std::uint64_t> sent_;
  std::size_t open_ = 0;
  bool hang_up_ = false;
};

}  // namespace loadgen::engine
