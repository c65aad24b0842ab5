// Redirects, cookies and challenges under a fake engine and a manual clock: what is sent, and what becomes of the
// sample.

#include "run/visitors.hpp"

#include "tests/support/visits.hpp"

namespace loadgen::run {
namespace {

TEST(Visitors, ARedirectedRequestIsOneSampleThatAddsUp) {
  const Trial trial = run(following(), redirecting({redirect(302, "/b"), redirect(301, "c?d")}));
  ASSERT_EQ(trial.started.size(), 3u);
  EXPECT_EQ(first_line(trial.started[1]), "GET /b HTTP/1.1");
  EXPECT_EQ(first_line(trial.started[2]), "GET /c?d HTTP/1.1");
  EXPECT_EQ(trial.started[2].at, kT0 + milliseconds(16)) << "at once";
  EXPECT_EQ(trial.counts.released, 1u);

  const stats::LabelRecord& label = trial.labels()[0];
  EXPECT_EQ(label.outcomes.succeeded, 1u);
  EXPECT_EQ(label.outcomes.by_status[200], 1u);
  EXPECT_EQ(label.outcomes.by_status[302], 0u);
  EXPECT_EQ(label.redirects_followed, 2u);
  EXPECT_EQ(label.bytes_in, 300u);
  EXPECT_EQ(label.bytes_out, 30u);
  EXPECT_EQ(label.succeeded.service.sum(), milliseconds(24)) << "first start to last end";
  EXPECT_EQ(label.succeeded.first_byte.sum(), milliseconds(6)) << "of the first response, as JMeter's latency";
  EXPECT_EQ(label.succeeded.follow_ups.sum(), milliseconds(16)) << "from there to the last response's first byte";
  EXPECT_EQ(label.succeeded.download.sum(), milliseconds(2));
  EXPECT_TRUE(stats::phases_add_up(label.succeeded));
}

TEST(Visitors, WithoutRedirectsNothingIsOfThatPhase) {
  const Trial trial = run(following(), redirecting({}));
  EXPECT_EQ(trial.labels()[0].succeeded.follow_ups.count(), 0u);
  config::Plan plan = following();
  plan.http.follow_redirects = false;
  const Trial off = run(plan, redirecting({redirect(302, "/b")}));
  EXPECT_EQ(off.started.size(), 1u);
  EXPECT_EQ(off.labels()[0].outcomes.by_status[302], 1u);
}

TEST(Visitors, MethodAndBodyByTheStatus) {
  struct Row {
    std::uint16_t status;
    const char* method;
    const char* line;  ///< empty: not followed
    bool body;
  };
  for (const Row& row : {Row{301, "POST", "GET /b HTTP/1.1", false}, Row{302, "POST", "GET /b HTTP/1.1", false},
                         Row{303, "PUT", "GET /b HTTP/1.1", false}, Row{302, "HEAD", "HEAD /b HTTP/1.1", false},
                         Row{307, "POST", "POST /b HTTP/1.1", true}, Row{308, "PUT", "PUT /b HTTP/1.1", true},
                         Row{300, "GET", "", false}, Row{304, "GET", "", false}, Row{305, "GET", "", false}}) {
    config::Plan plan = following();
    config::Step& sent = plan.thread_groups[0].steps[0];
    sent.method = row.method;
    if (sent.method != "HEAD") sent.body = "the body";
    sent.headers = {{"Content-Type", "text/plain"}, {"X-Own", "1"}};
    const Trial trial = run(plan, redirecting({redirect(row.status, "/b")}));
    const std::string_view line = row.line;
    ASSERT_EQ(trial.started.size(), line.empty() ? 1u : 2u) << row.status;
    if (line.empty()) continue;
    const Started& next = trial.started[1];
    EXPECT_EQ(first_line(next), line) << row.status;
    EXPECT_EQ(next.instead.ends_with("\r\n\r\nthe body"), row.body) << row.status;
    EXPECT_TRUE(says(next, "X-Own"));
    EXPECT_EQ(says(next, "Content-Type"), row.body || sent.method == "HEAD") << row.status;
  }
}

TEST(Visitors, AGetThatARedirectMadeStaysOne) {
  config::Plan plan = following();
  plan.thread_groups[0].steps[0].method = "POST";
  const Trial trial = run(plan, redirecting({redirect(303, "/b"), redirect(307, "/c")}));
  EXPECT_EQ(first_line(trial.started[2]), "GET /c HTTP/1.1");
}

TEST(Visitors, CredentialsGoToNoOtherServer) {
  config::Plan plan = following();
  plan.thread_groups[0].steps.push_back(step("b"));
  plan.thread_groups[0].steps[1].url = {.host = "other", .port = 81, .path_and_query = "/"};
  plan.thread_groups[0].steps[0].headers = {
      {"authorization", "Bearer t"}, {"Cookie", "a=b"}, {"Host", "me"}, {"X-Own", "1"}};
  const Trial trial =
      run(plan, redirecting({redirect(302, "/here"), redirect(302, "http://OTHER:81/x"), redirect(302, "http://h/")}));
  ASSERT_EQ(trial.started.size(), 5u);
  for (const std::size_t at_home : {1, 3})
    for (const char* name : {"authorization", "Cookie", "X-Own"})
      EXPECT_TRUE(says(trial.started[at_home], name)) << at_home << name;
  const Started& away = trial.started[2];
  for (const char* name : {"authorization", "Cookie"}) EXPECT_FALSE(says(away, name)) << name;
  EXPECT_TRUE(says(away, "X-Own"));
  EXPECT_NE(away.instead.find("\r\nHost: OTHER:81\r\n"), std::string::npos);
  EXPECT_EQ(away.target, 1u);
  EXPECT_EQ(trial.started[3].target, 0u);
}

TEST(Visitors, LoadGoesOnlyWhereThePlanSays) {
  for (const char* location : {"http://elsewhere/", "http://h:81/", "https://h:80/", "https://h/", "ftp://h/"}) {
    const Trial trial = run(following(), redirecting({redirect(302, location)}));
    EXPECT_EQ(trial.started.size(), 1u) << location;
    EXPECT_EQ(trial.outcomes().failed_by_kind[static_cast<std::size_t>(ErrorKind::redirect_elsewhere)], 1u) << location;
  }
  const Trial bad = run(following(), redirecting({redirect(302, "http://[")}));
  EXPECT_EQ(bad.outcomes().failed_by_kind[static_cast<std::size_t>(ErrorKind::redirect_unusable)], 1u);
  const Trial none = run(following(), redirecting({redirect(302, "")}));
  EXPECT_EQ(none.outcomes().succeeded, 1u) << "without a Location it is a response like any other";
}

TEST(Visitors, TwentyAreFollowedAndNotOneMore) {
  const std::vector<Reply> twenty(20, redirect(302, "/b"));
  const Trial enough = run(following(), redirecting(twenty));
  EXPECT_EQ(enough.started.size(), 21u);
  EXPECT_EQ(enough.outcomes().succeeded, 1u);
  const Trial endless = run(following(), redirecting(std::vector<Reply>(100, redirect(302, "/b"))));
  EXPECT_EQ(endless.started.size(), 21u);
  EXPECT_EQ(endless.outcomes().failed_by_kind[static_cast<std::size_t>(ErrorKind::too_many_redirects)], 1u);
  EXPECT_EQ(endless.labels()[0].failed->service.sum(), milliseconds(21 * 8));
}

TEST(Visitors, AFailureOnTheWayIsTheRequests) {
  config::Plan plan = following();
  plan.thread_groups[0].steps.push_back(step("b"));
  const Trial trial =
      run(plan, redirecting({redirect(302, "/b"), {.after = {}, .error = ErrorKind::reset}, redirect(302, "/c")}));
  EXPECT_EQ(trial.started.size(), 4u);
  const stats::LabelRecord& failed = trial.labels()[0];
  EXPECT_EQ(failed.outcomes.failed_by_kind[static_cast<std::size_t>(ErrorKind::reset)], 1u);
  EXPECT_EQ(failed.failed->service.sum(), milliseconds(16));
  EXPECT_EQ(failed.failed->follow_ups.sum(), milliseconds(10)) << "to the end, as no second response came";
  EXPECT_EQ(failed.failed->download.sum(), Duration::zero());
  EXPECT_EQ(trial.labels()[1].redirects_followed, 1u) << "the next request begins anew";
}

TEST(Visitors, AStopLeavesWhatLeadsOnUnfinished) {
  for (const Stop how : {Stop::graceful, Stop::now}) {
    const auto stop = [&](TimePoint now, RunControl& control) {
      if (now >= kT0 + milliseconds(8)) control.raise(how);
    };
    const Trial trial = run(following(), redirecting(std::vector<Reply>(5, redirect(302, "/b"))), {}, stop);
    EXPECT_EQ(trial.outcomes().unfinished, how == Stop::now ? 1u : 0u);
    EXPECT_EQ(trial.outcomes().succeeded, how == Stop::now ? 0u : 1u) << "a drain lets it come to its end";
  }
}

Reply sets(std::string cookies, std::uint16_t status = 200) {
  return {.after = {}, .status = status, .cookies = std::move(cookies)};
}

std::vector<std::string> cookies_sent(const Trial& trial) {
  std::vector<std::string> out;
  for (const Started& started : trial.started) out.push_back(value_of(started, "Cookie"));
  return out;
}

/// Three iterations of two steps, by one user.
config::Plan with_cookies(config::Cookies cookies) {
  config::Plan plan = plan_of(1, {}, {step("a"), step("b")});
  plan.thread_groups[0].loops = 3;
  plan.http.cookies = cookies;
  return plan;
}

using Cookies = std::vector<std::string>;

TEST(Cookies, AreKeptAsLongAsThePlanSays) {
  const auto sent = [](const config::Plan& plan) { return cookies_sent(run(plan, redirecting({sets("s=1\n")}))); };
  EXPECT_EQ(sent(with_cookies(config::Cookies::off)), (Cookies{"", "", "", "", "", ""}));
  EXPECT_EQ(sent(with_cookies(config::Cookies::user)), (Cookies{"", "s=1", "s=1", "s=1", "s=1", "s=1"}));
  EXPECT_EQ(sent(with_cookies(config::Cookies::iteration)), (Cookies{"", "s=1", "", "", "", ""}));
  config::Plan others = with_cookies(config::Cookies::user);
  others.thread_groups[0].same_user_on_next_iteration = false;
  EXPECT_EQ(sent(others), (Cookies{"", "s=1", "", "", "", ""})) << "another user";
}

TEST(Cookies, AnArrivalBringsNone) {
  config::Plan plan = with_cookies(config::Cookies::user);
  config::ThreadGroup& group = plan.thread_groups[0];
  group.users = 0;
  group.arrivals = {{.duration = seconds(1), .from = 3, .to = 3}};
  group.max_in_flight = 1;
  const auto behaviour = [](const Started&) { return Reply{milliseconds(8), ErrorKind::none, 200, "", "s=1\n"}; };
  EXPECT_EQ(cookies_sent(run(plan, behaviour)), (Cookies{"", "s=1", "", "s=1", "", "s=1"})) << "on one place";
}

TEST(Cookies, EachUserHasHisOwn) {
  config::Plan plan = with_cookies(config::Cookies::user);
  plan.thread_groups[0].users = 2;
  const Trial trial = run(plan, [](const Started& s) {
    return Reply{milliseconds(8), ErrorKind::none, 200, "", "u=" + std::to_string(s.slot) + "\n"};
  });
  for (const Started& started : trial.started)
    EXPECT_EQ(value_of(started, "Cookie"), started.index == 0 ? "" : "u=" + std::to_string(started.slot));
}

TEST(Cookies, TheRequestIsOtherwiseThePlans) {
  config::Plan plan = with_cookies(config::Cookies::user);
  config::Step& second = plan.thread_groups[0].steps[1];
  second.method = "POST";
  second.url.path_and_query = "/b?c";
  second.headers = {{"cookie", "own=0"}, {"X-Own", "1"}};
  second.body = "the body";
  const Trial trial = run(plan, redirecting({sets("s=1\nt=2; path=/b\nx=3; domain=other.com\n"), sets("s=2\n")}));
  EXPECT_EQ(trial.started[1].instead,
            "POST /b?c HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\ncookie: own=0; t=2; s=1\r\nX-Own: 1\r\n"
            "Content-Length: 8\r\n\r\nthe body");
  EXPECT_EQ(value_of(trial.started[2], "Cookie"), "s=2");
  EXPECT_EQ(value_of(trial.started[3], "cookie"), "own=0; t=2; s=2");
}

TEST(Cookies, ARedirectSetsThemForWhereItLeads) {
  config::Plan plan = following();
  plan.http.cookies = config::Cookies::user;
  plan.thread_groups[0].steps.push_back(step("b"));
  plan.thread_groups[0].steps[1].url = {.host = "other", .port = 81, .path_and_query = "/x/y"};
  plan.thread_groups[0].steps[0].headers = {{"Cookie", "own=0"}};
  Reply away = redirect(302, "http://other:81/x/z");
  away.cookies = "s=1\n";
  Reply back = redirect(302, "http://h/");
  back.cookies = "o=2\n";
  const Trial trial = run(plan, redirecting({away, back}));
  EXPECT_EQ(cookies_sent(trial), (Cookies{"", "", "own=0; s=1", "o=2"})) << "o is of /x, at the other server";
}

TEST(Cookies, ExpireByTheWallClock) {
  config::Plan plan = with_cookies(config::Cookies::user);
  const Program program = *compile(plan);
  std::chrono::sys_seconds now{seconds(1'000'000'000)};
  Visitors visitors(plan, program, 1, [&] { return now; });
  Sample sample;
  sample.status = 200;
  EXPECT_EQ(visitors.first(0, 0), nullptr);
  EXPECT_EQ(visitors.next(sample, {.location = {}, .cookies = "a=1; Max-Age=60\nb=2\n", .challenges = {}}), nullptr);
  const http::PreparedRequest* both = visitors.first(0, 0);
  ASSERT_NE(both, nullptr);
  EXPECT_NE(both->bytes.find("\r\nCookie: a=1; b=2\r\n"), std::string::npos);
  now += seconds(59);
  EXPECT_EQ(visitors.first(0, 0), both);
  EXPECT_NE(both->bytes.find("\r\nCookie: a=1; b=2\r\n"), std::string::npos);
  now += seconds(1);
  EXPECT_NE(visitors.first(0, 0)->bytes.find("\r\nCookie: b=2\r\n"), std::string::npos);
}

/// What a request says about itself: its nonce and count; empty: nothing.
std::string nonce_and_count(const Started& started) {
  const std::string said = value_of(started, "Authorization");
  const auto part = [&](std::string_view name, std::size_t size) {
    const std::size_t at = said.find(name);
    return at == std::string::npos ? "" : said.substr(at + name.size(), size);
  };
  return said.empty() ? "" : part(" nonce=\"", 2) + " " + part(" nc=", 8);
}

TEST(Digest, TheFirst401IsAnsweredWithinTheSample) {
  const Trial trial = run(with_digest(), redirecting({asks(kAsks)}));
  ASSERT_EQ(trial.started.size(), 3u);
  EXPECT_EQ(nonce_and_count(trial.started[0]), "");
  EXPECT_EQ(nonce_and_count(trial.started[1]), "n1 00000001");
  EXPECT_EQ(trial.started[1].at, kT0 + milliseconds(8)) << "at once";
  EXPECT_EQ(nonce_and_count(trial.started[2]), "n1 00000002") << "without being asked again";
  const stats::LabelRecord& label = trial.labels()[0];
  EXPECT_EQ(label.outcomes.succeeded, 2u);
  EXPECT_EQ(label.outcomes.by_status[401], 0u);
  EXPECT_EQ(label.challenges_answered, 1u);
  EXPECT_EQ(label.redirects_followed, 0u);
  EXPECT_EQ(label.bytes_in, 300u);
  EXPECT_EQ(label.succeeded.follow_ups.count(), 1u);
  EXPECT_EQ(label.succeeded.follow_ups.sum(), milliseconds(8));
  EXPECT_EQ(label.succeeded.service.sum(), milliseconds(24));
  EXPECT_TRUE(stats::phases_add_up(label.succeeded));
}

TEST(Digest, ASecond401IsTheAnswer) {
  const Trial trial = run(with_digest(), redirecting({asks(kAsks), asks(kAsks), asks(kAsks), asks(kAsks)}));
  EXPECT_EQ(trial.started.size(), 4u) << "each request asks anew";
  EXPECT_EQ(trial.outcomes().failed_by_kind[static_cast<std::size_t>(ErrorKind::status)], 2u);
  EXPECT_EQ(trial.labels()[0].outcomes.by_status[401], 2u);
  EXPECT_EQ(nonce_and_count(trial.started[2]), "");
}

TEST(Digest, ANewNonceIsTakenOnce) {
  const std::string stale = "Digest realm=\"r\", nonce=\"n2\", qop=auth, stale=true\n";
  const Reply fine{.after = {}, .status = 200};
  const Trial trial = run(with_digest(), redirecting({asks(kAsks), fine, asks(stale), fine}));
  ASSERT_EQ(trial.started.size(), 4u);
  EXPECT_EQ(nonce_and_count(trial.started[2]), "n1 00000002");
  EXPECT_EQ(nonce_and_count(trial.started[3]), "n2 00000001");
  EXPECT_EQ(trial.outcomes().succeeded, 2u);
  const Trial endless = run(with_digest(), redirecting(std::vector<Reply>(10, asks(stale))));
  EXPECT_EQ(endless.started.size(), 6u) << "three requests for each, and not one more";
  const Trial other =
      run(with_digest(), redirecting({asks(kAsks), fine, asks("Digest realm=\"s\", nonce=\"n3\"\n"), fine}));
  EXPECT_EQ(nonce_and_count(other.started[3]), "n3 ") << "another realm, without a qop";
}

TEST(Digest, WhatCannotBeAnsweredHasAKindOfItsOwn) {
  for (const char* other : {"", "Basic realm=\"r\"\n", "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"\n"}) {
    const Trial trial = run(with_digest(), redirecting({asks(other)}));
    EXPECT_EQ(trial.started.size(), 2u);
    EXPECT_EQ(trial.outcomes().failed_by_kind[static_cast<std::size_t>(ErrorKind::digest_unsupported)], 1u) << other;
  }
  config::Plan plan = with_digest();
  plan.thread_groups[0].steps[0].digest.reset();
  plan.http.cookies = config::Cookies::user;
  EXPECT_EQ(run(plan, redirecting({asks(kAsks)})).started.size(), 2u) << "nobody knows an answer";
}

TEST(Digest, GoesToNoOtherServer) {
  config::Plan plan = with_digest();
  plan.http.follow_redirects = true;
  plan.thread_groups[0].loops = 1;
  plan.thread_groups[0].steps.push_back(step("b"));
  plan.thread_groups[0].steps[1].url = {.host = "other", .port = 81, .path_and_query = "/"};
  const Trial trial =
      run(plan, redirecting({asks(kAsks), redirect(302, "/c"), redirect(302, "http://other:81/"), asks(kAsks)}));
  ASSERT_EQ(trial.started.size(), 5u);
  EXPECT_EQ(nonce_and_count(trial.started[2]), "n1 00000002");
  EXPECT_NE(value_of(trial.started[2], "Authorization").find(" uri=\"/c\""), std::string::npos);
  EXPECT_EQ(nonce_and_count(trial.started[3]), "");
  EXPECT_EQ(trial.labels()[0].outcomes.by_status[401], 1u) << "and is not asked for there";
  EXPECT_EQ(trial.labels()[0].challenges_answered, 1u);
  EXPECT_EQ(trial.labels()[0].redirects_followed, 2u);
}

TEST(Digest, UsersAndArrivalsBeginAnew) {
  config::Plan plan = with_digest();
  plan.thread_groups[0].same_user_on_next_iteration = false;
  const Trial trial = run(plan, [](const Started& s) {
    return value_of(s, "Authorization").empty() ? Reply{milliseconds(8), ErrorKind::status, 401, "", "", kAsks}
                                                : Reply{milliseconds(8), ErrorKind::none, 200};
  });
  EXPECT_EQ(trial.started.size(), 4u);
  EXPECT_EQ(trial.labels()[0].challenges_answered, 2u);
  EXPECT_NE(value_of(trial.started[1], "Authorization"), value_of(trial.started[3], "Authorization")) << "cnonce";
}

}  // namespace
}  // namespace loadgen::run
