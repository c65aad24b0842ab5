#include "cli/process_cpu.hpp"

#include <ctime>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/child_process.hpp"

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

void burn(Duration cpu) {
  timespec time{};
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  while (std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec) < cpu);
}

TEST(ProcessCpu, ReadsTheLineOfAnyName) {
  const auto stat = parse_process_stat(
      "42 (a) b) (c) S 7 42 42 0 -1 4194560 1 2 3 4 500 600 70 8 20 0 1 0 100 1000 10 18446744073709551615");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->ended_ticks, 78) << "cutime and cstime, not the process's own 500 and 600";
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("42 (short) S 7 42"));
}

TEST(ProcessCpu, CountsChildrenLivingAndEnded) {
  const auto before = cpu_of_tree(getpid());
  ASSERT_TRUE(before);
  const pid_t ended = fork();
  if (ended == 0) {
    burn(200ms);
    _exit(0);
  }
  waitpid(ended, nullptr, 0);
  const auto between = cpu_of_tree(getpid());
  EXPECT_GE(*between - *before, 180ms) << "in ticks of 10 ms";
  EXPECT_LE(*between - *before, 400ms);
  const pid_t living = fork();
  if (living == 0) {
    burn(200ms);
    for (;;) pause();
  }
  Duration used{};
  for (int i = 0; i < 400 && used < 200ms; ++i) {
    std::this_thread::sleep_for(10ms);
    used = cpu_of_tree(living).value_or(0ms);
  }
  EXPECT_GE(used, 200ms);
  EXPECT_LE(used, 300ms);
  EXPECT_GE(*cpu_of_tree(getpid()) - *between, 200ms);
  kill(living, SIGKILL);
  waitpid(living, nullptr, 0);
  EXPECT_FALSE(cpu_of_tree(living));
}

}  // namespace
}  // namespace loadgen::cli
