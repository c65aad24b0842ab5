#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "cli/command_options.hpp"
#include "cli/commands.hpp"
#include "cli/option_words.hpp"
#include "cli/schemas.hpp"

namespace loadgen::cli {

ReadCommand add_schema_options(CLI::App& app) {
  const auto command = std::make_shared<SchemaCommand>();
  std::string names;
  for (const Schema& schema : kSchemas)
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", schema.name, schema.of);
  app.add_option("NAME", command->name, names)->type_name("")->capture_default_str();
  return [command] {
    std::array<std::string_view, kSchemas.size()> known{};
    std::ranges::transform(kSchemas, known.begin(), &Schema::name);
    choice("schema", command->name, known);
    return *command;
  };
}

ExitCode schema(const SchemaCommand& command) {
  std::cout << std::ranges::find(kSchemas, command.name, &Schema::name)->text();
  return ExitCode::ok;
}

}  // namespace loadgen::cli
