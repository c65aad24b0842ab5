#include "engine/curl_transport.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <string>
#include <system_error>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/letters.hpp"

namespace loadgen::engine {
namespace {

int make_ended_socket() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  ::close(ends[1]);
  return ends[0];
}

/// Everyone's connection is his own: libcurl takes a kept one only for the same host to connect to, so each user names
/// one of his own. An address, because that needs no resolver; it is never used, since the socket is made here.
std::string own_host(std::size_t user) {
  const in_addr address{.s_addr = htonl(static_cast<std::uint32_t>(user + 1))};
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return fmt::format("{}:", text.data());
}

}  // namespace

/// A proxy that is not asked for a tunnel is told the whole URL (RFC 9112, 3.2.2).
CurlRequest::CurlRequest(const http::PreparedRequest& request, const Target& target, const TlsOptions& tls)
    : request_(request), where_(request.text_of(request.path_and_query)), url_(curl_url()) {
  const std::string url = origin_of(target, request.authority, tls) + '/';
  if (target.proxy && target.asked_of_proxy.empty()) where_ = url + where_.substr(1);
  if (!url_) throw std::bad_alloc();
  if (curl_url_set(url_.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) url_.reset();
  // Without a value: libcurl would add these of its own accord.
  std::vector<std::string_view> unwanted = {"Accept:", "Content-Type:", "Expect:", "Proxy-Connection:"};
  for (std::string_view rest = request.text_of(request.headers); !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    std::string line(rest.substr(0, end));
    rest.remove_prefix(end + 2);
    std::erase_if(unwanted, [&](std::string_view name) { return begins_with_word(line, name); });
    if (line.find(':') == line.size() - 1) line.back() = ';';  // libcurl's way to write a header without a value
    add_header(line.c_str());
  }
  for (const std::string_view name : unwanted) add_header(name.data());
}

void CurlRequest::add_header(const char* line) {
  curl_slist* const longer = curl_slist_append(headers_.get(), line);
  if (longer == nullptr) throw std::bad_alloc();
  (void)headers_.release();
  headers_.reset(longer);
}

bool CurlRequest::apply_to(CURL* easy) const {
  if (!url_) return false;
  const std::uint64_t body_size = request_.size() - request_.header_size();
  curl_easy_setopt(easy, CURLOPT_CURLU, url_.get());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, where_.c_str());
  // In this order: GET undoes a HEAD before, and these set a method, which the last one replaces.
  curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_size));
  if (body_size > 0) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    // nullptr: it asks for the body piece by piece (on_body).
    const char* const body = request_.upload ? nullptr : request_.text_of(request_.body).data();
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  }
  if (request_.head) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, std::string(request_.text_of(request_.method)).c_str());
  return true;
}

/// Through a proxy libcurl asks for the host that it was told, so that the name cannot be the user's own: there
/// everyone has a multi of his own, and with it a cache of connections.
CurlTransport::CurlTransport(std::span<Connection> connections, const EngineOptions& options)
    : connections_(connections),
      options_(options),
      settings_(options_.targets, options_.tls),
      ended_socket_(make_ended_socket()),
      transfers_(connections.size()),
      loop_(connections.size(), &on_interest, this,
            handles_of_a_multi(
                std::ranges::any_of(options.targets, [](const Target& target) { return target.proxy.has_value(); }))) {
  ready_.reserve(kEventsAtOnce);
  for (std::size_t i = 0; i < transfers_.size(); ++i) {
    transfers_[i].transport = this;
    transfers_[i].connection = &connections_[i];
  }
}

CurlTransport::~CurlTransport() {
  for (Connection& connection : connections_) close(connection);
  for (const Transfer& transfer : transfers_) curl_easy_cleanup(transfer.easy);
  ::close(ended_socket_);
}

CurlTransport::Transfer& CurlTransport::of(CURL* easy) {
  void* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return *static_cast<Transfer*>(transfer);
}

int CurlTransport::error_of(CURL* easy) {
  long error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  return static_cast<int>(error);
}

/// The errno with which a connection ended, 0 when it was closed in order.
int CurlTransport::error_behind(CURLcode code, const Transfer& t) {
  if (code == CURLE_COULDNT_CONNECT) return t.error;
  return code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ? error_of(t.easy) : 0;
}

int CurlTransport::open(Connection& c, const Route& route) {
  c.fd = make_socket(route, SOCK_NONBLOCK);
  if (c.fd < 0) return errno;
  c.state = Connection::State::connecting;
  if (::connect(c.fd, route.to.data(), static_cast<socklen_t>(route.to.size())) != 0 && errno != EINPROGRESS)
    return errno;
  return epoll_.add(c.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, std::uint64_t{++c.opened} << 32 | index_of(c));
}

int CurlTransport::secure(Connection& c, const http::PreparedRequest* request) {
  Transfer& t = transfer_of(c);
  c.state = Connection::State::securing;
  t.handshake.begin();
  return request == nullptr ? 0 : begin(t, *request);
}

void CurlTransport::watch_for(const Connection& c, std::uint32_t events) {
  epoll_.change(c.fd, events | EPOLLRDHUP, std::uint64_t{c.opened} << 32 | index_of(c));
}

