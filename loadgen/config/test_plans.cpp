#include "config/test_plans.hpp"

#include <utility>
#include <variant>

#include <gtest/gtest.h>

namespace loadgen::config {

Plan plan_of(std::string_view text, const Overrides& overrides) {
  auto result = parse_plan(text, overrides);
  if (auto* problems = std::get_if<Problems>(&result)) {
    ADD_FAILURE() << to_string(*problems, "plan.json", text);
    Plan empty;
    empty.thread_groups.resize(1);
    return empty;
  }
  return std::get<Plan>(std::move(result));
}

std::string problems_of(std::string_view text, const Overrides& overrides) {
  const auto result = parse_plan(text, overrides);
  const auto* problems = std::get_if<Problems>(&result);
  if (problems == nullptr) return "no problem";
  std::string out;
  for (const Problem& p : *problems)
    out += std::to_string(p.line) + ':' + std::to_string(p.column) + ' ' + p.pointer + ": " + p.message + '\n';
  return out;
}

std::string with_group(const std::string& keys) {
  return R"({"target": "http://h", "thread_groups": [{)" + keys + R"("steps": [{"get": "/"}]}]})";
}

std::string with_step(const std::string& keys) {
  return R"({"target": "http://h", "thread_groups": [{"steps": [{)" + keys + "}]}]}";
}

}  // namespace loadgen::config
