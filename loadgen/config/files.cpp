#include "config/files.hpp"

#include <filesystem>

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

}  // namespace loadgen::config
