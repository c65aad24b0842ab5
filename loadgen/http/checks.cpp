#include "http/checks.hpp"

#include <utility>

#include "base/letters.hpp"

namespace loadgen::http {

Needle::Needle(std::string text) : text_(std::move(text)), failure_(text_.size()) {
  for (std::uint32_t i = 1, border = 0; i < text_.size(); ++i) {
    while (border > 0 && text_[i] != text_[border]) border = failure_[border - 1];
    if (text_[i] == text_[border]) ++border;
    failure_[i] = border;
  }
}

std::uint32_t Needle::advance(std::uint32_t state, std::string_view piece) const noexcept {
  for (const char c : piece) {
    if (state == size()) break;
    while (state > 0 && c != text_[state]) state = failure_[state - 1];
    if (c == text_[state]) ++state;
  }
  return state;
}

void CheckState::on_header(const Checks& checks, std::string_view name, std::string_view value) noexcept {
  for (std::size_t i = 0; i < checks.headers.size(); ++i) {
    const Header& wanted = checks.headers[i];
    if (same_word(name, wanted.name) && value == wanted.value) headers_seen_ |= std::uint64_t{1} << i;
  }
}

void CheckState::on_body(const Checks& checks, std::string_view piece) noexcept {
  if (checks.body_equals && equal_so_far_ != kDiffers) {
    const std::string_view rest = std::string_view(*checks.body_equals).substr(equal_so_far_);
    equal_so_far_ = rest.starts_with(piece) ? equal_so_far_ + piece.size() : kDiffers;
  }
  if (checks.body_contains) needle_state_ = checks.body_contains->advance(needle_state_, piece);
}

ErrorKind CheckState::verdict(const Checks& checks, int status_code) const noexcept {
  if (!checks.status.contains(status_code)) return ErrorKind::status;
  const std::size_t wanted = checks.headers.size();
  const std::uint64_t all_headers = wanted == 0 ? 0 : ~std::uint64_t{0} >> (Checks::kMaxHeaders - wanted);
  const bool met = headers_seen_ == all_headers &&
                   (!checks.body_equals || equal_so_far_ == checks.body_equals->size()) &&
                   (!checks.body_contains || needle_state_ == checks.body_contains->size());
  return met ? ErrorKind::none : ErrorKind::expectation;
}

}  // namespace loadgen::http
