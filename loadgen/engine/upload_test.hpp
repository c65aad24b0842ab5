#pragma once
// For tests: files to be sent, servers that look at what of them arrives, and what is done with every engine, with and
// without TLS. To have another engine tested: its name in Ways.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/engine_test.hpp"
#include "engine/tls_server_test.hpp"
#include "http/prepared_request.hpp"
#include "http/upload.hpp"

namespace loadgen::engine {

/// Text that is like itself nowhere near: what is sent twice, left out or in another's place shows.
inline std::string unlike_text(std::size_t size) {
  std::string text;
  for (std::size_t line = 0; text.size() < size; ++line) text.append(std::to_string(line * 7'919)).push_back('\n');
  text.resize(size);
  return text;
}

/// A file for the length of a test.
class UploadFile {
 public:
  explicit UploadFile(std::string text) : text_(std::move(text)) {
    std::FILE* const file = ::fdopen(::mkstemp(path_.data()), "w");
    std::fwrite(text_.data(), 1, text_.size(), file);
    std::fclose(file);
  }
  ~UploadFile() { ::unlink(path_.c_str()); }
  UploadFile(const UploadFile&) = delete;
  UploadFile& operator=(const UploadFile&) = delete;

  const std::string& text() const { return text_; }
  /// Longer: with a hole behind its text.
  void resize(std::size_t size) const { EXPECT_EQ(::truncate(path_.c_str(), static_cast<off_t>(size)), 0); }
  std::shared_ptr<const http::Upload> open() const {
    const std::vector<http::BodyPart> parts{{.text = {}, .file = path_}};
    return *http::Upload::open(parts);
  }

 private:
  std::string text_;
  std::string path_ = testing::TempDir() + "upload-XXXXXX";
};

inline http::PreparedRequest upload_request(std::string_view method, std::shared_ptr<const http::Upload> upload,
                                            std::vector<http::Header> headers = {}) {
  return http::prepare({.method = method,
                        .authority = "test",
                        .path_and_query = "/",
                        .headers = std::move(headers),
                        .body = {},
                        .upload = std::move(upload),
                        .user_agent = {}});
}

/// Reads a request with a body of that size; the body, or what of it came before the client went. Slowly enough that
/// the client cannot send it at once.
template <class Stream>
std::string read_body(Stream& stream, std::size_t size) {
  std::string all;
  boost::system::error_code error;
  const std::size_t header = asio::read_until(stream, asio::dynamic_buffer(all), "\r\n\r\n", error);
  all.erase(0, header);
  while (!error && all.size() < size) {
    const std::size_t at = all.size();
    all.resize(std::min(size, at + (256U << 10)));
    all.resize(at + asio::read(stream, asio::buffer(all.data() + at, all.size() - at), error));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return all;
}

/// What comes until the client goes.
template <class Stream>
std::size_t read_to_end(Stream& stream) {
  std::string all;
  boost::system::error_code error;
  return asio::read(stream, asio::dynamic_buffer(all), error);
}

template <class E>
struct Plain {
  using Engine = E;
  using Server = ScriptedServer;
};
template <class E>
struct Secure {
  using Engine = E;
  using Server = TlsServer;
};
using Ways = testing::Types<Plain<NativeEngine>, Plain<UringEngine>, Plain<CurlEngine>, Secure<NativeTlsEngine>,
                            Secure<CurlEngine>>;

using Http2Ways = testing::Types<Plain<Http2Engine>, Secure<Http2TlsEngine>>;

template <class Way>
class UploadTest : public EngineTest<typename Way::Engine> {
 protected:
  using Server = typename Way::Server;
  static constexpr bool kSecure = std::is_same_v<Server, TlsServer>;

  /// script: as of either server, for any stream.
  template <class Script>
  Server& serve(Script script, int connections = 1, [[maybe_unused]] const TlsServer::Setting& set = {}) {
    if constexpr (kSecure)
      server_ = std::make_unique<Server>(certificate_, script, connections, set);
    else
      server_ = std::make_unique<Server>(script, connections);
    return *server_;
  }
  void start_engine(std::uint32_t slots = 1) {
    this->targets_ = {
        {.authority = "localhost", .addresses = {server_->endpoint()}, .host = "localhost", .tls = kSecure}};
    this->options_.tls.ca_file = certificate_.certificate.path();
    this->options_.targets = this->targets_;
    this->options_.requests = this->requests_;
    this->options_.slots = slots;
    this->engine_.emplace(this->options_);
  }
  /// Both users send request 1 at once.
  std::vector<Sample> run_both() {
    for (std::uint32_t slot = 0; slot < 2; ++slot) this->engine_->start(slot, 1);
    std::vector<Sample> samples;
    for (const TimePoint give_up = SteadyClock::now() + seconds(10);
         samples.size() < 2 && SteadyClock::now() < give_up;) {
      this->engine_->wait(SteadyClock::now() + milliseconds(50));
      for (const Sample& sample : this->engine_->completed()) samples.push_back(sample);
    }
    EXPECT_EQ(samples.size(), 2U);
    return samples;
  }

  Server& server() { return *server_; }
  /// Ends the engine's connections, and waits until the server has ended so many.
  void end(int connections = 1) {
    this->engine_.reset();
    for (int i = 0; i < connections; ++i) server_->wait_for_close();
  }

  const UploadFile file_{unlike_text(5'000'000)};

 private:
  Certificate certificate_;
  std::unique_ptr<Server> server_;
};

}  // namespace loadgen::engine
