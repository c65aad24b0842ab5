#pragma once
// The whole server: its threads, its listening address, its end.

#include "server/options.hpp"

namespace loadgen_server {

/// Serves until SIGTERM or SIGINT and returns the exit code. Prints one line when it listens.
int serve(const Options& options);

}  // namespace loadgen_server
