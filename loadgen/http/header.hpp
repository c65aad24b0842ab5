#pragma once
#include <string>

namespace loadgen::http {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

}  // namespace loadgen::http
