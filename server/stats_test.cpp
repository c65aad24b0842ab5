#include "server/stats.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

TEST(Stats, ThreadsAddUp) {
  Stats stats(2);
  stats.of_thread(0).paths[0].add(3);
  stats.of_thread(1).paths[0].add(4);
  stats.of_thread(1).statuses[200].add(6);
  stats.of_thread(0).bytes_in.add(10);
  EXPECT_EQ(stats.totals().paths[0], 7U);
  EXPECT_EQ(stats.to_json(),
            "{\"requests\": 7, \"responses\": 6, \"rejected\": 0,\n"
            " \"connections\": {\"accepted\": 0, \"open\": 0},\n"
            " \"tls\": {\"handshakes\": 0, \"resumed\": 0},\n"
            " \"bytes\": {\"in\": 10, \"out\": 0},\n"
            " \"statuses\": {\"200\": 6},\n \"behaviours\": {},\n \"paths\": {\"/\": 7}}\n");
}

TEST(Stats, AResetStartsFromZeroAndKeepsWhatIsOpen) {
  Stats stats(1);
  Counters& counters = stats.of_thread(0);
  counters.connections_accepted.add(3);
  counters.connections_closed.add(1);
  counters.rejected.add(2);
  EXPECT_EQ(stats.paths().next_index(0), 0U);
  EXPECT_EQ(stats.paths().next_index(0), 1U);
  stats.reset();
  EXPECT_EQ(stats.totals().rejected, 0U);
  EXPECT_EQ(stats.paths().next_index(0), 0U);
  EXPECT_NE(stats.to_json().find("{\"accepted\": 0, \"open\": 2}"), std::string::npos);
  counters.rejected.add(5);
  EXPECT_EQ(stats.totals().rejected, 5U);
}

TEST(Stats, PathsAreBounded) {
  PathTable paths;
  for (int i = 0; i < 1000; ++i) {
    const PathId id = paths.id_of("/p" + std::to_string(i));
    EXPECT_EQ(id, i + 3 < other_path ? i + 3 : other_path);
  }
  EXPECT_EQ(paths.id_of("/p5"), 8) << "known paths keep their number";
  EXPECT_EQ(paths.names().size(), other_path);
  EXPECT_EQ(paths.id_of("/" + std::string(max_path_kept, 'a')), other_path);
}

TEST(Stats, IndexesOfAllThreadsAreOneSequence) {
  PathTable paths;
  const PathId id = paths.id_of("/x");
  const auto draw = [&] {
    for (int i = 0; i < 10'000; ++i) paths.next_index(id);
  };
  std::thread first(draw);
  std::thread second(draw);
  first.join();
  second.join();
  EXPECT_EQ(paths.next_index(id), 20'000U);
}

TEST(Stats, NamesAreEscaped) {
  Stats stats(1);
  stats.of_thread(0).paths[stats.paths().id_of("/a\"b\\")].add(1);
  EXPECT_NE(stats.to_json().find(R"({"/a\"b\\": 1})"), std::string::npos);
}

}  // namespace
}  // namespace loadgen_server
