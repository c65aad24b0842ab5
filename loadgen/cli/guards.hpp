#pragma once
// What a plan needs of this machine, looked at before the first request.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "config/plan.hpp"

namespace loadgen::cli {

using Warning = std::optional<std::string>;

/// The soft limit of descriptors becomes the hard one: how many this process may open.
std::uint64_t raise_descriptors();

/// of_a_user: descriptors that a user costs, more than 0: one a target as a rule, less where users share connections.
/// Raises the limit of descriptors and fits the plan to it: a default max_in_flight that is too much for this machine
/// is lowered. Value: a warning when that was done. Error: a plan whose users cannot all be connected at once, with the
/// number it needs and how to get it.
Result<Warning> fit_to_descriptors(config::Plan& plan, double of_a_user);

/// The rule behind it, without the machine: how many descriptors this process may open.
Result<Warning> fit_to_descriptors(config::Plan& plan, double of_a_user, std::uint64_t limit);

/// A warning when the plan needs more local ports than there are: sockets closed by this side keep theirs for a minute.
/// pairs: of addresses, the machine's own and a target's, that its connections are dealt among; each has all ports.
Warning port_warning(const config::Plan& plan, std::size_t targets, std::uint32_t pairs);

struct LocalPorts {
  std::uint32_t count = 0;  ///< of each pair of addresses
  bool reused = false;      ///< closed ones are used again at once
  std::uint32_t pairs = 1;  ///< 0: connections have no ports
};

/// The rule behind it, without the machine.
Warning port_warning(const config::Plan& plan, std::size_t targets, const LocalPorts& ports);

}  // namespace loadgen::cli
