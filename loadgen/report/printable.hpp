#pragma once
// Names come from plans, and a plan may come from anybody: what reaches a terminal holds no control character, no
// escape sequence, no text-direction override and no broken UTF-8.

#include <cstddef>
#include <string>
#include <string_view>

namespace loadgen::report {

/// Control characters and invisible direction marks as "\x1b" or "\u202e", invalid bytes as "\xff"; the rest unchanged.
std::string printable(std::string_view text);

/// Columns a terminal gives to printable text: wide characters take two, combining ones none.
std::size_t display_width(std::string_view text);

/// At most so many columns of printable text; what was cut is marked by "..." where there is room for it.
std::string truncated(std::string_view text, std::size_t columns);

/// Words of text in lines of at most width columns, the second and later ones indented; a longer word stays whole and
/// runs of spaces stay as they are.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace loadgen::report
