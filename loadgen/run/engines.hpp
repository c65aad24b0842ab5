#pragma once
// The engines there are, what each can do, and which one a plan gets.

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "config/plan.hpp"

namespace loadgen::run {

/// A row of the engine table, as users see it. To add an engine: one row in engines.cpp.
struct EngineInfo {
  std::string_view name;
  std::string_view description;
};

/// The engines there are, the preferred one first.
std::span<const EngineInfo> engines();

/// What not every engine can do.
struct Needs {
  bool http1 = false;
  bool http2 = false;
  bool tls = false;
  bool unix_socket = false;
  bool proxy = false;
};
Needs needs_of(const config::Plan& plan);

/// The engine of that name, or for "auto" the first that this machine offers and that can do what is needed.
/// Error: there is none of that name, it cannot, or the machine does not offer it and why.
Result<EngineInfo> choose_engine(std::string_view name, const Needs& needs);

/// File descriptors that each connection costs, an engine's own of many connections shared out among them.
double descriptors_of_a_connection(const EngineInfo& engine, const Needs& needs);

}  // namespace loadgen::run
