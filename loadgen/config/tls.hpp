#pragma once
// What the command line changes in a plan's TLS settings.

#include <string>

#include "config/parse.hpp"

namespace loadgen::config {

void apply(const TlsOverrides& overrides, TlsSettings& tls);

/// Of a certificate without its key, or the reverse, in the command line's words; "" when all is well.
std::string tls_mistake(const TlsSettings& tls);

}  // namespace loadgen::config
