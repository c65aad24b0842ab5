#pragma once
// A page of the text report being written; knows its width, so that the sections need not.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "report/printable.hpp"
#include "report/table.hpp"

namespace loadgen::report {

class Page {
 public:
  explicit Page(std::size_t width) : width_(width) {}

  void blank() { out_ += '\n'; }
  void line(std::string_view words) { out_ += fmt::format("{}\n", words); }
  void paragraph(std::string_view words, std::size_t indent) { line(wrapped(words, width_, indent)); }
  /// "Ledger       planned …"; an empty key goes on with the one above.
  void fact(std::string_view key, std::string_view words) {
    paragraph(fmt::format("{:<{}}{}", key, kKeyWidth, words), kKeyWidth);
  }
  void table(const Table& table) { out_ += render(table, width_); }

  std::size_t width() const { return width_; }
  std::string take() { return std::move(out_); }

 private:
  static constexpr std::size_t kKeyWidth = 13;  ///< facts start in this column

  std::size_t width_;
  std::string out_;
};

/// A label as it may be printed.
std::string shown(const std::string& label);

}  // namespace loadgen::report
