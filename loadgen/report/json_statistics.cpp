#include "report/json_statistics.hpp"

#include <nlohmann/json.hpp>

namespace loadgen::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTotal = "Total";

template <class Nanoseconds>
double in_ms(Nanoseconds ns) {
  return static_cast<double>(ns) / 1e6;
}

Json of(const std::string& name, const Row& row) {
  const auto& percentiles = row.elapsed.percentiles_ns;
  return {{"transaction", name},
          {"sampleCount", row.completed},
          {"errorCount", row.failed},
          {"errorPct", 100 * row.error_rate},
          {"meanResTime", in_ms(row.elapsed.mean_ns)},
          {"medianResTime", in_ms(percentiles[kP50])},
          {"minResTime", in_ms(row.elapsed.min_ns)},
          {"maxResTime", in_ms(row.elapsed.max_ns)},
          {"pct1ResTime", in_ms(percentiles[kP90])},
          {"pct2ResTime", in_ms(percentiles[kP95])},
          {"pct3ResTime", in_ms(percentiles[kP99])},
          {"throughput", row.rps},
          {"receivedKBytesPerSec", row.received_kib_per_s},
          {"sentKBytesPerSec", row.sent_kib_per_s}};
}

}  // namespace

std::string statistics(const Summary& summary) {
  Json out{{kTotal, of(kTotal, summary.total)}};
  for (const Row& row : summary.labels) out[row.label == kTotal ? "Total (label)" : row.label] = of(row.label, row);
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace loadgen::report
