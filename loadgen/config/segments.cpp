#include "config/segments.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/units.hpp"
#include "config/kinds.hpp"
#include "config/objects.hpp"

namespace loadgen::config {
namespace {

using load::Segment;

// ---- how a segment is shown: always as the rate, ramp or wave that it is ---------------------------------------

bool is_wave(const Segment& s) {
  return s.amplitude != 0;
}
bool is_ramp(const Segment& s) {
  return !is_wave(s) && s.from != s.to;
}
bool is_constant(const Segment& s) {
  return s.constant() && s.duration > Duration::zero();  // the schema asks for the defaults of an empty one
}
bool has_for(const Segment& s) {
  return is_constant(s) || is_wave(s);
}

std::string spelt(double rate) {
  return rate_to_string(rate);
}
std::string spelt(Duration time) {
  return loadgen::to_string(time);
}

/// A kind that shows Member of the segments for which `applies`.
template <auto kind, auto applies, auto Member>
constexpr Kind<SegmentDraft> shown() {
  return {kind().schema, kind().store, [](const Segment& s) { return applies(s) ? Json(spelt(s.*Member)) : Json(); }};
}

constexpr std::array kSegmentKeys{
    Key<SegmentDraft>{"rate", shown<rate<SegmentDraft, &SegmentDraft::rate>, is_constant, &Segment::from>(),
                      "Arrivals a second, minute or hour."},
    Key<SegmentDraft>{"from", shown<rate<SegmentDraft, &SegmentDraft::from>, is_ramp, &Segment::from>(),
                      "The rate at the beginning of a ramp, or of the first step."},
    Key<SegmentDraft>{"to", shown<rate<SegmentDraft, &SegmentDraft::to>, is_ramp, &Segment::to>(),
                      "The rate at the end of a ramp, or of the last step."},
    Key<SegmentDraft>{"over",
                      shown<duration<SegmentDraft, &SegmentDraft::over, Zero::refused>, is_ramp, &Segment::duration>(),
                      "How long the ramp takes."},
    Key<SegmentDraft>{"steps", count<SegmentDraft, &SegmentDraft::steps, 2, 1'000>(),
                      "How many rates from \"from\" to \"to\", both included, at even distances."},
    Key<SegmentDraft>{"each", duration<SegmentDraft, &SegmentDraft::each, Zero::refused>(),
                      "How long each step lasts."},
    Key<SegmentDraft>{"spike", rate<SegmentDraft, &SegmentDraft::spike>(), "The rate at the height of the spike."},
    Key<SegmentDraft>{"base", rate<SegmentDraft, &SegmentDraft::base>(), "The rate before and after the spike."},
    Key<SegmentDraft>{"before", duration<SegmentDraft, &SegmentDraft::before>(),
                      "How long the base rate lasts before the spike."},
    Key<SegmentDraft>{"rise", duration<SegmentDraft, &SegmentDraft::rise>(),
                      "How long the ramp from base to spike takes.", "0s"},
    Key<SegmentDraft>{"mean", shown<rate<SegmentDraft, &SegmentDraft::mean>, is_wave, &Segment::from>(),
                      "The rate that a wave swings around."},
    Key<SegmentDraft>{"amplitude", shown<rate<SegmentDraft, &SegmentDraft::amplitude>, is_wave, &Segment::amplitude>(),
                      "How far a wave swings to both sides; at most the mean."},
    Key<SegmentDraft>{"period",
                      shown<duration<SegmentDraft, &SegmentDraft::period, Zero::refused>, is_wave, &Segment::period>(),
                      "From one crest of a wave to the next."},
    Key<SegmentDraft>{
        "for", shown<duration<SegmentDraft, &SegmentDraft::length, Zero::refused>, has_for, &Segment::duration>(),
        "How long the rate, the wave or the height of the spike lasts."},
    Key<SegmentDraft>{"fall", duration<SegmentDraft, &SegmentDraft::fall>(),
                      "How long the ramp from spike to base takes.", "0s"},
    Key<SegmentDraft>{"after", duration<SegmentDraft, &SegmentDraft::after>(),
                      "How long the base rate lasts after the spike."},
};

// ---- what the elements of "arrivals" stand for -------------------------------------------------------------------

using Segments = std::vector<Segment>;

/// A piece of no length is none: a spike without flanks.
void add(Segments& out, Duration duration, double from, double to) {
  if (duration > Duration::zero()) out.push_back({.duration = duration, .from = from, .to = to});
}

void expand_rate(Reader&, const SegmentDraft& d, Segments& out) {
  if (d.rate && d.length) add(out, *d.length, *d.rate, *d.rate);
}

void expand_ramp(Reader&, const SegmentDraft& d, Segments& out) {
  if (d.from && d.to && d.over) add(out, *d.over, *d.from, *d.to);
}

void expand_steps(Reader&, const SegmentDraft& d, Segments& out) {
  if (!d.from || !d.to || !d.steps || !d.each) return;
  for (std::uint32_t i = 0; i < *d.steps; ++i) {
    const double step = std::lerp(*d.from, *d.to, static_cast<double>(i) / (*d.steps - 1));  // exact at both ends
    add(out, *d.each, step, step);
  }
}

void expand_spike(Reader&, const SegmentDraft& d, Segments& out) {
  if (!d.spike || !d.base || !d.before || !d.length || !d.after) return;
  add(out, *d.before, *d.base, *d.base);
  add(out, d.rise.value_or(Duration::zero()), *d.base, *d.spike);
  add(out, *d.length, *d.spike, *d.spike);
  add(out, d.fall.value_or(Duration::zero()), *d.spike, *d.base);
  add(out, *d.after, *d.base, *d.base);
}

void expand_wave(Reader& reader, const SegmentDraft& d, Segments& out) {
  if (!d.mean || !d.amplitude || !d.period || !d.length) return;
  if (*d.amplitude > *d.mean)
    reader.problem(*d.node,
                   fmt::format("an amplitude of {} around a mean of {} would make the rate negative; it can be "
                               "{} at most",
                               rate_to_string(*d.amplitude), rate_to_string(*d.mean), rate_to_string(*d.mean)));
  else
    out.push_back({.duration = *d.length,
                   .from = *d.mean,
                   .to = *d.mean,
                   .amplitude = *d.amplitude,
                   .period = *d.amplitude == 0 ? Duration::zero() : *d.period});
}

struct SegmentKind {
  Shape shape;
  void (*expand)(Reader&, const SegmentDraft&, Segments&);
};

constexpr std::array<std::string_view, 2> kRateKeys{"rate", "for"};
constexpr std::array<std::string_view, 3> kRampKeys{"from", "to", "over"};
constexpr std::array<std::string_view, 4> kStepsKeys{"from", "to", "steps", "each"};
constexpr std::array<std::string_view, 5> kSpikeKeys{"spike", "base", "before", "for", "after"};
constexpr std::array<std::string_view, 2> kSpikeFlanks{"rise", "fall"};
constexpr std::array<std::string_view, 4> kWaveKeys{"mean", "amplitude", "period", "for"};

/// To add a way to write arrivals, add a row here, and rows for its new keys above.
constexpr std::array<SegmentKind, 5> kSegmentKinds{{
    {{"a constant rate", kRateKeys, {}, R"({ "rate": "500/s", "for": "5m" })"}, expand_rate},
    {{"a ramp", kRampKeys, {}, R"({ "from": "0/s", "to": "500/s", "over": "30s" })"}, expand_ramp},
    {{"a row of steps", kStepsKeys, {}, R"({ "from": "100/s", "to": "500/s", "steps": 5, "each": "30s" })"},
     expand_steps},
    {{"a spike", kSpikeKeys, kSpikeFlanks,
      R"({ "spike": "2000/s", "base": "500/s", "before": "10s", "for": "5s", "after": "10s" })"},
     expand_spike},
    {{"a wave", kWaveKeys, {}, R"({ "mean": "500/s", "amplitude": "200/s", "period": "60s", "for": "5m" })"},
     expand_wave},
}};
constexpr auto kShapes = [] {
  std::array<Shape, kSegmentKinds.size()> shapes;
  std::ranges::transform(kSegmentKinds, shapes.begin(), &SegmentKind::shape);
  return shapes;
}();

/// Each is a stage of the report: more than a reader can look at, and few enough to be kept.
constexpr std::size_t kMostSegments = 10'000;
// load::Arrivals counts them as a double, halves included.
static_assert(kRate.max * std::chrono::duration<double>(kAnyTime.max).count() < double{1ULL << 52});

void check_totals(Reader& reader, const GroupDraft& group) {
  const Node& at = group.node->find("arrivals")->value;
  double length = 0;  // as a number: a sum of durations could overflow
  for (const Segment& s : group.arrivals) length += seconds(s.duration);
  if (length > seconds(kAnyTime.max)) {
    reader.problem(at, fmt::format("the arrivals last {:.0f} days together; at most {:.0f} are planned",
                                   length / 86'400, seconds(kAnyTime.max) / 86'400));
    return;
  }
  const double total = load::LoadProfile(group.arrivals).total();
  const bool none = group.spacing == load::Spacing::uniform ? total < 0.5 : total == 0;
  if (none)
    reader.problem(at, fmt::format("{:g} users arrive in all, which is none; raise the rate or the length", total));
}

}  // namespace

const ObjectKeys<SegmentDraft>& segment_keys() {
  static constexpr ObjectKeys<SegmentDraft> object{
      .noun = "a segment of arrivals",
      .definition = kSegmentDefinition,
      .doc = "How many users arrive a second, for some time: a constant rate, a ramp, steps, a spike or a wave.",
      .keys = kSegmentKeys,
      .rules = {.shapes = kShapes}};
  return object;
}

void expand_segments(Reader& reader, GroupDraft& group) {
  bool all = true;
  for (const SegmentDraft& draft : group.segment_drafts) {
    const auto written = std::ranges::find_if(kSegmentKinds, [&](const SegmentKind& kind) {
      return shape_of(*draft.node, {&kind.shape, 1}) != nullptr;
    });
    const std::size_t before = group.arrivals.size();
    if (written != kSegmentKinds.end()) written->expand(reader, draft, group.arrivals);
    all = all && group.arrivals.size() > before;
    if (group.arrivals.size() > kMostSegments) {
      reader.problem(*draft.node,
                     fmt::format("more than {} segments, steps and spikes counted out; write fewer", kMostSegments));
      return;
    }
  }
  if (all && !group.segment_drafts.empty()) check_totals(reader, group);
}

template Json show_object(const ObjectKeys<SegmentDraft>&, const Segment&);

}  // namespace loadgen::config
