#pragma once
// HTTP/2 between HttpEngine and another transport: users share connections, each request is a stream of its own. What
// an engine calls a user's connection is here his membership of a link (http2_links.hpp); the links are the inner
// transport's connections.
//
// What is to be sent is gathered until the next poll: requests that are due together leave together.

#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine_options.hpp"
#include "engine/error_map.hpp"
#include "engine/http2_links.hpp"
#include "engine/http2_session.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

/// What the transport calls besides, that shares connections.
template <class S>
concept StreamSink = RequestSink<S> && requires(S sink, Connection& connection, bool resumed) {
  sink.on_secured(connection, resumed);
  sink.on_response_end(connection);  ///< and the connection stays
  sink.on_refused(connection);       ///< by the server, which has not begun with it. The connection may be closed
};

template <class Inner>
class Http2Transport {
 public:
  /// As Inner's constructor.
  Http2Transport(std::span<Connection> connections, const EngineOptions& options)
      : options_(with_http2(options)), links_(connections, options_) {
    requests_.reserve(options.requests.size());
    for (const http::PreparedRequest& request : options.requests) requests_.emplace_back(request, scheme_of(request));
  }

  bool measures_receive_lag() const { return links_.inner().measures_receive_lag(); }

  int open(Connection& c, const Route& route) { return links_.open(c, route, news_); }
  /// Whether open() found a link that somebody else had opened, or was opening.
  bool joined(const Connection& c) const { return links_.member_of(c).joined; }
  /// Of the link, after open().
  std::uint32_t attempt(const Connection& c) const { return links_.member_of(c).link->attempt; }

  /// c has waited too long. So has whoever opened a link as long ago as a connection may take: it is closed, and these
  /// have waited for it too.
  std::vector<Connection*> give_up(Connection& c) {
    Link& link = *links_.member_of(c).link;
    links_.leave(c);
    if (link.members == 0 || SteadyClock::now() - link.begun < options_.connect_timeout) return {};
    return links_.break_up(link);
  }

  /// The handshake is the link's: on_secured or on_failed follows.
  int secure(Connection& c) requires(requires(Inner inner, Connection& wire) { inner.secure(wire); }) {
    c.state = Connection::State::securing;
    return 0;
  }

  ssize_t send_request(Connection& c, const http::PreparedRequest& request, std::size_t) {
    Member& m = links_.member_of(c);
    const bool begun = request.one_off ? m.link->session->submit(m.stream, Http2Request(request, scheme_of(request)))
                                       : m.link->session->submit(m.stream, prepared(request));
    if (!begun) return -ENOMEM;
    links_.mark(*m.link);
    return 0;
  }

  void let_go(Connection& c) {
    Member& m = links_.member_of(c);
    m.link->session->let_go(m.stream);
    links_.mark(*m.link);
  }

  void close(Connection& c) { links_.leave(c); }
  void forget(const Connection& c) { links_.forget(c); }

  /// What the last request has moved, once.
  Traffic take_traffic(const Connection& c) { return std::exchange(links_.member_of(c).stream.traffic, {}); }

  void add_facts_to(EngineFacts& facts) const { links_.add_facts_to(facts); }

  template <StreamSink Sink>
  void poll(Duration at_most, Sink& sink) {
    if (flush_all(sink) || links_.any_marked()) at_most = Duration::zero();
    Upwards<Sink> upwards{*this, sink};
    links_.inner().poll(at_most, upwards);
  }

 private:
  using Link = Http2Link;
  using Member = Http2Member;

