#include "report/table.hpp"

#include <algorithm>
#include <string_view>

#include "report/printable.hpp"

namespace loadgen::report {
namespace {

constexpr std::size_t kGap = 2;          ///< columns between columns
constexpr std::size_t kWidestText = 40;  ///< a text cell takes at most this, and at most a third of the page

struct Column {
  std::size_t width = 0;
  std::size_t tail = 0;  ///< of the longest part from the decimal point on
};

std::size_t tail_of(std::string_view cell) {
  const std::size_t point = cell.rfind('.');
  return point == std::string_view::npos ? 0 : cell.size() - point;
}

Column measure(const Table& table, std::size_t index, std::size_t text_limit) {
  if (index < table.text_columns) {
    std::size_t width = display_width(table.header[index]);
    for (const auto& row : table.rows) width = std::max(width, std::min(display_width(row[index]), text_limit));
    return {width, 0};
  }
  std::size_t head = 0;
  std::size_t tail = 0;
  for (const auto& row : table.rows) {
    tail = std::max(tail, tail_of(row[index]));
    head = std::max(head, row[index].size() - tail_of(row[index]));
  }
  return {std::max(head + tail, table.header[index].size()), tail};
}

void append_text(std::string& line, const std::string& cell, std::size_t width) {
  const std::string shown = truncated(cell, width);
  line += shown;
  line.append(width - display_width(shown), ' ');
}

void append_number(std::string& line, const std::string& cell, const Column& column) {
  const std::size_t after = column.tail - tail_of(cell);
  line.append(column.width - cell.size() - after, ' ');
  line += cell;
  line.append(after, ' ');
}

void end_line(std::string& out, std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line;
  out += '\n';
  line.clear();
}

/// One stretch of the table: the text columns, then the number columns first..last.
void append_part(std::string& out, const Table& table, const std::vector<Column>& columns, std::size_t first,
                 std::size_t last) {
  std::string line;
  const auto each = [&](const auto& cell_of) {
    for (std::size_t i = 0; i < table.text_columns; ++i) {
      if (i > 0) line.append(kGap, ' ');
      append_text(line, cell_of(i), columns[i].width);
    }
    for (std::size_t i = first; i < last; ++i) {
      line.append(kGap, ' ');
      append_number(line, cell_of(i), columns[i]);
    }
    end_line(out, line);
  };
  for (std::size_t i = 0; i < table.text_columns; ++i) {
    if (i > 0) line.append(kGap, ' ');
    append_text(line, table.header[i], columns[i].width);
  }
  for (std::size_t i = first; i < last; ++i) {
    line.append(kGap + columns[i].width - table.header[i].size(), ' ');
    line += table.header[i];
  }
  end_line(out, line);
  for (const auto& row : table.rows) each([&](std::size_t i) -> const std::string& { return row[i]; });
}

}  // namespace

std::string render(const Table& table, std::size_t width) {
  const std::size_t text_limit = std::max<std::size_t>(8, std::min(kWidestText, width / 3));
  std::vector<Column> columns;
  for (std::size_t i = 0; i < table.header.size(); ++i) columns.push_back(measure(table, i, text_limit));
  std::size_t text = 0;
  for (std::size_t i = 0; i < table.text_columns; ++i) text += columns[i].width + (i > 0 ? kGap : 0);

  std::string out;
  std::size_t first = table.text_columns;
  do {
    std::size_t used = text;
    std::size_t last = first;
    while (last < columns.size() && (last == first || used + kGap + columns[last].width <= width)) {
      used += kGap + columns[last].width;
      ++last;
    }
    if (!out.empty()) out += '\n';
    append_part(out, table, columns, first, last);
    first = last;
  } while (first < columns.size());
  return out;
}

}  // namespace loadgen::report
