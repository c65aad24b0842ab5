#include "http/reason_phrase.hpp"

#include <ostream>  // Beast 1.81 needs it, and does not say so

#include <boost/beast/http/status.hpp>

namespace loadgen::http {

std::string_view reason_phrase(unsigned status) {
  namespace beast = boost::beast::http;
  const beast::status known = beast::int_to_status(status);
  if (known == beast::status::unknown) return {};
  return beast::obsolete_reason(known);
}

}  // namespace loadgen::http
