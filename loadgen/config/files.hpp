#pragma once
// Where the files that a plan names lie.

#include <string>

#include "config/keys.hpp"

namespace loadgen::config {

/// File names of a plan in `folder`, as the working directory knows them. An empty folder is the working directory.
void find_files(const std::string& folder, PlanDraft& draft);

}  // namespace loadgen::config
