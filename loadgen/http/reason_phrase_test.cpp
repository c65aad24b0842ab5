#include "http/reason_phrase.hpp"

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

TEST(ReasonPhrase, StatusesHaveTheirNames) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(204), "No Content");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(503), "Service Unavailable");
}

TEST(ReasonPhrase, OthersHaveNone) {
  for (const unsigned status : {0U, 1U, 299U, 555U, 999U}) EXPECT_EQ(reason_phrase(status), "") << status;
}

}  // namespace
}  // namespace loadgen::http
