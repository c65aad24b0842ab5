#include "engine/receive_lag.hpp"

#include <array>
#include <cstring>
#include <optional>

#include <gtest/gtest.h>

#include "base/sample.hpp"

namespace loadgen::engine {
namespace {

/// A control buffer as recvmsg fills it, with a stamp so many ns before now.
class Control {
 public:
  explicit Control(std::int64_t ns_ago, int type = SO_TIMESTAMPNS) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const std::int64_t at = now.tv_sec * 1'000'000'000 + now.tv_nsec - ns_ago;
    const timespec stamp{.tv_sec = at / 1'000'000'000, .tv_nsec = at % 1'000'000'000};
    message_.msg_control = bytes_.data();
    message_.msg_controllen = bytes_.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message_);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof stamp);
    std::memcpy(CMSG_DATA(header), &stamp, sizeof stamp);
  }

  const cmsghdr* header() const { return CMSG_FIRSTHDR(&message_); }

 private:
  alignas(cmsghdr) std::array<char, kStampSpace> bytes_{};
  msghdr message_{};
};

TEST(ReceiveLag, IsTheDifferenceToTheWallClock) {
  const Control control(2'000'000);
  const std::uint32_t lag = receive_lag(control.header());
  EXPECT_GE(lag, 2'000'000U);
  EXPECT_LT(lag, 1'000'000'000U);
}

TEST(ReceiveLag, SaturatesBelowTheValueThatMeansNobodyLooked) {
  EXPECT_EQ(receive_lag(Control(10'000'000'000).header()), kNoReceiveLag - 1);
}

TEST(ReceiveLag, IsUnknownWithoutAStampOrWithOneOfTheFuture) {
  EXPECT_EQ(receive_lag(nullptr), kNoReceiveLag);
  EXPECT_EQ(receive_lag(Control(2'000'000, SCM_RIGHTS).header()), kNoReceiveLag);
  EXPECT_EQ(receive_lag(Control(-60'000'000'000).header()), kNoReceiveLag);
}

}  // namespace
}  // namespace loadgen::engine
