#include "cli/bundled_server.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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

/// In the child: its own process group, so that Ctrl-C reaches us alone and the server lives until we have drained; and
/// it ends when we do, however we do. Only calls that are safe after fork().
[[noreturn]] void become_server(const char* path, int out) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_IGN);
  dup2(out, STDOUT_FILENO);
  execlp(path, kProgram, "--port", "0", static_cast<char*>(nullptr));
  _exit(127);
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
  const pid_t pid = fork();
  if (pid == 0) become_server(path.c_str(), pipe_ends[1]);
  ::close(pipe_ends[1]);
  if (pid < 0) {
    ::close(pipe_ends[0]);
    return Error{"--serve: no process for the server"};
  }
  const std::string line = first_line(pipe_ends[0]);
  ::close(pipe_ends[0]);
  constexpr std::string_view scheme = "http://";
  const std::size_t begin = line.find(scheme);
  BundledServer server(pid, begin == std::string::npos ? "" : line.substr(begin, line.find(' ', begin) - begin));
  if (server.url_.empty())
    return Error{fmt::format(
        "--serve: {} did not come up. It is built beside loadgen; is it there, and does \"{} --port 0\" start?", path,
        path)};
  return server;
}

BundledServer::BundledServer(BundledServer&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), url_(std::move(other.url_)) {}

BundledServer::~BundledServer() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  for (int tries = 0; tries < 60; ++tries) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

}  // namespace loadgen::cli
