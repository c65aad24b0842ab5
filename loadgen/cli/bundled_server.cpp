#include "cli/bundled_server.hpp"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace loadgen::cli {
namespace {

constexpr const char* kProgram = "loadgen-server";

/// The one beside us when there is one, else whatever PATH has.
std::string server_path() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path() / kProgram;
  return !error && std::filesystem::exists(beside, error) ? beside.string() : kProgram;
}

/// The first line the server prints; empty when it ended without one.
std::string first_line(int in) {
  std::string line;
  char c = 0;
  while (line.size() < 4'096 && read(in, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

}  // namespace

Result<BundledServer> BundledServer::start() {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0)
    return Error{"--serve: no pipe to the server; too few file descriptors?"};
  const std::string path = server_path();
  auto process = ChildProcess::start({path, "--port", "0"}, {.out = pipe_ends[1]});
  ::close(pipe_ends[1]);
  const std::string line = process ? first_line(pipe_ends[0]) : std::string();
  ::close(pipe_ends[0]);
  if (!process) return Error{"--serve: " + process.error()};
  const std::size_t begin = line.find("http://");
  if (begin == std::string::npos)
    return Error{fmt::format(
        "--serve: {} did not come up. It is built beside loadgen; is it there, and does \"{} --port 0\" start?", path,
        path)};
  return BundledServer(std::move(*process), line.substr(begin, line.find(' ', begin) - begin));
}

}  // namespace loadgen::cli
