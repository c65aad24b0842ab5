#pragma once
// HTTP/2 between HttpEngine and another transport: users share connections, each request is a stream of its own. What
// an engine calls a user's connection is here his membership of a link (http2_links.hpp); the links are the inner
// transport's connections.
//
// What is to be sent is gathered until the next poll: requests that are due together leave together.

#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine_options.hpp"
#include "engine/http2_links.hpp"
#include "engine/http2_session.hpp"
#include "engine/tcp_facts.hpp"
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
      : connections_(connections),
        options_(with_http2(options)),
        plan_(options.slots, options.targets.size(), options.streams_per_connection),
        setup_(options.limits.header),
        members_(connections.size()),
        wires_(2 * plan_.homes()),
        links_(wires_.size()),
        moved_(plan_.homes()),
        inner_(make_transport<Inner>(wires_, options_)) {
    for (std::size_t i = 0; i < members_.size(); ++i) members_[i].stream.user = static_cast<std::uint32_t>(i);
    requests_.reserve(options.requests.size());
    for (const http::PreparedRequest& request : options.requests) requests_.emplace_back(request, scheme_of(request));
  }

  bool measures_receive_lag() const { return inner_.measures_receive_lag(); }

  /// Joins the link of its neighbours, and opens it if nobody has.
  int open(Connection& c, const Route& route) {
    Member& m = member_of(c);
    const std::size_t home = plan_.home_of(index_of(c));
    const std::size_t index = home + (moved_[home] ? plan_.homes() : 0);
    Link& link = links_[index];
    Connection& wire = wires_[index];
    m.link = &link;
    ++link.members;
    c.cut_off = false;
    const bool stands = wire.state == Connection::State::open;
    m.joined = stands || (wire.state != Connection::State::closed && link.endpoint == route.to);
    c.state = stands ? Connection::State::open : Connection::State::connecting;
    if (m.joined) return 0;
    shut(link);  // an address that did not answer: who waits for it waits for the next one now
    link.endpoint = route.to;
    link.session = std::make_unique<Http2Session>(setup_, news_);
    wire.watched = false;
    plan_.each(home, [&](std::size_t i) { wire.watched |= connections_[i].watched; });
    return inner_.open(wire, route);
  }
  /// Whether open() found a link that somebody else had opened, or was opening.
  bool joined(const Connection& c) const { return members_[index_of(c)].joined; }

  /// The handshake is the link's: on_secured or on_failed follows.
  int secure(Connection& c) requires(requires(Inner inner, Connection& wire) { inner.secure(wire); }) {
    c.state = Connection::State::securing;
    return 0;
  }

  ssize_t send_request(Connection& c, const http::PreparedRequest& request, std::size_t) {
    Member& m = member_of(c);
    const bool begun = request.one_off ? m.link->session->submit(m.stream, Http2Request(request, scheme_of(request)))
                                       : m.link->session->submit(m.stream, prepared(request));
    if (!begun) return -ENOMEM;
    mark(*m.link);
    return 0;
  }

  void let_go(Connection& c) {
    Member& m = member_of(c);
    m.link->session->let_go(m.stream);
    mark(*m.link);
  }

  void close(Connection& c) {
    leave(c);
    c.state = Connection::State::closed;
  }

  void forget(Connection& c) {
    if constexpr (requires(Connection & wire) { inner_.forget(wire); }) {
      const std::size_t home = plan_.home_of(index_of(c));
      for (const std::size_t index : {home, home + plan_.homes()})
        if (links_[index].members == 0) inner_.forget(wires_[index]);
    }
  }

  /// What the last request has moved, once.
  Traffic take_traffic(const Connection& c) { return std::exchange(member_of(c).stream.traffic, {}); }

  void add_facts_to(EngineFacts& facts) const {
    facts.retransmits += facts_.retransmits;
    facts.connections_asked += facts_.connections_asked;
    for (const Connection& wire : wires_) add_facts(wire, facts);
  }

  template <StreamSink Sink>
  void poll(Duration at_most, Sink& sink) {
    if (flush_all(sink) || !marked_.empty()) at_most = Duration::zero();
    Upwards<Sink> upwards{*this, sink};
    inner_.poll(at_most, upwards);
  }

 private:
  /// An HTTP/2 connection, from its opening to its closing.
  struct Link {
    std::unique_ptr<Http2Session> session;
    Endpoint endpoint;
    std::uint32_t members = 0;
    bool marked = false;  ///< has something to send
    bool going = false;   ///< takes no new stream
    std::string unsent;   ///< not taken by the inner transport yet
  };

  struct Member {
    Http2Stream stream;
    Link* link = nullptr;
    bool joined = false;
  };

  /// The sink that the inner transport sees.
  template <class Sink>
  struct Upwards {
    Http2Transport& http2;
    Sink& sink;
    void on_connected(Connection& w) { http2.on_connected(http2.link_of(w), sink); }
    void on_secured(Connection& w, bool resumed) { http2.on_secured(http2.link_of(w), resumed, sink); }
    void on_writable(Connection& w) { http2.on_writable(http2.link_of(w), sink); }
    void on_bytes(Connection& w, std::string_view bytes, std::uint32_t lag) { http2.on_bytes(w, bytes, lag, sink); }
    void on_connect_failed(Connection& w, int error) {
      http2.break_up(http2.link_of(w), [&](Connection& c) { sink.on_connect_failed(c, error); });
    }
    void on_end(Connection& w, int error) { http2.on_wire_end(http2.link_of(w), error, sink); }
    void on_failed(Connection& w, ErrorKind kind, int error) { http2.fail(http2.link_of(w), kind, error, sink); }
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

  std::size_t index_of(const Connection& c) const { return static_cast<std::size_t>(&c - connections_.data()); }
  Member& member_of(const Connection& c) { return members_[index_of(c)]; }
  Link& link_of(const Connection& wire) { return links_[static_cast<std::size_t>(&wire - wires_.data())]; }
  Connection& wire_of(const Link& link) { return wires_[static_cast<std::size_t>(&link - links_.data())]; }
  std::size_t home_of(const Link& link) const {
    return static_cast<std::size_t>(&link - links_.data()) % plan_.homes();
  }
  template <class Visit>
  void each_member(const Link& link, Visit&& visit) {
    plan_.each(home_of(link), [&](std::size_t i) {
      if (members_[i].link == &link) visit(connections_[i], members_[i]);
    });
  }

  void mark(Link& link) {
    if (!std::exchange(link.marked, true)) marked_.push_back(&link);
  }

  void leave(Connection& c) {
    Member& m = member_of(c);
    if (m.link == nullptr) return;
    Link& link = *std::exchange(m.link, nullptr);
    if (m.stream.id != 0) {
      link.session->cancel(m.stream);
      mark(link);
    }
    if (--link.members == 0) shut(link);
  }

  void shut(Link& link) {
    Connection& wire = wire_of(link);
    add_facts(wire, facts_);
    inner_.close(wire);
    link.session.reset();
    link.unsent.clear();
    link.marked = false;
    link.going = false;
  }

  /// Closes the link, and tells everyone on it.
  template <class Tell>
  void break_up(Link& link, Tell&& tell) {
    std::vector<std::size_t> left;
    each_member(link, [&](Connection& c, Member& m) {
      m.link = nullptr;
      m.stream.id = 0;
      c.state = Connection::State::closed;
      left.push_back(index_of(c));
    });
    link.members = 0;
    shut(link);
    for (const std::size_t i : left) tell(connections_[i]);
  }

  /// A server that speaks HTTP/2 says so first; one that speaks only HTTP/1.1 may just close. By ALPN that was settled.
  template <class Sink>
  void on_wire_end(Link& link, int error, Sink& sink) {
    const bool tls = options_.targets[plan_.target_of(home_of(link))].tls;
    if (error == 0 && !tls && !link.session->greeted()) return fail(link, ErrorKind::no_http2, 0, sink);
    on_end(link, error, sink);
  }

  /// HTTP/2 never ends a response by closing the connection.
  template <class Sink>
  void on_end(Link& link, int error, Sink& sink) {
    break_up(link, [&](Connection& c) {
      c.cut_off = true;
      sink.on_end(c, error);
    });
  }

  template <class Sink>
  void fail(Link& link, ErrorKind kind, int error, Sink& sink) {
    break_up(link, [&](Connection& c) { sink.on_failed(c, kind, error); });
  }

  template <class Sink>
  void fail(Link& link, Sink& sink) {
    fail(link, link.session->greeted() ? ErrorKind::malformed_response : ErrorKind::no_http2, 0, sink);
  }

  template <class Sink>
  void on_connected(Link& link, Sink& sink) {
    Connection& wire = wire_of(link);
    const bool tls = options_.targets[plan_.target_of(home_of(link))].tls;
    each_member(link, [&](Connection& c, Member&) {
      if (!tls) c.state = Connection::State::open;
      sink.on_connected(c);
    });
    if (!tls) mark(link);
    if constexpr (requires { inner_.secure(wire); }) {
      if (!tls || link.session == nullptr) return;
      if (const int error = inner_.secure(wire); error != 0) fail(link, ErrorKind::tls, 0, sink);
    }
  }

  template <class Sink>
  void on_secured(Link& link, bool resumed, Sink& sink) {
    mark(link);
    each_member(link, [&](Connection& c, Member&) {
      c.state = Connection::State::open;
      sink.on_secured(c, resumed);
    });
  }

  /// Whether anybody was told anything. So much is sent and no more: what is due does not wait for a large body.
  /// Whoever is not done then goes last the next time.
  template <class Sink>
  bool flush_all(Sink& sink) {
    std::swap(marked_, flushed_);
    bool any = false;
    int pieces = kPiecesInATurn;
    Link* cut_short = nullptr;
    for (Link* const link : flushed_) {
      if (!std::exchange(link->marked, false) || wire_of(*link).state != Connection::State::open) continue;
      if (cut_short != nullptr) {
        mark(*link);
        continue;
      }
      any |= flush(*link, pieces, sink);
      if (pieces == 0) cut_short = link;
    }
    if (cut_short != nullptr) mark(*cut_short);
    flushed_.clear();
    return any;
  }

  /// Takes the full pieces that it sends from `pieces`.
  template <class Sink>
  bool flush(Link& link, int& pieces, Sink& sink) {
    Connection& wire = wire_of(link);
    while (pieces > 0 && link.unsent.empty() && gather(link)) {
      if (out_.size() >= kPieceSize) --pieces;
      const ssize_t n = inner_.send(wire, out_);
      if (n < 0) return on_end(link, static_cast<int>(-n), sink), true;
      link.unsent.assign(out_, static_cast<std::size_t>(n));
    }
    const bool broken = link.session->broken();
    if (!broken && news_.items.empty() && (link.going || link.session->takes_requests())) return false;
    if (broken)
      fail(link, sink);
    else
      settle(link, kNoReceiveLag, sink);
    news_.clear();
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
      const ssize_t n = inner_.send(wire_of(link), link.unsent);
      if (n < 0) return on_end(link, static_cast<int>(-n), sink);
      link.unsent.erase(0, static_cast<std::size_t>(n));
    }
    if (link.unsent.empty()) mark(link);
  }

  template <class Sink>
  void on_bytes(Connection& wire, std::string_view bytes, std::uint32_t lag, Sink& sink) {
    Link& link = link_of(wire);
    const std::uint32_t opening = wire.opened;
    const bool whole = link.session->receive(bytes);
    mark(link);
    settle(link, lag, sink);
    news_.clear();
    if (!whole && link.session != nullptr && wire.opened == opening) fail(link, sink);
  }

  /// What the session has learned goes to the sink.
  template <class Sink>
  void settle(Link& link, std::uint32_t lag, Sink& sink) {
    if (!link.going && !link.session->takes_requests()) retire(link, sink);
    for (const Http2News::Item& item : news_.items) {
      Member& m = members_[item.user];
      if (m.link == &link && m.stream.id == item.stream) deliver(item, lag, sink);
    }
  }

  template <class Sink>
  void deliver(const Http2News::Item& item, std::uint32_t lag, Sink& sink) {
    using Kind = Http2News::Kind;
    Connection& c = connections_[item.user];
    Member& m = members_[item.user];
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
    Member& m = member_of(c);
    m.link->session->cancel(m.stream);
    mark(*m.link);
    if (m.link->going) close(c);
    sink.on_refused(c);
  }

  /// The link takes no new stream: whoever has none on it is led to another one, the others once they are answered.
  template <class Sink>
  void retire(Link& link, Sink& sink) {
    const std::size_t home = home_of(link);
    link.going = true;
    moved_[home] = moved_[home] == 0 ? 1 : 0;
    Link& next = links_[home + (moved_[home] != 0 ? plan_.homes() : 0)];
    if (next.session != nullptr) on_end(next, 0, sink);  // told to go away before, and still not done
    const Http2Session* const session = link.session.get();
    plan_.each(home, [&](std::size_t i) {
      Connection& c = connections_[i];
      Member& m = members_[i];
      if (m.link != &link || link.session.get() != session) return;
      if (m.stream.id == 0) return sink.on_end(c, 0);
      if (m.stream.traffic.out == 0) refuse(c, sink);  // never left, and never will
    });
  }

  std::span<Connection> connections_;
  EngineOptions options_;
  Http2Links plan_;
  Http2Setup setup_;
  std::vector<Http2Request> requests_;  ///< by number
  std::vector<Member> members_;         ///< by connection
  std::vector<Connection> wires_;       ///< the inner transport's; by home, and once more by home
  std::vector<Link> links_;             ///< by wire
  std::vector<std::uint8_t> moved_;     ///< by home: whether the second of its two links is the one to join
  std::vector<Link*> marked_;
  std::vector<Link*> flushed_;  ///< those of the poll that is under way
  Http2News news_;
  std::string out_;
  EngineFacts facts_;  ///< of the links closed
  Inner inner_;
};

}  // namespace loadgen::engine
