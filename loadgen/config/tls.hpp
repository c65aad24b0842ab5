#pragma once
// What becomes of a plan's TLS settings between its text and the run: where its files lie, what the command line
// changes.

#include <string>

#include "config/parse.hpp"

namespace loadgen::config {

/// File names of a plan in `folder`, as the working directory knows them. An empty folder is the working directory.
void find_files(const std::string& folder, Plan& plan);

void apply(const TlsOverrides& overrides, TlsSettings& tls);

/// Of a certificate without its key, or the reverse, in the command line's words; "" when all is well.
std::string tls_mistake(const TlsSettings& tls);

}  // namespace loadgen::config
