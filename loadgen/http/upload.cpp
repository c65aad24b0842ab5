#include "http/upload.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace loadgen::http {

Result<Upload::Part> Upload::part_of(const BodyPart& part) const {
  if (part.file.empty()) return Part{.at = size_, .size = part.text.size(), .text = part.text};
  const auto refused = [&](const char* why) { return Error{fmt::format("\"{}\" cannot be sent: {}", part.file, why)}; };
  // Without waiting: to open a pipe would wait for whoever writes into it.
  const int file = ::open(part.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return refused(std::strerror(errno));
  struct stat facts {};
  if (::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode))
    return Part{.at = size_, .size = static_cast<std::uint64_t>(facts.st_size), .text = {}, .file = file};
  ::close(file);
  return refused("it is not a regular file, which alone can be sent more than once");
}

Result<std::shared_ptr<const Upload>> Upload::open(std::span<const BodyPart> parts) {
  const std::shared_ptr<Upload> upload(new Upload);
  for (const BodyPart& wanted : parts) {
    Result<Part> part = upload->part_of(wanted);
    if (!part) return Error{part.error()};
    upload->size_ += part->size;
    upload->parts_.push_back(std::move(*part));
    if (upload->size_ > kMost)
      return Error{fmt::format("a body of more than {} bytes cannot be sent: with \"{}\" there are {}", kMost,
                               wanted.file, upload->size_)};
  }
  return std::shared_ptr<const Upload>(upload);
}

Upload::~Upload() {
  for (const Part& part : parts_)
    if (part.file >= 0) ::close(part.file);
}

ssize_t Upload::read(std::uint64_t from, std::span<char> to) const {
  std::size_t filled = 0;
  auto part = std::ranges::upper_bound(parts_, from, {}, [](const Part& p) { return p.at + p.size; });
  while (part != parts_.end() && filled < to.size()) {
    const std::uint64_t within = from + filled - part->at;
    const std::size_t wanted = std::min<std::uint64_t>(part->size - within, to.size() - filled);
    ssize_t got = static_cast<ssize_t>(wanted);
    if (part->file < 0)
      std::memcpy(to.data() + filled, part->text.data() + within, wanted);
    else
      got = ::pread(part->file, to.data() + filled, wanted, static_cast<off_t>(within));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0 && wanted > 0) return -ENODATA;
    filled += static_cast<std::size_t>(got);
    if (within + static_cast<std::uint64_t>(got) == part->size) ++part;
  }
  return static_cast<ssize_t>(filled);
}

}  // namespace loadgen::http
