#include "report/fault.hpp"

#include <array>

namespace loadgen::report {
namespace {

struct FaultRow {
  Standing standing;
  std::string_view words;
};
/// In the order of Fault.
constexpr std::array<FaultRow, 5> kFaults{{
    {Standing::passed, ""},
    {Standing::doubtful, "the run's own books do not balance"},
    {Standing::failed, "not one request succeeded"},
    {Standing::doubtful, "--strict asks for a run that can be believed"},
    {Standing::failed, "--strict asks for a target that answers as expected"},
}};

}  // namespace

Fault fault_of(const Summary& summary) {
  const VerdictName verdict = summary.verdict.name;
  if (verdict == VerdictName::broken) return Fault::broken;
  if (summary.ledger.sent > 0 && summary.ledger.succeeded == 0) return Fault::no_success;
  if (!summary.strict || verdict == VerdictName::trustworthy) return Fault::none;
  return verdict == VerdictName::errors ? Fault::errors : Fault::not_believed;
}

Standing standing_of(Fault fault) {
  return kFaults[static_cast<std::size_t>(fault)].standing;
}

std::string_view words_of(Fault fault) {
  return kFaults[static_cast<std::size_t>(fault)].words;
}

}  // namespace loadgen::report
