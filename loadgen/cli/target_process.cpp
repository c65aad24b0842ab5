#include "cli/target_process.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.hpp"
#include "cli/process_cpu.hpp"
#include "report/printable.hpp"

namespace loadgen::cli {
namespace {

constexpr std::uint16_t kFirstPort = 20'000;
constexpr std::size_t kLastWords = 2'048;  ///< bytes of them that are looked at
constexpr std::size_t kLastLines = 5;

/// Whether a server could listen there now, in the way that servers do.
bool is_free(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;  // NOLINT: sockets' way
  ::close(fd);
  return free;
}

std::string with_port(std::string command, std::uint16_t port) {
  const std::string number = std::to_string(port);
  for (std::size_t at = 0; (at = command.find(kPortWord, at)) != std::string::npos; at += number.size())
    command.replace(at, kPortWord.size(), number);
  return command;
}

/// In memory, written at its end by whoever has it.
int memory_file() {
  const int fd = memfd_create("loadgen-target", MFD_CLOEXEC);
  if (fd >= 0) fcntl(fd, F_SETFL, O_APPEND);
  return fd;
}

}  // namespace

Result<TargetSpec> parse_target(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || text.substr(0, equals).find("://") != std::string_view::npos)
    return Error{"has no name; write NAME=URL or NAME='COMMAND --port {port}', as in base=http://localhost:3000"};
  const std::string_view where = text.substr(equals + 1);
  TargetSpec spec;
  spec.name = text.substr(0, equals);
  const std::size_t scheme = where.find("://");
  const bool url = scheme != std::string_view::npos && where.find_first_of(" \t") == std::string_view::npos;
  if (url)
    spec.url = where;
  else if (where.find(kPortWord) != std::string_view::npos)
    spec.command = where;
  else
    return Error{fmt::format(
        "of \"{}\" is neither a URL nor a command that says where its port goes; write http://HOST:PORT, or a command "
        "with {} in it, as './server --port {}'",
        report::printable(spec.name), kPortWord, kPortWord)};
  return spec;
}

Result<std::uint16_t> free_port() {
  unsigned ephemeral = 32'768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> ephemeral;
  const unsigned first = std::min<unsigned>(kFirstPort, ephemeral / 2);
  const auto now = static_cast<std::uint64_t>(SteadyClock::now().time_since_epoch().count());
  for (std::uint64_t i = 0; i < 500; ++i) {
    const auto port = static_cast<std::uint16_t>(first + random_bits(now, 0, i) % (ephemeral - first));
    if (is_free(port)) return port;
  }
  return Error{fmt::format("no free port found on 127.0.0.1 between {} and {}", first, ephemeral)};
}

Result<TargetProcess> TargetProcess::start(const TargetSpec& spec) {
  TargetProcess target;
  target.url_ = spec.url;
  target.pid_ = spec.pid;
  if (!spec.is_command()) return target;
  const auto port = free_port();
  if (!port) return Error{port.error()};
  target.url_ = fmt::format("http://127.0.0.1:{}", *port);
  target.output_ = memory_file();
  if (target.output_ < 0) return Error{"no memory for what it prints; too few file descriptors?"};
  auto process = ChildProcess::start({"/bin/sh", "-c", with_port(spec.command, *port)},
                                     {.out = target.output_, .err = target.output_});
  if (!process) return Error{process.error()};
  target.process_.emplace(std::move(*process));
  target.pid_ = target.process_->pid();
  return target;
}

TargetProcess::TargetProcess(TargetProcess&& other) noexcept
    : url_(std::move(other.url_)),
      pid_(other.pid_),
      process_(std::move(other.process_)),
      output_(std::exchange(other.output_, -1)) {
  other.process_.reset();
}

TargetProcess::~TargetProcess() {
  process_.reset();
  if (output_ >= 0) ::close(output_);
}

bool TargetProcess::running() {
  return !process_ || process_->running();
}

std::optional<Duration> TargetProcess::cpu() const {
  return pid_ ? cpu_of_tree(*pid_) : std::nullopt;
}

std::string TargetProcess::last_words() const {
  struct stat status {};
  if (output_ < 0 || fstat(output_, &status) != 0) return {};
  std::array<char, kLastWords> bytes{};
  const off_t from = std::max<off_t>(0, status.st_size - static_cast<off_t>(bytes.size()));
  const ssize_t size = pread(output_, bytes.data(), bytes.size(), from);
  std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string words;
  for (std::size_t line = 0; line < kLastLines && !text.empty(); ++line) {
    const std::size_t begin = text.rfind('\n') + 1;  // npos + 1 is 0
    words.insert(0, fmt::format("{}{}", report::printable(text.substr(begin)), words.empty() ? "" : "\n"));
    text = text.substr(0, begin == 0 ? 0 : begin - 1);
  }
  return words;
}

void TargetProcess::forget_output() {
  if (output_ < 0) return;
  [[maybe_unused]] const int ignored = ftruncate(output_, 0);
}

}  // namespace loadgen::cli
