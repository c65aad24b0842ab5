#include "http/status_set.hpp"

namespace loadgen::http {

std::string StatusSet::to_string() const {
  std::string text;
  for (int first = 100; first < 600; ++first) {
    if (!contains(first)) continue;
    int last = first;
    while (contains(last + 1)) ++last;
    if (!text.empty()) text += ", ";
    text += std::to_string(first);
    if (last > first) text += '-' + std::to_string(last);
    first = last;
  }
  return text;
}

}  // namespace loadgen::http
