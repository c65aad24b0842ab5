#pragma once
// What a plan needs of this machine, looked at before the first request.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "config/plan.hpp"

namespace loadgen::cli {

/// Raises the soft limit of descriptors to the hard one. Value: the limit now.
/// Error: a plan whose users cannot all be connected at once, with the number it needs and how to get it.
Result<std::uint64_t> ensure_descriptors(const config::Plan& plan, std::size_t targets);

/// A warning when the plan needs more local ports than there are: sockets closed by this side keep theirs for a minute.
std::optional<std::string> port_warning(const config::Plan& plan, std::size_t targets);

/// The rule behind it, without the machine: first and last local port, and whether closed ones are used again at once.
std::optional<std::string> port_warning(const config::Plan& plan, std::size_t targets, std::uint32_t ports,
                                        bool reused);

}  // namespace loadgen::cli
