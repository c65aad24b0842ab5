#include "config/files.hpp"

#include <filesystem>

#include "config/keys.hpp"

namespace loadgen::config {

void find_files(const std::string& folder, PlanDraft& draft) {
  const auto find = [&](std::string& name) {
    if (!name.empty()) name = (std::filesystem::path(folder) / name).string();  // an absolute name stays
  };
  for (std::string* name :
       {&draft.tls.ca_file, &draft.tls.client_cert, &draft.tls.client_key, &draft.addresses.unix_socket})
    find(*name);
  for (GroupDraft& group : draft.group_drafts)
    for (StepDraft& step : group.step_drafts) {
      find(step.body_file);
      for (http::FormField& field : step.multipart) find(field.file);
    }
}

std::vector<SentFile> sent_files(const Plan& plan) {
  std::vector<SentFile> files;
  for (const ThreadGroup& group : plan.thread_groups)
    for (const Step& step : group.steps) {
      if (!step.body_file.empty()) files.push_back({step.body_file, step.name});
      for (const http::FormField& field : step.multipart)
        if (!field.file.empty()) files.push_back({field.file, step.name});
    }
  return files;
}

}  // namespace loadgen::config
