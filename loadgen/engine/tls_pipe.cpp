// The BIO between OpenSSL and a TlsPipe (BIO_meth_new(3)): no memory of its own, no system call.

#include <algorithm>
#include <cstring>

#include "engine/tls_transport.hpp"

namespace loadgen::engine {
namespace {

TlsPipe& pipe_of(BIO* bio) {
  return *static_cast<TlsPipe*>(BIO_get_data(bio));
}

int read(BIO* bio, char* to, std::size_t size, std::size_t* done) {
  TlsPipe& pipe = pipe_of(bio);
  BIO_clear_retry_flags(bio);
  if (pipe.in.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *done = std::min(size, pipe.in.size());
  std::memcpy(to, pipe.in.data(), *done);
  pipe.in.remove_prefix(*done);
  return 1;
}

int write(BIO* bio, const char* from, std::size_t size, std::size_t* done) {
  pipe_of(bio).out->append(from, size);
  *done = size;
  return 1;
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "loadgen pipe");
  if (method == nullptr) return nullptr;
  BIO_meth_set_read_ex(method, &read);
  BIO_meth_set_write_ex(method, &write);
  BIO_meth_set_ctrl(method, &control);
  return method;
}

}  // namespace

BIO* make_pipe_bio(TlsPipe* pipe) {
  static BIO_METHOD* const method = make_method();
  BIO* const bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, pipe);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace loadgen::engine
