#pragma once
// The parts of run.json that are more than a few fields each.

#include <vector>

#include <nlohmann/json.hpp>

#include "report/summary.hpp"

namespace loadgen::report {

using Json = nlohmann::ordered_json;

Json json_of(const Distribution& distribution);
/// With "cut_off", "lost" and "intervals".
Json json_of(const SeriesFigures& figures);
Json json_of(const stats::Estimate& estimate);
Json json_of(const Window& window, const WarmUpFound& warm_up);
Json json_of(const std::vector<StageFigures>& stages);
Json json_of(const Steadiness& steadiness);
Json json_of(const Growth& growth);
Json json_of(const LittlesLaw& law);
Json json_of(const Opening& opening);
Json json_of(const ArrivalLines& arrivals);
Json json_of(const UntilOutcome& outcome);
Json json_of(const Generator& generator);
Json json_of(const Calibration& calibration);
Json json_of(const std::vector<HdrInterval>& intervals);

}  // namespace loadgen::report
