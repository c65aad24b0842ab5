#include "report/addresses.hpp"

#include <fmt/format.h>

namespace loadgen::report {

std::string addresses_text(const stats::AddressRecord& addresses) {
  const bool one_each = addresses.used <= addresses.targets;
  if (one_each && addresses.refused == 0 && addresses.sources == 0) return "";
  std::string out = fmt::format("{} of {} target{}{}", addresses.used, addresses.targets,
                                addresses.targets == 1 ? "" : "s", one_each ? "" : " in turn");
  if (addresses.refused > 0) out += fmt::format(", {} more did not answer", addresses.refused);
  if (addresses.sources > 0)
    out += fmt::format("; sent from {}{}", addresses.sources, addresses.sources == 1 ? "" : " in turn");
  return out;
}

}  // namespace loadgen::report
