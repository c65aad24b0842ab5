// A hostile record: whatever its bytes claim, reading them ends, what was read is written and read again as the same
// bytes, and a report can be made of it.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "config/parse.hpp"
#include "report/run_file.hpp"
#include "report/text.hpp"
#include "stats/record_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loadgen;
  static const auto plan = std::get<config::Plan>(
      config::parse_plan(R"({"target": "http://h", "thread_groups": [{"arrivals": [{"rate": "10/s", "for": "9s"}],
                             "steps": [{"get": "/"}]}]})",
                         {}));
  auto record = stats::decode({reinterpret_cast<const char*>(data), size});
  if (!record) return 0;
  const std::string bytes = stats::encode(*record);
  const auto again = stats::decode(bytes);
  if (!again || stats::encode(*again) != bytes) std::abort();
  const report::SavedRun run{.plan = plan, .record = std::move(*record), .host = {}, .calibration = {}, .tool = {}};
  if (report::text(report::summarize(run), {}).empty()) std::abort();
  return 0;
}
