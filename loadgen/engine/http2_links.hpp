#pragma once
// The HTTP/2 connections of a shard's users, from their opening to their closing: who is on which one, which one takes
// newcomers, and which were told to go away and answer what they had begun.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "engine/engine.hpp"
#include "engine/engine_options.hpp"
#include "engine/http2_homes.hpp"
#include "engine/http2_session.hpp"
#include "engine/tcp_facts.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

/// An HTTP/2 connection, while it has members; without any it is closed. Its wire is the inner transport's connection.
struct Http2Link {
  std::unique_ptr<Http2Session> session;
  std::uint32_t attempt = 0;  ///< at the target's addresses
  std::uint32_t members = 0;
  TimePoint begun = kUnset;  ///< to be opened
  bool marked = false;       ///< has something to send
  bool going = false;        ///< takes no new stream
  std::string unsent;        ///< not taken by the inner transport yet
};

/// A user's place on a link.
struct Http2Member {
  Http2Stream stream;
  Http2Link* link = nullptr;
  bool joined = false;  ///< somebody else had opened the link, or was opening it
};

template <class Inner>
class Http2Links {
 public:
  /// options must outlive it.
  Http2Links(std::span<Connection> connections, const EngineOptions& options)
      : connections_(connections),
        options_(options),
        homes_(options.slots, options.targets.size(), options.streams_per_connection),
        setup_(options.limits.header),
        members_(connections.size()),
        wires_(connections.size()),
        links_(connections.size()),
        joinable_(homes_.homes()),
        inner_(make_transport<Inner>(wires_, options)) {
    for (std::size_t i = 0; i < members_.size(); ++i) members_[i].stream.user = static_cast<std::uint32_t>(i);
    for (std::size_t i = links_.size(); i-- > 0;) joinable_[homes_.home_of(i)] = &links_[i];
  }

  Inner& inner() { return inner_; }
  const Inner& inner() const { return inner_; }
  Connection& connection(std::size_t user) { return connections_[user]; }
  Http2Member& member(std::size_t user) { return members_[user]; }
  Http2Member& member_of(const Connection& c) { return members_[index_of(c)]; }
  const Http2Member& member_of(const Connection& c) const { return members_[index_of(c)]; }
  Http2Link& link_of(const Connection& wire) { return links_[static_cast<std::size_t>(&wire - wires_.data())]; }
  Connection& wire_of(const Http2Link& link) { return wires_[index_of(link)]; }
  bool uses_tls(const Http2Link& link) const { return options_.targets[homes_.target_of(home_of(link))].tls; }

  template <class Visit>
  void each_member(const Http2Link& link, Visit&& visit) {
    homes_.each(home_of(link), [&](std::size_t i) {
      if (members_[i].link == &link) visit(connections_[i], members_[i]);
    });
  }

  /// Joins the link of the neighbours, whatever address it is on its way to, or opens it if nobody has. What its
  /// session learns goes into news.
  int open(Connection& c, const Route& route, Http2News& news) {
    Http2Link& link = joinable(homes_.home_of(index_of(c)));
    Connection& wire = wire_of(link);
    Http2Member& m = member_of(c);
    m.link = &link;
    m.joined = link.members++ != 0;
    c.cut_off = false;
    c.state = wire.state == Connection::State::open ? Connection::State::open : Connection::State::connecting;
    if (m.joined) return 0;
    link.session = std::make_unique<Http2Session>(setup_, news);
    link.attempt = route.attempt;
    link.begun = SteadyClock::now();
    wire.watched = false;
    homes_.each(home_of(link), [&](std::size_t i) { wire.watched |= connections_[i].watched; });
    return inner_.open(wire, route);
  }

  /// With the last one the link is closed.
  void leave(Connection& c) {
    Http2Member& m = member_of(c);
    c.state = Connection::State::closed;
    if (m.link == nullptr) return;
    Http2Link& link = *std::exchange(m.link, nullptr);
    if (m.stream.id != 0) {
      link.session->cancel(m.stream);
      mark(link);
    }
    if (--link.members == 0) shut(link);
  }

  /// Closes the link: whom it leaves without one.
  std::vector<Connection*> break_up(Http2Link& link) {
    std::vector<Connection*> left;
    each_member(link, [&](Connection& c, Http2Member& m) {
      m.link = nullptr;
      m.stream.id = 0;
      c.state = Connection::State::closed;
      left.push_back(&c);
    });
    link.members = 0;
    shut(link);
    return left;
  }

  void mark(Http2Link& link) {
    if (!std::exchange(link.marked, true)) marked_.push_back(&link);
  }
  /// Those that were, by now closed or not; none is in here then.
  void swap_marked(std::vector<Http2Link*>& with) { std::swap(marked_, with); }
  bool any_marked() const { return !marked_.empty(); }

  void forget(const Connection& c) {
    if constexpr (requires(Connection & wire) { inner_.forget(wire); })
      homes_.each(homes_.home_of(index_of(c)), [&](std::size_t i) {
        if (links_[i].members == 0) inner_.forget(wires_[i]);
      });
  }

  void add_facts_to(EngineFacts& facts) const {
    facts.retransmits += facts_.retransmits;
    facts.connections_asked += facts_.connections_asked;
    for (const Connection& wire : wires_) add_facts(wire, facts);
  }

 private:
  std::size_t index_of(const Connection& c) const { return static_cast<std::size_t>(&c - connections_.data()); }
  std::size_t index_of(const Http2Link& link) const { return static_cast<std::size_t>(&link - links_.data()); }
  std::size_t home_of(const Http2Link& link) const { return homes_.home_of(index_of(link)); }

  /// For somebody who lives at home and is on none of its links: so there is one that nobody is on.
  Http2Link& joinable(std::size_t home) {
    Http2Link*& link = joinable_[home];
    homes_.each(home, [&](std::size_t i) {
      if (link->going && links_[i].members == 0) link = &links_[i];
    });
    return *link;
  }

  void shut(Http2Link& link) {
    Connection& wire = wire_of(link);
    add_facts(wire, facts_);
    inner_.close(wire);
    link.session.reset();
    link.unsent.clear();
    link.marked = false;
    link.going = false;
  }

  std::span<Connection> connections_;
  const EngineOptions& options_;
  Http2Homes homes_;
  Http2Setup setup_;
  std::vector<Http2Member> members_;  ///< by connection
  std::vector<Connection> wires_;     ///< the inner transport's
  std::vector<Http2Link> links_;      ///< by wire
  std::vector<Http2Link*> joinable_;  ///< by home
  std::vector<Http2Link*> marked_;
  EngineFacts facts_;  ///< of the wires closed
  Inner inner_;
};

}  // namespace loadgen::engine
