#pragma once
// For tests: files to be sent, and servers that look at what of them arrives.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/test_servers.hpp"
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

}  // namespace loadgen::engine
