// A hostile plan: parsed or refused with places, never a crash; and what was resolved is read back as the same plan.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "config/describe.hpp"
#include "config/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loadgen::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto outcome = parse_plan(text, {});
  if (const auto* problems = std::get_if<Problems>(&outcome)) {
    if (problems->empty() || to_string(*problems, "plan.json", text).empty()) std::abort();
    return 0;
  }
  const Plan& plan = std::get<Plan>(outcome);
  if (describe(plan).empty()) std::abort();
  const std::string resolved = to_json(plan);
  if (resolved.find("***") != std::string::npos) return 0;  // a hidden value does not come back
  const auto again = parse_plan(resolved, {});
  if (!std::holds_alternative<Plan>(again) || to_json(std::get<Plan>(again)) != resolved) std::abort();
  return 0;
}
