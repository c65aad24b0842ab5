#include "report/json.hpp"

#include "report/json_run.hpp"
#include "report/json_schema.hpp"
#include "report/json_writer.hpp"

namespace loadgen::report {

std::string json(const Summary& summary) {
  return json_text(summary);
}

std::string run_schema() {
  return schema_text("loadgen run",
                     "What `loadgen … --out json=FILE` writes: everything that was measured in one run. A number's "
                     "unit stands in brackets at the end of its description.",
                     Summary{});
}

}  // namespace loadgen::report
