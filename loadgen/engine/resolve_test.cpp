#include "engine/resolve.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "engine/test_servers.hpp"

namespace loadgen::engine {
namespace {

TEST(Resolve, AnAddressNeedsNoResolver) {
  const auto v4 = resolve("127.0.0.1", 3000);
  ASSERT_TRUE(v4.ok());
  EXPECT_EQ(v4->authority, "127.0.0.1:3000");
  ASSERT_EQ(v4->addresses.size(), 1u);
  EXPECT_EQ(v4->addresses[0].port(), 3000);
  EXPECT_EQ(resolve("::1", 80)->authority, "[::1]:80");
}

TEST(Resolve, AnUnknownNameIsNamed) {
  const auto none = resolve("no-such-host.invalid", 80);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().find("no-such-host.invalid"), std::string::npos);
}

TEST(Probe, TheAddressThatAnswersComesFirst) {
  asio::io_context io;
  tcp::acceptor open(io, {asio::ip::address_v4::loopback(), 0});
  const RefusingPort refusing;
  const Endpoint refused = refusing.endpoint();

  const auto target = probe({"x", {refused, open.local_endpoint()}}, std::chrono::seconds(2));
  ASSERT_TRUE(target.ok()) << target.error();
  EXPECT_EQ(target->addresses, (std::vector<Endpoint>{open.local_endpoint(), refused}));

  const auto nobody = probe({"x:1", {refused}}, std::chrono::seconds(2));
  ASSERT_FALSE(nobody.ok());
  EXPECT_NE(nobody.error().find("refused"), std::string::npos) << nobody.error();
}

}  // namespace
}  // namespace loadgen::engine
