// Bodies from files where a request is led on, or sent with headers of its user's.

#include <fstream>

#include "run/visitors.hpp"
#include "tests/support/visits.hpp"

namespace loadgen::run {
namespace {

/// A step whose body is a form with a file, and expects a 100.
config::Step form_step() {
  const std::string name = testing::TempDir() + "loadgen_upload_visits_test";
  std::ofstream(name) << "file";
  config::Step sent = step("form");
  sent.method = "POST";
  sent.multipart = {{.name = "f", .file = name}};
  sent.headers = {{"Expect", "100-continue"}};
  return sent;
}

TEST(UploadVisits, AnUploadGoesOnWithItsTypeOrNotAtAll) {
  config::Plan plan = following();
  plan.thread_groups[0].steps = {form_step()};
  const Trial trial = run(plan, redirecting({redirect(307, "/b"), redirect(308, "/c"), redirect(303, "/d")}));
  ASSERT_EQ(trial.started.size(), 4u);
  for (const std::size_t kept : {1, 2}) {
    const Started& next = trial.started[kept];
    ASSERT_NE(next.upload, nullptr);
    EXPECT_EQ(next.upload, trial.started[1].upload);
    EXPECT_NE(next.instead.find("\r\nContent-Length: " + std::to_string(next.upload->size()) + "\r\n"),
              std::string::npos);
    EXPECT_NE(next.instead.find("\r\nContent-Type: multipart/form-data; boundary=loadgen-"), std::string::npos);
    EXPECT_TRUE(says(next, "Expect"));
  }
  EXPECT_EQ(first_line(trial.started[3]), "GET /d HTTP/1.1");
  EXPECT_EQ(trial.started[3].upload, nullptr);
  for (const char* name : {"Content-Type", "Content-Length", "Expect"}) EXPECT_FALSE(says(trial.started[3], name));
}

TEST(UploadVisits, SumsOfBytesSentStayAtTheMostThatFits) {
  const config::Plan plan = following();
  const Program program = *compile(plan);
  Visitors visitors(plan, program, 1);
  visitors.first(0, 0);
  Sample sample;
  sample.status = 302;
  sample.bytes_out = UINT32_MAX - 5;
  ASSERT_NE(visitors.next(sample, {.location = "/b", .cookies = {}, .challenges = {}}), nullptr);
  sample.status = 200;
  sample.bytes_out = 6;
  EXPECT_EQ(visitors.next(sample, {}), nullptr);
  EXPECT_EQ(sample.bytes_out, UINT32_MAX);
}

TEST(UploadVisits, ACookieGoesWithAnUpload) {
  config::Plan plan = plan_of(1, {}, {step("a"), form_step()});
  plan.http.cookies = config::Cookies::user;
  const Program program = *compile(plan);
  Visitors visitors(plan, program, 1);
  Sample sample;
  sample.status = 200;
  visitors.first(0, 0);
  visitors.next(sample, {.location = {}, .cookies = "s=1\n", .challenges = {}});
  const http::PreparedRequest* with_cookie = visitors.first(0, 1);
  ASSERT_NE(with_cookie, nullptr);
  EXPECT_EQ(with_cookie->upload, program.requests[1].upload);
  EXPECT_TRUE(with_cookie->awaits_continue);
  EXPECT_NE(with_cookie->bytes.find("\r\nCookie: s=1\r\n"), std::string::npos);
}

TEST(UploadVisits, TheAnswerToAChallengeCarriesIt) {
  config::Plan plan = with_digest();
  const auto who = plan.thread_groups[0].steps[0].digest;
  plan.thread_groups[0].steps = {form_step()};
  plan.thread_groups[0].steps[0].digest = who;
  const Trial trial = run(plan, redirecting({asks(kAsks)}));
  ASSERT_EQ(trial.started.size(), 3u);
  EXPECT_TRUE(says(trial.started[1], "Authorization"));
  ASSERT_NE(trial.started[1].upload, nullptr);
  EXPECT_TRUE(says(trial.started[1], "Content-Type"));
  EXPECT_EQ(trial.started[2].upload, trial.started[1].upload);
}

}  // namespace
}  // namespace loadgen::run
