#pragma once
// The resolved plan, for people and for run.json. Every value is there, defaults too, spelt as a plan spells it. Values
// of headers that carry credentials, and whatever came from ${env:…}, are shown as "***".

#include <string>
#include <string_view>
#include <vector>

#include "config/plan.hpp"

namespace loadgen::config {

/// The plan with credentials hidden as "***" in everything that is sent: headers known to carry them, and whatever came
/// from ${env:…} (values of four characters and more). Names and the target are what reports are about, and stay.
Plan redacted(Plan plan);

/// Readable text, one value a line, with a note for what a plan may do but probably should not.
std::string describe(const Plan& plan);

/// Said of a threshold of rps in a plan with arrivals.
inline constexpr std::string_view kRpsIsAnInput =
    "the rate of arrivals is what the plan asks for; \"delivered\" tells how much of it the target answered";

/// What wrong_way() has to say of each threshold.
std::vector<std::string> wrong_ways(const Plan& plan);

/// A plan that means the same: parse_plan reads it back, except where "***" hides a value.
std::string to_json(const Plan& plan);

}  // namespace loadgen::config
