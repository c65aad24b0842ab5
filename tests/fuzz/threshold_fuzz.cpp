// Hostile thresholds: read or refused with a sentence, never a crash; and what was read comes back from its own
// spelling.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/threshold.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loadgen::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto one = parse_threshold(text);
  const auto list = parse_thresholds(text);
  if (!list) {
    if (one.ok() || list.error().empty() || one.error().empty()) std::abort();
    return 0;
  }
  if (one.ok() != (list->size() == 1)) std::abort();
  for (const Threshold& threshold : *list) {
    const auto again = parse_threshold(to_string(threshold));
    if (!again || *again != threshold || to_string(*again) != to_string(threshold)) std::abort();
    const Threshold turned = opposite(threshold);
    if (opposite(turned) != threshold || holds(turned, 1) == holds(threshold, 1)) std::abort();
  }
  return 0;
}
