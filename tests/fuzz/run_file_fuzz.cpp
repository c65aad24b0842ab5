// A hostile run.json: read or refused with a reason, never a crash; and what was read can be reported, saved and read
// again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "report/json.hpp"
#include "report/run_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loadgen::report;
  const auto run = read_run({reinterpret_cast<const char*>(data), size});
  if (!run) {
    if (run.error().empty()) std::abort();
    return 0;
  }
  if (!read_run(json(summarize(*run)))) std::abort();
  return 0;
}