ssize_t CurlTransport::send_request(Connection& c, const http::PreparedRequest& request, std::size_t from) {
  Transfer& t = transfer_of(c);
  if (!t.running) {
    c.sending = true;
    return -begin(t, request);
  }
  const std::uint64_t sent = sent_of(t);
  c.sending = sent < request.size();
  return static_cast<ssize_t>(std::max<std::uint64_t>(sent, from) - from);
}

bool CurlTransport::make_handle(Transfer& t) {
  t.easy = curl_easy_init();
  if (t.easy == nullptr) return false;
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(t.easy, option, value); };
  using Ms = std::chrono::milliseconds;
  constexpr long kNever = 10L * 365 * 24 * 3600;  // in s
  set(CURLOPT_PRIVATE, &t);
  set(CURLOPT_HEADERFUNCTION, &on_response);
  set(CURLOPT_HEADERDATA, &t);
  set(CURLOPT_WRITEFUNCTION, &on_response);
  set(CURLOPT_WRITEDATA, &t);
  set(CURLOPT_READFUNCTION, &on_body);
  set(CURLOPT_READDATA, &t);
  set(CURLOPT_SEEKFUNCTION, &on_rewind);
  set(CURLOPT_SEEKDATA, &t);
  set(CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
  set(CURLOPT_OPENSOCKETDATA, &t);
  set(CURLOPT_SOCKOPTFUNCTION, &on_socket_opened);
  set(CURLOPT_SOCKOPTDATA, &t);
  set(CURLOPT_CLOSESOCKETFUNCTION, &on_close_socket);
  set(CURLOPT_CLOSESOCKETDATA, &t);
  const Target& target = target_of(*t.connection);
  settings_.apply_to(t.easy, target, t.handshake);
  set(CURLOPT_PREREQFUNCTION, &on_ready);
  set(CURLOPT_PREREQDATA, &t);
  const std::string to = target.proxy ? target.asked_of_proxy : own_host(index_of(*t.connection));
  if (!to.empty()) {
    t.connect_to.reset(curl_slist_append(nullptr, ("::" + to).c_str()));
    set(CURLOPT_CONNECT_TO, t.connect_to.get());
    if (!t.connect_to) return false;
  }
  set(CURLOPT_CONNECTTIMEOUT, kNever);
  set(CURLOPT_EXPECT_100_TIMEOUT_MS, static_cast<long>(std::chrono::ceil<Ms>(options_.continue_timeout).count()));
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  // All bytes, as they come: it is our parser that judges them.
  set(CURLOPT_HTTP_TRANSFER_DECODING, 0L);
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_HTTP09_ALLOWED, 1L);
  set(CURLOPT_MAXAGE_CONN, kNever);  // a user may think for longer than libcurl's 118 s
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  return true;
}

/// 0 or errno.
int CurlTransport::begin(Transfer& t, const http::PreparedRequest& request) {
  if (t.easy == nullptr && !make_handle(t)) return ENOMEM;
  const Target& target = target_of(*t.connection);
  if (request.one_off) {
    t.request = nullptr;
    if (!t.one_off.emplace(request, target, options_.tls).apply_to(t.easy)) return EINVAL;
    t.request = &request;
  } else if (t.request != &request) {
    t.request = nullptr;
    if (!requests_.try_emplace(&request, request, target, options_.tls).first->second.apply_to(t.easy)) return EINVAL;
    t.request = &request;
  }
  t.error = t.read_error = 0;
  t.read = 0;
  t.asked = t.unsent = false;
  t.sent_in_handshake = 0;
  t.running = loop_.add(index_of(*t.connection), t.easy);
  return t.running ? 0 : ENOMEM;
}

/// Bytes of the request that have left: libcurl counts those of the body apart, and also those that went out together
/// with the header.
std::uint64_t CurlTransport::sent_of(const Transfer& t) {
  long first = 0;
  curl_off_t body = 0;
  curl_easy_getinfo(t.easy, CURLINFO_REQUEST_SIZE, &first);
  curl_easy_getinfo(t.easy, CURLINFO_SIZE_UPLOAD_T, &body);
  const auto header = static_cast<std::uint64_t>(first - t.sent_in_handshake);
  return std::min(header, t.request->header_size()) + static_cast<std::uint64_t>(body);
}

void CurlTransport::close(Connection& c) {
  Transfer& t = transfer_of(c);
  if (std::exchange(t.running, false)) loop_.remove(index_of(c), t.easy);
  take_back(t);
  c.state = Connection::State::closed;
  c.sending = false;
}

/// libcurl keeps sessions with the handle.
void CurlTransport::forget(Connection& c) {
  Transfer& t = transfer_of(c);
  if (!target_of(c).tls || t.easy == nullptr) return;
  curl_easy_cleanup(std::exchange(t.easy, nullptr));
  t.request = nullptr;
}

