#pragma once

#include <string_view>

namespace loadgen::http {

/// What a status is called in the standard (RFC 9110 and those it names), as "Not Found"; empty for a code without a
/// name. What the server wrote there is not kept.
std::string_view reason_phrase(unsigned status);

}  // namespace loadgen::http
