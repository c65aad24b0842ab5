#pragma once
// A body that is not kept in memory: texts and files one behind another, read while they are sent. An Upload has no
// position of its own, so that one serves all who send it, at the same time and again.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"

namespace loadgen::http {

/// A text as it stands, or all of a file.
struct BodyPart {
  std::string text;
  std::string file;  ///< its name; empty: the part is a text
};

class Upload {
 public:
  /// Bytes of a body: a request's bytes are counted with 32 bits, its header among them.
  static constexpr std::uint64_t kMost = (std::uint64_t{4} << 30) - (std::uint64_t{16} << 20);

  /// Opens the files and takes their sizes: what is appended to one later is not sent. Error: one cannot be opened, is
  /// not a regular file (which alone can be sent more than once), or all are more than kMost.
  static Result<std::shared_ptr<const Upload>> open(std::span<const BodyPart> parts);

  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  std::uint64_t size() const { return size_; }
  /// Copies the body from byte `from` on into `to`, as much as there is room for: how many bytes, 0 at the end, or
  /// -errno; -ENODATA where a file has become shorter. Any thread.
  ssize_t read(std::uint64_t from, std::span<char> to) const;

 private:
  struct Part {
    std::uint64_t at = 0;  ///< within the body
    std::uint64_t size = 0;
    std::string text;
    int file = -1;  ///< -1: a text
  };

  Upload() = default;
  Result<Part> part_of(const BodyPart& part) const;

  std::vector<Part> parts_;
  std::uint64_t size_ = 0;
};

}  // namespace loadgen::http
