#pragma once
// What the process ends with. README and --help list them; 1 and 2 are left to shells and crashes.

#include <array>
#include <cstdint>
#include <string_view>

#include "report/gates.hpp"

namespace loadgen::cli {

enum class ExitCode : std::uint8_t {
  ok = 0,
  gate_failed = 20,
  undecided = 21,
  invalid = 22,
  target_failed = 23,
  usage = 64,
  internal = 70,
  interrupted = 130,
};

struct ExitCodeInfo {
  ExitCode code;
  std::string_view meaning;
};

inline constexpr std::array<ExitCodeInfo, 8> kExitCodes{{
    {ExitCode::ok, "the run was made and reported"},
    {ExitCode::gate_failed, "the measurement is valid, and a threshold was not met or a target has become worse"},
    {ExitCode::undecided, "not decided: the limit lies within what chance alone can do; run longer, or more blocks"},
    {ExitCode::invalid,
     "the measurement is not valid: its own books do not balance, or it cannot answer for a threshold, or with "
     "--strict any verdict but TRUSTWORTHY and ERRORS"},
    {ExitCode::target_failed, "the target failed: unreachable, or not one request succeeded, or with --strict ERRORS"},
    {ExitCode::usage, "the command line or the plan is wrong, or does not fit this machine"},
    {ExitCode::internal,
     "something of loadgen's own failed: an output could not be written, the bundled server not started"},
    {ExitCode::interrupted, "interrupted (Ctrl-C, SIGTERM, SIGHUP); what was measured until then is reported"},
}};

/// What a gate ends with.
constexpr ExitCode exit_code_of(report::Standing standing) {
  constexpr std::array<ExitCode, 4> codes{ExitCode::ok, ExitCode::gate_failed, ExitCode::undecided, ExitCode::invalid};
  return codes[static_cast<std::size_t>(standing)];
}

}  // namespace loadgen::cli
