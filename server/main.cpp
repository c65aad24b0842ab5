// loadgen-server: the bundled target.

#include <cstdio>
#include <exception>
#include <variant>

#include "server/options.hpp"
#include "server/server.hpp"

int main(int argc, char** argv) {
  using namespace loadgen_server;
  try {
    const auto parsed = parse_options(argc, argv);
    if (const auto* exit = std::get_if<ExitCode>(&parsed)) return exit->value;
    return serve(std::get<Options>(parsed));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loadgen-server: %s\n", error.what());
    return exit_internal;
  }
}
