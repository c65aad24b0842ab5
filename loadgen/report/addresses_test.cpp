#include "report/addresses.hpp"

#include <gtest/gtest.h>

namespace loadgen::report {
namespace {

TEST(AddressesText, SaysOnlyWhatIsNotPlain) {
  EXPECT_EQ(addresses_text({}), "");
  EXPECT_EQ(addresses_text({.targets = 2, .used = 2}), "");
  EXPECT_EQ(addresses_text({.targets = 1, .used = 3}), "3 of 1 target in turn");
  EXPECT_EQ(addresses_text({.targets = 1, .used = 1, .refused = 1}), "1 of 1 target, 1 more did not answer");
  EXPECT_EQ(addresses_text({.targets = 2, .used = 5, .refused = 1, .sources = 4}),
            "5 of 2 targets in turn, 1 more did not answer; sent from 4 in turn");
  EXPECT_EQ(addresses_text({.targets = 1, .used = 1, .sources = 1}), "1 of 1 target; sent from 1");
}

}  // namespace
}  // namespace loadgen::report