  /// The sink that the inner transport sees.
  template <class Sink>
  struct Upwards {
    Http2Transport& http2;
    Sink& sink;
    Link& link_of(Connection& w) { return http2.links_.link_of(w); }
    void on_connected(Connection& w) { http2.on_connected(link_of(w), sink); }
    void on_secured(Connection& w, bool resumed) { http2.on_secured(link_of(w), resumed, sink); }
    void on_writable(Connection& w) { http2.on_writable(link_of(w), sink); }
    void on_bytes(Connection& w, std::string_view bytes, std::uint32_t lag) { http2.on_bytes(w, bytes, lag, sink); }
    void on_connect_failed(Connection& w, int error) {
      for (Connection* const c : http2.links_.break_up(link_of(w))) sink.on_connect_failed(*c, error);
    }
    void on_end(Connection& w, int error) { http2.on_wire_end(link_of(w), error, sink); }
    void on_failed(Connection& w, ErrorKind kind, int error) { http2.fail(link_of(w), kind, error, sink); }
  };

  static EngineOptions with_http2(EngineOptions options) {
    options.tls.http2 = true;
    return options;
  }
  std::string_view scheme_of(const http::PreparedRequest& request) const {
    return options_.targets[request.target].tls ? "https" : "http";
  }
  const Http2Request& prepared(const http::PreparedRequest& request) const {
    return requests_[static_cast<std::size_t>(&request - options_.requests.data())];
  }

  /// A server that speaks HTTP/2 says so first; one that speaks only HTTP/1.1 may just close. By ALPN that was settled.
  template <class Sink>
  void on_wire_end(Link& link, int error, Sink& sink) {
    if (error == 0 && !links_.uses_tls(link) && !link.session->greeted())
      return fail(link, ErrorKind::no_http2, 0, sink);
    on_end(link, error, sink);
  }

  /// HTTP/2 never ends a response by closing the connection.
  template <class Sink>
  void on_end(Link& link, int error, Sink& sink) {
    for (Connection* const c : links_.break_up(link)) {
      c->cut_off = true;
      sink.on_end(*c, error);
    }
  }

  template <class Sink>
  void fail(Link& link, ErrorKind kind, int error, Sink& sink) {
    for (Connection* const c : links_.break_up(link)) sink.on_failed(*c, kind, error);
  }

  template <class Sink>
  void fail(Link& link, Sink& sink) {
    fail(link, link.session->greeted() ? ErrorKind::malformed_response : ErrorKind::no_http2, 0, sink);
  }

  template <class Sink>
  void on_connected(Link& link, Sink& sink) {
    Connection& wire = links_.wire_of(link);
    const bool tls = links_.uses_tls(link);
    links_.each_member(link, [&](Connection& c, Member&) {
      if (!tls) c.state = Connection::State::open;
      sink.on_connected(c);
    });
    if (!tls) links_.mark(link);
    if constexpr (requires { links_.inner().secure(wire); }) {
      if (!tls || link.session == nullptr) return;
      if (const int error = links_.inner().secure(wire); error != 0)
        fail(link, transfer_error(error, false), error, sink);
    }
  }

  template <class Sink>
  void on_secured(Link& link, bool resumed, Sink& sink) {
    links_.mark(link);
    links_.each_member(link, [&](Connection& c, Member&) {
      c.state = Connection::State::open;
      sink.on_secured(c, resumed);
    });
  }

  /// Whether anybody was told anything. So much is sent and no more: what is due does not wait for a large body.
  /// Whoever is not done then goes last the next time.
  template <class Sink>
  bool flush_all(Sink& sink) {
    links_.swap_marked(flushed_);
    bool any = false;
    int pieces = kPiecesInATurn;
    Link* cut_short = nullptr;
    for (Link* const link : flushed_) {
      if (!std::exchange(link->marked, false) || links_.wire_of(*link).state != Connection::State::open) continue;
      if (cut_short != nullptr) {
        links_.mark(*link);
        continue;
      }
      any |= flush(*link, pieces, sink);
      if (pieces == 0) cut_short = link;
    }
    if (cut_short != nullptr) links_.mark(*cut_short);
    flushed_.clear();
    return any;
  }

