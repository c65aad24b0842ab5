#include "http/kept_headers.hpp"

#include "base/letters.hpp"

namespace loadgen::http {

void KeptHeaders::clear() {
  location.clear();
  cookies.clear();
  challenges.clear();
  lost_location = false;
}

void KeptHeaders::on_header(std::string_view name, std::string_view value) {
  const auto add_line = [&](std::string& lines) {
    if (lines.size() + value.size() < kMost) lines.append(value).push_back('\n');
  };
  if (same_word(name, "location")) {
    lost_location = value.size() > kMost;
    location.assign(lost_location ? std::string_view() : value);
  } else if (same_word(name, "set-cookie")) {
    add_line(cookies);
  } else if (same_word(name, "www-authenticate")) {
    add_line(challenges);
  }
}

}  // namespace loadgen::http
