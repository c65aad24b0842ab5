#pragma once
// Fields of a form as the command line writes them, and what no form can say.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/form.hpp"

namespace loadgen::config {

/// "name=value" or "name=@file", as curl's -F has it; behind either may stand ";type=T", behind a file also
/// ";filename=N".
Result<http::FormField> parse_form_field(std::string_view text);

/// "has …" where a field's header cannot hold this as its name, type or file name; "" when all is well.
std::string field_mistake(const std::string& text);

/// Why a request that has this header cannot send a form.
inline constexpr std::string_view kFormHasItsType =
    "loadgen writes the Content-Type of a form, for it names what stands between the fields; take the header away";

}  // namespace loadgen::config
