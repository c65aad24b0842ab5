#pragma once
// run.json: every field of Summary, versioned as "loadgen/run/v1", and the schema that describes it. The fields stand
// in json_run.hpp, json_times.hpp and json_generator.hpp.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

/// Keys keep their order; text that is no UTF-8 has its bad bytes replaced by U+FFFD.
std::string json(const Summary& summary);

/// The JSON Schema (draft-07) of what json() writes.
std::string run_schema();

}  // namespace loadgen::report
