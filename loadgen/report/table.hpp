#pragma once
// A plain table in ASCII: text columns to the left, numbers to the right with their decimal points in line. A table
// wider than the page continues below itself with its first column repeated, so nothing is cut but long text.

#include <cstddef>
#include <string>
#include <vector>

namespace loadgen::report {

struct Table {
  std::size_t text_columns = 1;  ///< this many at the left are text; they are repeated when the table continues
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header; cells are printable text
};

/// Lines ended by '\n', none wider than width unless a single column is.
std::string render(const Table& table, std::size_t width);

}  // namespace loadgen::report
