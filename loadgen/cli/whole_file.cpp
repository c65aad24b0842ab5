#include "cli/whole_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace loadgen::cli {

Result<std::string> read_whole(const std::string& path, std::uintmax_t most) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  std::error_code error;
  if (!file || std::filesystem::is_directory(path, error))
    return Error{errno != 0 ? std::strerror(errno) : "it is no file"};
  if (const auto size = std::filesystem::file_size(path, error); !error && size > most)
    return Error{fmt::format("it has {} bytes, and at most {} are read", size, most)};
  text << file.rdbuf();
  return text.str();
}

std::string write_whole(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  errno = 0;
  std::ofstream file(draft, std::ios::binary);
  file << text;
  file.close();
  if (!file) return errno != 0 ? std::strerror(errno) : "write error";
  std::error_code error;
  std::filesystem::rename(draft, path, error);
  return error ? error.message() : "";
}

}  // namespace loadgen::cli
