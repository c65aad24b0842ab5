#pragma once
// The files that a plan names: where they lie, and which of them are sent.

#include <string>
#include <vector>

#include "config/plan.hpp"

namespace loadgen::config {

struct PlanDraft;

/// File names of a plan in `folder`, as the working directory knows them. An empty folder is the working directory.
void find_files(const std::string& folder, PlanDraft& draft);

struct SentFile {
  std::string name;
  std::string step;
};
/// Files that are bodies or in forms, in the plan's order; as often as they stand there.
std::vector<SentFile> sent_files(const Plan& plan);

}  // namespace loadgen::config
