#include "engine/curl_errors.hpp"

#include <gtest/gtest.h>

namespace loadgen::engine {
namespace {

TEST(CurlErrors, WhatTheConnectionsEndExplainsIsLeftToIt) {
  for (const CURLcode code : {CURLE_OK, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR})
    EXPECT_EQ(curl_error(code), ErrorKind::none) << curl_easy_strerror(code);
}

TEST(CurlErrors, EachOtherIsOneKind) {
  EXPECT_EQ(curl_error(CURLE_WEIRD_SERVER_REPLY), ErrorKind::malformed_response);
  EXPECT_EQ(curl_error(CURLE_UNSUPPORTED_PROTOCOL), ErrorKind::malformed_response);
  EXPECT_EQ(curl_error(CURLE_OUT_OF_MEMORY), ErrorKind::response_too_large);
  EXPECT_EQ(curl_error(CURLE_FTP_PORT_FAILED), ErrorKind::other) << "a code that is not in the table";
}

TEST(CurlErrors, NoCodeStandsInTwoRows) {
  for (const CurlError& error : kCurlErrors)
    EXPECT_EQ(std::count_if(kCurlErrors.begin(), kCurlErrors.end(),
                            [&](const CurlError& other) { return other.code == error.code; }),
              1)
        << curl_easy_strerror(error.code);
}

}  // namespace
}  // namespace loadgen::engine
