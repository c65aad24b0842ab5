#include "engine/uring_transport.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <sys/mman.h>
#include <unistd.h>

namespace loadgen::engine {
namespace {

constexpr unsigned kSubmissions = 256;
constexpr unsigned kCompletions = 4'096;

/// 0, or -errno. One thread submits and reaps; completions are worked off only when it asks, and a flag
/// tells it when there are any.
int make_ring(io_uring& ring) {
  io_uring_params params{};
  params.flags =
      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE;
  params.cq_entries = kCompletions;
  return io_uring_queue_init_params(kSubmissions, &ring, &params);
}

/// The ring of lent buffers, anonymous memory shared with the kernel; nullptr and error.
io_uring_buf_ring* make_buffer_ring(io_uring& ring, unsigned entries, int group, int& error) {
  void* memory =
      mmap(nullptr, entries * sizeof(io_uring_buf), PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (memory == MAP_FAILED) return error = -errno, nullptr;
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(memory);
  registration.ring_entries = entries;
  registration.bgid = static_cast<std::uint16_t>(group);
  error = io_uring_register_buf_ring(&ring, &registration, 0);
  if (error == 0) return static_cast<io_uring_buf_ring*>(memory);
  munmap(memory, entries * sizeof(io_uring_buf));
  return nullptr;
}

}  // namespace

std::string UringTransport::why_unavailable() {
  io_uring ring{};
  int error = make_ring(ring);
  if (error == 0) {
    if (io_uring_buf_ring* buffers = make_buffer_ring(ring, kBuffers, kBufferGroup, error))
      munmap(buffers, kBuffers * sizeof(io_uring_buf));
    io_uring_queue_exit(&ring);
  }
  if (error == 0) return {};
  const bool forbidden = error == -EPERM || error == -EACCES;
  return std::string(forbidden ? "this process may not use io_uring: "
                               : "this kernel lacks what it needs (Linux 6.1): ") +
         std::strerror(-error);
}

UringTransport::UringTransport(std::span<Connection> connections)
    : connections_(connections), memory_(std::make_unique_for_overwrite<char[]>(kBuffers * kBufferSize)) {
  int error = make_ring(ring_);
  if (error < 0) throw std::system_error(-error, std::generic_category(), "io_uring");
  buffers_ = make_buffer_ring(ring_, kBuffers, kBufferGroup, error);
  if (buffers_ == nullptr) {
    io_uring_queue_exit(&ring_);
    throw std::system_error(-error, std::generic_category(), "io_uring buffers");
  }
  io_uring_buf_ring_init(buffers_);
  for (std::uint16_t id = 0; id < kBuffers; ++id) lend(id);
  stamped_.msg_controllen = kStampSpace;
  io_uring_register_ring_fd(&ring_);  // saves a descriptor look-up a call; not having it is no failure
}

UringTransport::~UringTransport() {
  for (Connection& connection : connections_) close(connection);
  io_uring_queue_exit(&ring_);
  munmap(buffers_, kBuffers * sizeof(io_uring_buf));
}

io_uring_sqe& UringTransport::submission() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (entry == nullptr) {
    io_uring_submit(&ring_);
    entry = io_uring_get_sqe(&ring_);
  }
  return *entry;
}

void UringTransport::submit_some() {
  // A submission also fetches what has arrived meanwhile, into lent buffers. Faster than they are read they would run
  // out, and each connection that gets none must be armed anew, over and over.
  if (++unsubmitted_ < kAtOnce || io_uring_cq_ready(&ring_) > kUnread) return;
  io_uring_submit(&ring_);
  unsubmitted_ = 0;
}

int UringTransport::open(Connection& c, const Route& route) {
  c.fd = make_socket(route, 0);  // a blocking one: io_uring waits in our stead, and would not on a non-blocking one
  if (c.fd < 0) return errno;
  if (c.watched) ask_for_stamps(c.fd);
  ++c.opened;
  c.state = Connection::State::connecting;
  c.armed = true;
  io_uring_sqe& entry = submission();
  io_uring_prep_connect(&entry, c.fd, route.to.data(), static_cast<socklen_t>(route.to.size()));
  io_uring_sqe_set_data64(&entry, tag_of(c, Op::connect));
  submit_some();
  return 0;
}

ssize_t UringTransport::send(Connection& c, std::string_view bytes) {
  c.sending = bytes.size() > kShortSend;
  return send(c, bytes, c.sending ? 0 : IOSQE_CQE_SKIP_SUCCESS);
}

ssize_t UringTransport::send_piece(Connection& c, std::string_view bytes) {
  c.sending = true;
  return send(c, bytes, 0);
}

ssize_t UringTransport::send(Connection& c, std::string_view bytes, unsigned flags) {
  io_uring_sqe& entry = submission();
  io_uring_prep_send(&entry, c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_WAITALL);
  io_uring_sqe_set_flags(&entry, flags);
  io_uring_sqe_set_data64(&entry, tag_of(c, Op::send));
  submit_some();
  return static_cast<ssize_t>(bytes.size());
}

void UringTransport::receive(Connection& c) {
  c.armed = true;
  io_uring_sqe& entry = submission();
  if (c.watched) {
    io_uring_prep_recvmsg_multishot(&entry, c.fd, &stamped_, 0);
  } else {
    io_uring_prep_recv_multishot(&entry, c.fd, nullptr, 0, 0);
  }
  entry.buf_group = kBufferGroup;
  entry.ioprio |= IORING_RECVSEND_POLL_FIRST;  // nothing has come yet: do not look, wait
  io_uring_sqe_set_flags(&entry, IOSQE_BUFFER_SELECT);
  io_uring_sqe_set_data64(&entry, tag_of(c, Op::receive));
}

UringTransport::Received UringTransport::unwrap(char* data, int size) {
  io_uring_recvmsg_out* const head = io_uring_recvmsg_validate(data, size, &stamped_);
  if (head == nullptr) return {};
  return {{static_cast<const char*>(io_uring_recvmsg_payload(head, &stamped_)),
           io_uring_recvmsg_payload_length(head, size, &stamped_)},
          receive_lag(io_uring_recvmsg_cmsg_firsthdr(head, &stamped_))};
}

void UringTransport::lend(std::uint16_t id) {
  io_uring_buf_ring_add(buffers_, buffer(id), kBufferSize, id, io_uring_buf_ring_mask(kBuffers), 0);
  io_uring_buf_ring_advance(buffers_, 1);
}

void UringTransport::close(Connection& c) {
  if (c.fd < 0) return;
  // What has been asked for and not yet told to the kernel names the descriptor, whose number the next socket gets.
  if (io_uring_sq_ready(&ring_) != 0) io_uring_submit(&ring_);
  // An operation under way holds the socket open behind its descriptor: shutting it down ends both now. A send that
  // still waits for room copies nothing any more, so that its bytes may become another's: they live as long as the
  // engine, which gives up the ring first.
  if (c.armed || c.sending) ::shutdown(c.fd, SHUT_RDWR);
  ::close(c.fd);
  c.fd = -1;
  c.state = Connection::State::closed;
  c.armed = c.sending = false;
  c.send_error = 0;
}

}  // namespace loadgen::engine
