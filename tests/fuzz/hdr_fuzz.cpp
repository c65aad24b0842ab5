// A hostile histogram: whatever its bytes claim, reading them ends, and what was read can be written and read again.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "report/hdr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)loadgen::report::histogram_of_hdr_base64(bytes);
  const auto histogram = loadgen::report::histogram_of_hdr_bytes(bytes);
  if (!histogram) return 0;
  const auto again = loadgen::report::histogram_of_hdr_bytes(loadgen::report::hdr_bytes(*histogram));
  if (!again) std::abort();
  if (!std::ranges::equal(again->counts(), histogram->counts())) std::abort();
  if (again->sum() != histogram->sum() || again->max() != histogram->max()) std::abort();
  return 0;
}
