#include "server/routes.hpp"

#include <ctime>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

class Routes : public testing::Test {
 protected:
  Reply ask(std::string_view path, std::string_view query = "", Method method = Method::get,
            std::string_view body = "") {
    return site.answer(Request{method, path, query, body, false, true, TimePoint{}});
  }

  std::uint64_t counted(const char* path) { return stats.totals().paths[stats.paths().id_of(path)]; }

  Options options;
  Stats stats{1};
  Timeline timeline{Freeze{}};
  Site site{options, stats, timeline, 0};
};

TEST_F(Routes, ThePathsThereAre) {
  EXPECT_EQ(ask("/").text(), "OK");
  EXPECT_EQ(ask("/fibonacci").text(), "OK");
  EXPECT_EQ(ask("/async").text(), "OK");
  EXPECT_EQ(ask("/async").delay, 2ms);
  EXPECT_EQ(ask("/").delay, 0ms);
  EXPECT_EQ(ask("/bytes/1234").body_size, 1234U);
  EXPECT_EQ(ask("/status/418").status, 418);
  EXPECT_EQ(ask("/echo", "", Method::post, "hello").text(), "hello");
  EXPECT_EQ(ask("/nowhere").status, 404);
  EXPECT_EQ(ask("/bytes/").status, 400);
  EXPECT_EQ(ask("/bytes/99999999999").status, 400);
  EXPECT_EQ(ask("/status/100").status, 400);
  EXPECT_EQ(ask("/?delay=x").status, 404) << "the query is not part of the path";
  EXPECT_EQ(ask("/", "delay=x").status, 400);
}

TEST_F(Routes, StretchLengthensEveryDelay) {
  options.stretch = 1.25;
  EXPECT_EQ(ask("/async").delay, 2500us);
  EXPECT_EQ(ask("/x", "delay=4ms").delay, 5ms);
  EXPECT_EQ(ask("/x", "trickle=8ms&pause=12ms").trickle, 10ms);
  EXPECT_EQ(ask("/x", "trickle=8ms&pause=12ms").pause, 15ms);
  EXPECT_EQ(ask("/q", "serve=16ms").served, TimePoint{20ms});
  EXPECT_EQ(ask("/").delay, 0ms);
}

TEST_F(Routes, ExtraWorkIsProcessorTimeOfTheThread) {
  const auto spent_on_one = [this] {
    timespec before{};
    timespec after{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    site.do_extra_work();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    return std::chrono::seconds(after.tv_sec - before.tv_sec) + Nanos(after.tv_nsec - before.tv_nsec);
  };
  EXPECT_LT(spent_on_one(), 1ms) << "none unless asked for";
  options.extra_work = 5ms;
  const Nanos spent = spent_on_one();
  EXPECT_GE(spent, 5ms);
  EXPECT_LT(spent, 10ms);
}

TEST_F(Routes, TheIdsOfThePlainPathsAreThoseOfTheTable) {
  for (const char* path : {"/", "/async", "/fibonacci"})
    EXPECT_EQ(static_cast<PathId>(plain_path(path)), stats.paths().id_of(path)) << path;
  EXPECT_EQ(plain_path("/echo"), PlainPath::none);
}

TEST_F(Routes, MethodsAreHeld) {
  EXPECT_EQ(ask("/", "", Method::post).status, 405);
  EXPECT_EQ(ask("/", "", Method::post).allow, "GET, HEAD");
  EXPECT_EQ(ask("/echo").status, 405);
  EXPECT_EQ(ask("/echo").allow, "POST, PUT");
  EXPECT_EQ(ask("/stats/reset").status, 405);
  EXPECT_TRUE(ask("/", "", Method::head).head_only);
  EXPECT_EQ(ask("/anything", "delay=1ms", Method::del).status, 200) << "a scripted path of its own takes any method";
}

TEST_F(Routes, ScriptsChangeTheReply) {
  EXPECT_EQ(ask("/x", "delay=7ms").delay, 7ms);
  EXPECT_EQ(ask("/async", "delay=7ms").delay, 7ms);
  EXPECT_EQ(ask("/x", "status=503").text(), "Service Unavailable");
  EXPECT_TRUE(ask("/x", "status=204").head_only);
  EXPECT_EQ(ask("/x", "status=503&size=10").body_size, 10U);
  EXPECT_FALSE(ask("/x", "close").keep_alive);
  EXPECT_TRUE(ask("/", "hold=1").hold);
  EXPECT_EQ(ask("/x", "truncate").send_only, 1U);
  EXPECT_EQ(ask("/x", "truncate=99").send_only, 1U) << "never the whole body";
  EXPECT_EQ(ask("/x", "size=100&truncate=99").send_only, 99U);
  EXPECT_EQ(ask("/x", "truncate&reset").ending, Reply::Ending::reset);
  EXPECT_EQ(ask("/x", "reset&never").ending, Reply::Ending::never);
  EXPECT_EQ(ask("/x", "pause=3ms").pause, Nanos(3ms));
  EXPECT_EQ(ask("/x", "malformed").ending, Reply::Ending::malformed);
  EXPECT_FALSE(site.answer(Request{Method::get, "/x", "chunked", "", true, true, TimePoint{}}).keep_alive)
      << "HTTP/1.0";
}

TEST_F(Routes, AServedPathTakesOneAfterAnother) {
  const auto served = [&](TimePoint arrived) {
    return site.answer(Request{Method::get, "/q", "serve=5ms", "", false, true, arrived}).served;
  };
  EXPECT_EQ(served(TimePoint{1s}), TimePoint{1s + 5ms});
  EXPECT_EQ(served(TimePoint{1s + 1ms}), TimePoint{1s + 10ms});
  EXPECT_EQ(ask("/q", "delay=5ms").served, TimePoint{}) << "others do not queue";
}

TEST_F(Routes, IndexesCountByPathFromZero) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask("/a", "status=500@3/10").status, i % 10 == 3 ? 500 : 200) << i;
  EXPECT_EQ(ask("/b", "status=500@0/10").status, 500) << "another path counts for itself";
  ask("/stats/reset", "", Method::post);
  EXPECT_EQ(ask("/a", "status=500@0/10").status, 500) << "from zero after a reset";
}

TEST_F(Routes, PathsAndBehavioursAreCounted) {
  ask("/");
  ask("/x", "status=500@0/2&delay=1ms");
  ask("/x", "status=500@0/2&delay=1ms");
  ask("/stats");
  EXPECT_EQ(counted("/"), 1U);
  EXPECT_EQ(counted("/x"), 2U);
  EXPECT_EQ(stats.totals().behaviours[static_cast<std::size_t>(Behaviour::status)], 1U);
  EXPECT_EQ(stats.totals().behaviours[static_cast<std::size_t>(Behaviour::delay)], 2U);
  EXPECT_EQ(stats.totals().paths[other_path], 0U) << "/stats counts nowhere";
  EXPECT_TRUE(ask("/stats").control);
}

TEST_F(Routes, RefusalsCloseAndAreCounted) {
  const Reply reply = site.refuse(431);
  EXPECT_EQ(reply.status, 431);
  EXPECT_FALSE(reply.keep_alive);
  EXPECT_EQ(stats.totals().rejected, 1U);
}

}  // namespace
}  // namespace loadgen_server