/// Ends the connection. libcurl has no word for closing an idle one: it finds an ended socket under the number it
/// knows, and lets go of it when it looks.
void CurlTransport::take_back(Transfer& t) const {
  Connection& c = *t.connection;
  if (c.fd >= 0 && t.lent) {
    ::dup2(ended_socket_, c.fd);
  } else if (c.fd >= 0) {
    ::close(c.fd);
  }
  c.fd = -1;
  t.lent = t.wants_out = false;
}

void CurlTransport::Arrivals::add(Transfer& transfer, std::string_view more) {
  if (pieces.empty() || pieces.back().transfer != &transfer) pieces.push_back({&transfer, 0});
  pieces.back().size += more.size();
  bytes += more;
}

void CurlTransport::Arrivals::clear() {
  pieces.clear();
  bytes.clear();
}

/// Before each request; once on a connection that shakes hands, what it did is done. A second one nobody has asked for:
/// after a 417 libcurl would send it again without its Expect.
int CurlTransport::on_ready(void* transfer, char* /*to*/, char* /*from*/, int /*to_port*/, int /*from_port*/) {
  Transfer& t = *static_cast<Transfer*>(transfer);
  if (std::exchange(t.asked, true)) return CURL_PREREQFUNC_ABORT;
  if (t.connection->state != Connection::State::securing) return CURL_PREREQFUNC_OK;
  const TimePoint now = SteadyClock::now();
  const bool tls = t.handshake.target->tls;
  t.done = {
      .connected = tls ? t.handshake.connected : now, .secured = tls ? now : kUnset, .resumed = tls && resumed(t.easy)};
  curl_easy_getinfo(t.easy, CURLINFO_REQUEST_SIZE, &t.sent_in_handshake);
  t.transport->ready_.push_back(&t);
  return CURL_PREREQFUNC_OK;
}

std::size_t CurlTransport::on_response(const char* data, std::size_t size, std::size_t count, void* transfer) {
  Transfer& t = *static_cast<Transfer*>(transfer);
  if (t.running) t.transport->arrived_.add(t, {data, size * count});
  return size * count;
}

std::size_t CurlTransport::on_body(char* to, std::size_t size, std::size_t count, void* transfer) {
  Transfer& t = *static_cast<Transfer*>(transfer);
  const ssize_t n = t.request->upload->read(t.read, {to, size * count});
  if (n < 0) {
    t.read_error = static_cast<int>(-n);
    return CURL_READFUNC_ABORT;
  }
  t.read += static_cast<std::uint64_t>(n);
  return static_cast<std::size_t>(n);
}

/// Before it wants to send once more; it does so even where it is about to be refused the socket for that.
int CurlTransport::on_rewind(void* transfer, curl_off_t to, int /*origin*/) {
  static_cast<Transfer*>(transfer)->read = static_cast<std::uint64_t>(to);
  return CURL_SEEKFUNC_OK;
}

/// libcurl does not read any more once it could not send. What a server said before it reset lies there still.
void CurlTransport::read_rest(Transfer& t) {
  std::array<char, 16U << 10> piece;
  ssize_t n = 1;
  for (int pieces = 0; n > 0 && pieces < kEventsAtOnce; ++pieces) {
    n = ::recv(t.connection->fd, piece.data(), piece.size(), MSG_DONTWAIT);
    if (n > 0) arrived_.add(t, {piece.data(), static_cast<std::size_t>(n)});
  }
}

curl_socket_t CurlTransport::on_open_socket(void* transfer, curlsocktype /*purpose*/, curl_sockaddr* /*address*/) {
  Transfer& t = *static_cast<Transfer*>(transfer);
  if (t.connection->fd >= 0 && !std::exchange(t.lent, true)) return t.connection->fd;
  t.error = error_of(t.easy);
  t.unsent = sent_of(t) == 0;
  return CURL_SOCKET_BAD;
}

int CurlTransport::on_socket_opened(void* /*transfer*/, curl_socket_t /*fd*/, curlsocktype /*purpose*/) {
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/// transfer: whose connection it is, or was.
int CurlTransport::on_close_socket(void* transfer, curl_socket_t fd) {
  Transfer& t = *static_cast<Transfer*>(transfer);
  if (fd == t.connection->fd && t.lent) {
    const bool half_sent = t.running && t.asked && sent_of(t) < t.request->size();
    if (half_sent && !t.handshake.target->shakes_hands()) t.transport->read_rest(t);
    t.connection->fd = -1;  // what that means for a request on it, settle() tells
    t.lent = t.wants_out = false;
  }
  return ::close(fd);
}

int CurlTransport::on_interest(CURL* easy, curl_socket_t fd, int what, void* transport, void* /*of_socket*/) {
  void* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  if (transfer == nullptr) return 0;  // libcurl's own handle, with which it closes connections
  Transfer& t = *static_cast<Transfer*>(transfer);
  if (fd != t.connection->fd) return 0;
  // CURL_POLL_REMOVE comes at each request's end: the socket stays, and is read when its server closes it.
  const bool out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  if (std::exchange(t.wants_out, out) != out)
    static_cast<CurlTransport*>(transport)->watch_for(*t.connection, out ? EPOLLIN | EPOLLOUT : EPOLLIN);
  return 0;
}

}  // namespace loadgen::engine
