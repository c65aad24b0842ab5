// Whose turn it is while bodies from files are sent, over a transport that takes whatever it is given.

#include <algorithm>
#include <vector>

#include "engine/engine_test.hpp"
#include "engine/http_engine_impl.hpp"
#include "engine/upload_test.hpp"

namespace loadgen::engine {
namespace {

struct Seen {
  std::vector<std::size_t> pieces;  ///< by whose connection they were sent, since it was looked at last
  bool could_sleep = false;         ///< the last poll
};

class Bottomless {
 public:
  explicit Bottomless(std::span<Connection> connections) : connections_(connections) {}

  bool measures_receive_lag() const { return false; }
  int open(Connection& c, const Route&) {
    c.state = Connection::State::connecting;
    return 0;
  }
  ssize_t send(Connection& c, std::string_view bytes) {
    seen.pieces.push_back(static_cast<std::size_t>(&c - connections_.data()));
    return static_cast<ssize_t>(bytes.size());
  }
  void close(Connection& c) { c.state = Connection::State::closed; }
  template <TransportSink Sink>
  void poll(Duration at_most, Sink& sink) {
    seen.could_sleep = at_most > Duration::zero();
    for (Connection& c : connections_) {
      if (c.state != Connection::State::connecting) continue;
      c.state = Connection::State::open;
      sink.on_connected(c);
    }
  }

  inline static Seen seen;

 private:
  std::span<Connection> connections_;
};

class Pieces : public EngineTest<HttpEngine<Bottomless>> {
 protected:
  /// Each of the users begins to send so many pieces: the header takes the beginning of the first.
  void begin(std::uint32_t users, std::size_t pieces) {
    UploadFile file("");
    file.resize(pieces * kPieceSize - 500);
    requests_[1] = upload_request("POST", file.open());
    engine_for({{}}, users);
    Bottomless::seen = {};
    for (std::uint32_t user = 0; user < users; ++user) engine_->start(user, 1);
    wait();  // and they are connected
  }
  /// Those whose pieces left meanwhile, in order.
  std::vector<std::size_t> wait() {
    engine_->wait(SteadyClock::now() + milliseconds(1));
    return std::exchange(Bottomless::seen.pieces, {});
  }
};

TEST_F(Pieces, UsersTakeTurnsAndEachIsShort) {
  constexpr std::size_t kUsers = 3;
  begin(kUsers, 2 * kPiecesInATurn + 1);
  for (std::size_t turn = 0; turn < 2 * kUsers; ++turn) {
    const std::size_t size = turn < kUsers ? kPiecesInATurn : 1;
    EXPECT_EQ(wait(), std::vector(size, turn % kUsers)) << turn;
    EXPECT_EQ(Bottomless::seen.could_sleep, turn == 2 * kUsers - 1) << turn;
  }
  EXPECT_TRUE(wait().empty());
}

TEST_F(Pieces, WhatIsShortIsSentAtOnce) {
  UploadFile file("a body");
  requests_[1] = upload_request("POST", file.open());
  engine_for({{}});
  Bottomless::seen = {};
  engine_->start(0, 1);
  EXPECT_EQ(wait().size(), 1u) << "header and body in one";
  EXPECT_TRUE(wait().empty());
}

TEST_F(Pieces, WhoIsGivenUpHasNoTurnAnyMore) {
  begin(2, 100);
  EXPECT_EQ(wait().front(), 0u);
  engine_->abort_all();
  EXPECT_EQ(engine_->completed().size(), 2u);
  EXPECT_TRUE(wait().empty());
  engine_->start(1, 1);
  wait();
  EXPECT_EQ(wait(), std::vector<std::size_t>(kPiecesInATurn, 1));
}

}  // namespace
}  // namespace loadgen::engine
