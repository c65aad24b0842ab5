#pragma once
// From the URLs of a plan to the addresses that its connections go to and come from, and whether anybody answers there.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/plan.hpp"
#include "engine/resolve.hpp"
#include "run/program.hpp"

namespace loadgen::cli {

/// The settings in the engine's words.
engine::TlsOptions tls_options(const config::Plan& plan);

/// Where connections for one server of the plan go to, by the plan's addresses, its proxy and the resolver. Blocks.
Result<engine::Target> find_target(const run::HostAndPort& at, const config::AddressSettings& addresses,
                                   const std::optional<http::Proxy>& proxy = std::nullopt);

/// All servers of a plan, and what connections to them come from.
struct Reached {
  std::vector<engine::Target> targets;  ///< one for each of Program::targets
  engine::Sources sources;
  std::vector<std::string> warnings = {};
};

/// Names to addresses and, with probe, one connection to each address to see whether anybody is there.
Result<Reached> reach(const run::Program& program, const config::Plan& plan, bool probe);

/// How many servers connections go to: behind one proxy, or led to one by connect_to, targets share an end. At least 1.
std::size_t far_ends(const Reached& reached);

/// Among how many pairs of addresses, its own and a target's, connections to one target are dealt: the fewest of any
/// target. 0: none has ports, as unix sockets.
std::uint32_t address_pairs(const Reached& reached);

}  // namespace loadgen::cli
