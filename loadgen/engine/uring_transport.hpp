#pragma once
// Sockets on io_uring: all sends of a turn and the wait for what they bring are one system call. A connection is read
// by one multishot recv for its whole life, into buffers that the ring lends and gets back at once. Needs Linux 6.1
// (DEFER_TASKRUN) and permission to use io_uring; many containers forbid it.

#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <liburing.h>

#include "base/sample.hpp"
#include "base/time.hpp"
#include "engine/receive_lag.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

class UringTransport {
 public:
  /// Empty when this kernel lets this process have such a ring, else why not.
  static std::string why_unavailable();

  /// connections must outlive the transport and stay where they are. To be made and used by one thread.
  /// Throws std::system_error where why_unavailable() would not be empty.
  explicit UringTransport(std::span<Connection> connections);
  ~UringTransport();
  UringTransport(const UringTransport&) = delete;
  UringTransport& operator=(const UringTransport&) = delete;

  /// By multishot recvmsg, which a kernel that makes such a ring has (Linux 6.0).
  bool measures_receive_lag() const { return stamps_.available(); }

  int open(Connection& c, const Route& route);
  /// Takes everything: the bytes must stay valid until the response. A failure comes later, by on_end.
  ssize_t send(Connection& c, std::string_view bytes);
  /// The same, and the bytes must stay valid until on_writable says that the kernel has them. Not while another send is
  /// under way: the two would mix.
  ssize_t send_piece(Connection& c, std::string_view bytes);
  void close(Connection& c);

  template <TransportSink Sink>
  void poll(Duration at_most, Sink& sink) {
    unsubmitted_ = 0;
    io_uring_cqe* first = nullptr;
    const std::int64_t ns = at_most.count();
    if (ns > 0) {
      __kernel_timespec timeout{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
      io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
    } else if (io_uring_sq_ready(&ring_) != 0) {
      io_uring_submit_and_get_events(&ring_);
    }
    // Peeking enters the kernel by itself where work waits for this thread there, and only then: a look that finds
    // nothing is no system call.
    for (int count = 0; count < kEventsAtOnce && io_uring_peek_cqe(&ring_, &first) == 0; ++count) {
      const io_uring_cqe happened = *first;
      io_uring_cqe_seen(&ring_, first);
      on_completion(happened, sink);
    }
  }

 private:
  enum class Op : std::uint8_t { connect, send, receive };

  // A completion's tag: what was asked (4 bits), for which opening (28 bits) of which connection (32 bits).
  static constexpr std::uint32_t kOpeningMask = 0x0fff'ffff;
  std::uint64_t tag_of(const Connection& c, Op op) const {
    return std::uint64_t{static_cast<std::uint8_t>(op)} << 60 | std::uint64_t{c.opened & kOpeningMask} << 32 |
           static_cast<std::uint64_t>(&c - connections_.data());
  }

  /// Not of a socket that was closed since.
  static bool is_current(const Connection& c, std::uint64_t tag) {
    return c.fd >= 0 && (c.opened & kOpeningMask) == (tag >> 32 & kOpeningMask);
  }

  template <TransportSink Sink>
  void on_completion(const io_uring_cqe& happened, Sink& sink) {
    const std::uint64_t tag = happened.user_data;
    Connection& c = connections_[tag & UINT32_MAX];
    switch (static_cast<Op>(tag >> 60)) {
      case Op::connect:
        if (!is_current(c, tag)) return;
        if (happened.res != 0) return sink.on_connect_failed(c, -happened.res);
        c.state = Connection::State::open;
        receive(c);
        return sink.on_connected(c);
      case Op::send:  // a short one is told of only when it failed
        if (!is_current(c, tag)) return;
        if (happened.res == -EPIPE || happened.res == -ECONNRESET) {
          c.send_error = static_cast<std::uint16_t>(-happened.res);  // on_received() tells it
          c.sending = true;                                          // and not all of it ever leaves
          return;
        }
        c.sending = false;
        return happened.res < 0 ? sink.on_end(c, -happened.res) : sink.on_writable(c);
      case Op::receive:
        return on_received(happened, c, sink);
    }
  }

  template <TransportSink Sink>
  void on_received(const io_uring_cqe& happened, Connection& c, Sink& sink) {
    const std::uint64_t tag = happened.user_data;
    const bool ended = (happened.flags & IORING_CQE_F_MORE) == 0;
    if (ended && is_current(c, tag)) c.armed = false;
    bool brought_bytes = false;
    if ((happened.flags & IORING_CQE_F_BUFFER) != 0) {
      const auto id = static_cast<std::uint16_t>(happened.flags >> IORING_CQE_BUFFER_SHIFT);
      const Received received = c.watched
                                    ? unwrap(buffer(id), happened.res)
                                    : Received{{buffer(id), static_cast<std::size_t>(happened.res)}, kNoReceiveLag};
      brought_bytes = !received.bytes.empty();
      if (brought_bytes && is_current(c, tag)) sink.on_bytes(c, received.bytes, received.lag);
      lend(id);
    }
    if (!ended || !is_current(c, tag)) return;
    if (brought_bytes || happened.res == -ENOBUFS) return receive(c);
    sink.on_end(c, happened.res < 0 ? -happened.res : c.send_error);
  }

  struct Received {
    std::string_view bytes;
    std::uint32_t lag;  ///< as Sample::receive_lag_ns
  };
  /// A multishot recvmsg puts a head and the control data in front of the bytes.
  Received unwrap(char* data, int size);

  io_uring_sqe& submission();
  ssize_t send(Connection& c, std::string_view bytes, unsigned flags);
  void submit_some();
  void receive(Connection& c);
  void lend(std::uint16_t id);
  char* buffer(std::uint16_t id) { return memory_.get() + id * kBufferSize; }

  static constexpr unsigned kBuffers = 128;
  static constexpr unsigned kBufferSize = 16U << 10;
  static constexpr int kBufferGroup = 0;
  static constexpr std::size_t kShortSend = 4U << 10;  ///< fits any socket's buffer: taken as gone when it is asked for
  /// What was asked for leaves with the next system call, though it counts as started when it was asked for: no more
  /// than this many connects and sends wait for one another, and for as many completions as lie unread at most.
  static constexpr int kAtOnce = 8;
  static constexpr unsigned kUnread = 32;  ///< a quarter of the buffers

  std::span<Connection> connections_;
  std::unique_ptr<char[]> memory_;  ///< of the buffers; a page counts once a response has touched it
  io_uring ring_{};
  io_uring_buf_ring* buffers_ = nullptr;
  msghdr stamped_{};  ///< how watched connections receive
  ArrivalStamps stamps_;
  int unsubmitted_ = 0;  ///< connects and sends asked for since the last system call
};

}  // namespace loadgen::engine
