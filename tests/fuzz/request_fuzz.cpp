// A hostile client: the bundled server's parser comes to the same end however the bytes are cut.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/request_parser.hpp"

using loadgen_server::RequestParser;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  RequestParser whole;
  const auto at_once = whole.parse(text);

  RequestParser cut;
  auto in_pieces = RequestParser::Result::need_more;
  for (std::size_t end = 1; end <= text.size() && in_pieces == RequestParser::Result::need_more; ++end)
    in_pieces = cut.parse(text.substr(0, end));

  if (text.empty()) return 0;
  if (at_once != in_pieces || whole.rejection() != cut.rejection()) std::abort();
  if (at_once == RequestParser::Result::complete) {
    const auto& head = whole.head();
    if (head.size > text.size() || head.size != cut.head().size) std::abort();
    if (head.path.in(text.data()).size() != head.path.size || head.path.begin + head.path.size > head.size)
      std::abort();
    if (head.query.begin + head.query.size > head.size) std::abort();
  }
  return 0;
}
