#pragma once
// The JSON Schemas that `loadgen schema NAME` prints, each made from the table or description that its file is read or
// written with. configs/NAME.schema.json are their copies.

#include <array>
#include <string>
#include <string_view>

#include "config/parse.hpp"
#include "report/curve_reports.hpp"
#include "report/json.hpp"
#include "report/json_comparison.hpp"
#include "report/unmeasured.hpp"

namespace loadgen::cli {

struct Schema {
  std::string_view name;
  std::string_view of;  ///< what it describes
  std::string (*text)();
};

inline constexpr std::array<Schema, 5> kSchemas{{
    {"plan", "a plan, for editors", &config::plan_schema},
    {"run", "what --out json writes of a run", &report::run_schema},
    {"comparison", "the same of `compare`", &report::comparison_schema},
    {"curve", "what --out json writes of a search", &report::curve_schema},
    {"unmeasured", "the same of a call that measured nothing", &report::unmeasured_schema},
}};

}  // namespace loadgen::cli
