#pragma once
// JUnit's XML, whatever the cases are of. Only what Jenkins's junit-10.xsd (xunit plugin) allows.

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/gates.hpp"

namespace loadgen::report {

struct JunitCase {
  std::string name;
  Standing standing = Standing::passed;  ///< undecided is skipped, doubtful is an error
  std::string type;                      ///< what kind of thing was tested: "threshold"
  std::string message;                   ///< one line
  std::string evidence;                  ///< what GitLab shows; may have lines
};

/// One suite; its name is the class of its cases too.
struct JunitSuite {
  std::string name;
  std::vector<JunitCase> cases;
  std::optional<double> time_s{};  ///< of each case: they were all measured at once
  std::optional<std::chrono::system_clock::time_point> started{};
  std::vector<std::pair<std::string, std::string>> properties{};
};

std::string junit_document(const JunitSuite& suite);

}  // namespace loadgen::report
