#include "engine/error_map.hpp"

#include <cerrno>

namespace loadgen::engine {

ErrorKind connect_error(int error) noexcept {
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:  // the listen queue overflowed and the host answers with RST (tcp_abort_on_overflow)
    case EAGAIN:      // the same of a unix socket
      return ErrorKind::connect_refused;
    case ETIMEDOUT:
      return ErrorKind::connect_timeout;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EAFNOSUPPORT:
    case ENOENT:  // no such unix socket
      return ErrorKind::connect_unreachable;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return ErrorKind::no_local_port;
    case EMFILE:
    case ENFILE:
      return ErrorKind::no_descriptor;
    default:
      return ErrorKind::other;
  }
}

ErrorKind transfer_error(int error, bool answered) noexcept {
  switch (error) {
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
      return ErrorKind::reset;
    case ETIMEDOUT:
      return answered ? ErrorKind::closed_mid_body : ErrorKind::response_timeout;
    default:
      return ErrorKind::other;
  }
}

}  // namespace loadgen::engine
