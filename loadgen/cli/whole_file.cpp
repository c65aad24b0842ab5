#include "cli/whole_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/units.hpp"

namespace loadgen::cli {

Result<std::string> read_all(std::FILE* in, std::size_t most) {
  std::string text;
  struct stat facts {};
  if (fstat(fileno(in), &facts) == 0 && S_ISREG(facts.st_mode))  // of a device the size says nothing
    text.reserve(std::min(static_cast<std::size_t>(facts.st_size), most));
  std::array<char, std::size_t{256} << 10> piece;
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), in)) {
    text.append(piece.data(), size);
    if (text.size() > most) return Error{fmt::format("it is larger than {}", bytes_to_string(most))};
  }
  if (std::ferror(in) != 0) return Error{std::strerror(errno)};
  return text;
}

Result<std::string> read_whole(const std::string& path, std::size_t most) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return Error{std::strerror(errno)};
  return read_all(file.get(), most);
}

std::string write_whole(const std::string& path, const std::string& text) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (exists && !std::filesystem::is_regular_file(path, error)) return "it is no regular file";
  const std::filesystem::path real = exists ? std::filesystem::canonical(path, error) : std::filesystem::path(path);
  if (error) return error.message();
  const std::string draft = real.string() + ".new";
  errno = 0;
  std::ofstream file(draft, std::ios::binary);
  file << text;
  file.close();
  if (!file) return errno != 0 ? std::strerror(errno) : "write error";
  std::filesystem::rename(draft, real, error);
  return error ? error.message() : "";
}

}  // namespace loadgen::cli
