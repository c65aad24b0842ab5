#pragma once
// A plan compiled for running: requests as bytes, steps as a flat list of operations. Knows no socket and no clock.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/plan.hpp"
#include "http/prepared_request.hpp"
#include "http/upload.hpp"

namespace loadgen::run {

enum class OpKind : std::uint8_t { pause, request };

/// One operation of an iteration. To add a kind: an enumerator, and a case in Pacer::advance.
struct Op {
  OpKind kind;
  std::uint16_t request = 0;  ///< of kind request: index into Program::requests
  Duration pause{};           ///< of kind pause
};

/// Where requests go, before names are resolved. http and https at one port are two targets.
struct HostAndPort {
  std::string host;
  std::uint16_t port;
  bool tls = false;
  bool operator==(const HostAndPort&) const = default;
};

struct Program {
  std::vector<http::PreparedRequest> requests;     ///< over all thread groups, in the plan's order
  std::vector<std::vector<http::Header>> headers;  ///< by request: its step's, and what a form's body is
  std::vector<std::string> labels;                 ///< distinct request names, in order of first use
  std::vector<std::uint16_t> label_of;             ///< by request
  std::vector<HostAndPort> targets;                ///< by PreparedRequest::target
  std::vector<std::vector<Op>> groups;             ///< an iteration of each thread group
};

/// Whether users do more about responses than go on to the next step; then requests keep headers of theirs.
bool reacts(const config::Plan& plan);

/// What a plan sends out of files and as forms, by request; nullptr: its body, if any, is a text.
using Uploads = std::vector<std::shared_ptr<const http::Upload>>;

/// Opens the files, once for each step. Error: which step's file cannot be sent, and why.
Result<Uploads> open_uploads(const config::Plan& plan);

/// plan must be valid (config/parse.hpp saw to it) and have at most 65,535 requests; uploads are of a plan that differs
/// from it by hidden texts at most.
Program compile(const config::Plan& plan, const Uploads& uploads);

/// The same with uploads of its own. Error: of open_uploads.
Result<Program> compile(const config::Plan& plan);

}  // namespace loadgen::run
