#include "cli/child_process.hpp"

#include <csignal>
#include <ctime>
#include <utility>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace loadgen::cli {
namespace {

constexpr int kCannotExecute = 127;  ///< as shells have it
constexpr int kKilled = 128;         ///< the same: plus the signal's number
constexpr int kSecondsToEnd = 5;

// Everything from here to the next class runs in forked processes: only calls that are safe after fork().

sigset_t all_signals() {
  sigset_t set;
  sigfillset(&set);
  return set;
}

[[noreturn]] void become_program(char* const* words, OutputDescriptors output) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody should kill the keeper; if somebody does, this much ends with it
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  if (output.out >= 0) dup2(output.out, STDOUT_FILENO);
  if (output.err >= 0) dup2(output.err, STDERR_FILENO);
  execvp(words[0], words);
  _exit(kCannotExecute);
}

int shell_status(int status) {
  return WIFSIGNALED(status) ? kKilled + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Reaps whoever has ended; true once the program itself has, with its status.
bool reap(pid_t program, int& status) {
  bool ended = false;
  for (int of_one = 0;;) {
    const pid_t pid = waitpid(-1, &of_one, WNOHANG);
    if (pid <= 0) return ended;
    if (pid != program) continue;
    ended = true;
    status = shell_status(of_one);
  }
}

bool group_is_gone(pid_t program, int& status) {
  reap(program, status);
  return kill(-program, 0) != 0;
}

/// Ends the group, the polite way first.
void end_group(pid_t program, int& status) {
  constexpr long kPause = 5'000'000;  // ns
  constexpr int kPauses = kSecondsToEnd * 200;
  const timespec pause{.tv_sec = 0, .tv_nsec = kPause};
  kill(-program, SIGTERM);
  kill(-program, SIGCONT);  // one that is stopped would not hear of it
  for (int i = 0; i < kPauses && !group_is_gone(program, status); ++i) nanosleep(&pause, nullptr);
  for (int i = 0; i < kPauses && !group_is_gone(program, status); ++i) {  // what hangs in the kernel is not waited for
    kill(-program, SIGKILL);
    nanosleep(&pause, nullptr);
  }
}

[[noreturn]] void keep(char* const* words, OutputDescriptors output, pid_t parent) {
  const sigset_t all = all_signals();
  sigprocmask(SIG_BLOCK, &all, nullptr);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (getppid() != parent) _exit(kKilled + SIGTERM);  // it died before we asked to be told
  const pid_t program = fork();
  if (program == 0) become_program(words, output);
  close_range(0, ~0U, 0);  // a pipe that we kept open would never end
  if (program < 0) _exit(kCannotExecute);
  setpgid(program, program);  // whoever is first, we or it
  int status = 0;
  for (int signal = 0; signal != SIGTERM;) {
    if (sigwait(&all, &signal) == 0 && signal == SIGCHLD && reap(program, status)) break;
  }
  end_group(program, status);
  _exit(status);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& words, OutputDescriptors output) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words)
    pointers.push_back(const_cast<char*>(word.c_str()));  // NOLINT: exec's signature
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) keep(pointers.data(), output, parent);
  if (pid < 0) return Error{"no process could be made for it: too many on this machine, or too little memory?"};
  return ChildProcess(pid);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  stop();
}

bool ChildProcess::running() {
  int status = 0;
  if (pid_ <= 0) return false;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  status_ = shell_status(status);
  pid_ = -1;
  return false;
}

void ChildProcess::stop() {
  if (!running()) return;
  int status = 0;
  kill(pid_, SIGTERM);
  waitpid(pid_, &status, 0);
  status_ = shell_status(status);
  pid_ = -1;
}

std::string ChildProcess::ending() const {
  return status_ > kKilled ? fmt::format("signal {}", status_ - kKilled) : fmt::format("exit status {}", status_);
}

}  // namespace loadgen::cli