  /// Takes the full pieces that it sends from `pieces`.
  template <class Sink>
  bool flush(Link& link, int& pieces, Sink& sink) {
    Connection& wire = links_.wire_of(link);
    while (pieces > 0 && link.unsent.empty() && gather(link)) {
      if (out_.size() >= kPieceSize) --pieces;
      const ssize_t n = links_.inner().send(wire, out_);
      if (n < 0) return news_.clear(), on_end(link, static_cast<int>(-n), sink), true;
      link.unsent.assign(out_, static_cast<std::size_t>(n));
    }
    const bool broken = link.session->broken();
    if (!broken && news_.items.empty() && (link.going || link.session->takes_requests())) return false;
    if (broken)
      news_.clear(), fail(link, sink);
    else
      settle(link, kNoReceiveLag, sink);
    return true;
  }

  bool gather(const Link& link) {
    out_.clear();
    while (out_.size() < kPieceSize) {
      const std::string_view piece = link.session->next_output();
      if (piece.empty()) break;
      out_.append(piece);
    }
    return !out_.empty();
  }

  template <class Sink>
  void on_writable(Link& link, Sink& sink) {
    if (!link.unsent.empty()) {
      const ssize_t n = links_.inner().send(links_.wire_of(link), link.unsent);
      if (n < 0) return on_end(link, static_cast<int>(-n), sink);
      link.unsent.erase(0, static_cast<std::size_t>(n));
    }
    if (link.unsent.empty()) links_.mark(link);
  }

  template <class Sink>
  void on_bytes(Connection& wire, std::string_view bytes, std::uint32_t lag, Sink& sink) {
    Link& link = links_.link_of(wire);
    const std::uint32_t opening = wire.opened;
    const bool whole = link.session->receive(bytes);
    links_.mark(link);
    settle(link, lag, sink);
    if (!whole && link.session != nullptr && wire.opened == opening) fail(link, sink);
  }

  /// What the session has learned goes to the sink, once.
  template <class Sink>
  void settle(Link& link, std::uint32_t lag, Sink& sink) {
    if (!link.going && !link.session->takes_requests()) retire(link, sink);
    for (const Http2News::Item& item : news_.items) {
      const Member& m = links_.member(item.user);
      if (m.link == &link && m.stream.id == item.stream) deliver(item, lag, sink);
    }
    news_.clear();
  }

  template <class Sink>
  void deliver(const Http2News::Item& item, std::uint32_t lag, Sink& sink) {
    using Kind = Http2News::Kind;
    Connection& c = links_.connection(item.user);
    Member& m = links_.member(item.user);
    switch (item.kind) {
      case Kind::head:
      case Kind::body:
        return sink.on_bytes(c, news_.bytes_of(item), c.watched ? lag : kNoReceiveLag);
      case Kind::end:
        m.link->session->settle(m.stream);
        sink.on_response_end(c);
        if (m.link != nullptr && m.link->going) sink.on_end(c, 0);
        return;
      case Kind::refused:
        m.stream.id = 0;  // closed already, as a stream that failed is
        return refuse(c, sink);
      case Kind::failed:
        m.stream.id = 0;
        return sink.on_failed(c, item.error, item.system_error);
    }
  }

  template <class Sink>
  void refuse(Connection& c, Sink& sink) {
    Member& m = links_.member_of(c);
    m.link->session->cancel(m.stream);
    links_.mark(*m.link);
    if (m.link->going) close(c);
    sink.on_refused(c);
  }

  /// The link takes no new stream: whoever has none on it is led to another one, the others once they are answered.
  template <class Sink>
  void retire(Link& link, Sink& sink) {
    link.going = true;
    const Http2Session* const session = link.session.get();
    links_.each_member(link, [&](Connection& c, Member& m) {
      if (link.session.get() != session) return;
      if (m.stream.id == 0) return sink.on_end(c, 0);
      if (m.stream.traffic.out == 0) refuse(c, sink);  // never left, and never will
    });
  }

  EngineOptions options_;
  Http2News news_;
  Http2Links<Inner> links_;
  std::vector<Http2Request> requests_;  ///< by number
  std::vector<Link*> flushed_;          ///< those of the poll that is under way
  std::string out_;
};

}  // namespace loadgen::engine
