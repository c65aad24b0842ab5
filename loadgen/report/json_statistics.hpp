#pragma once
// The statistics.json of JMeter's dashboard (`jmeter -g … -o …`), for scripts that read it: an object a label and
// "Total", times in ms of service time, failures too, errorPct 0 to 100. JMeter's percentiles are of the last 20,000
// samples; these are of all.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

/// A label that is itself called "Total" stands under "Total (label)".
std::string statistics(const Summary& summary);

}  // namespace loadgen::report
