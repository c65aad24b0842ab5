#pragma once
// From drafts to the plan: the command line's overrides, then everything that needs more than one key to decide.

#include "config/keys.hpp"

namespace loadgen::config {

/// Beats what the plan says: users, ramp_up, loops and duration in every thread group with users. loops puts iterations
/// out of force. duration leaves loops and iterations that the plan gives as they are, and whichever ends first holds;
/// a group that gives neither then loops until the duration is over. Groups with arrivals have none of the four, except
/// that duration becomes the length of an only segment of constant rate. seed and warm_up are the plan's.
void apply_overrides(Reader& reader, const Overrides& overrides, PlanDraft& draft);

/// Fills what keys leave to others (names, URLs, inherited headers and think times) and checks them against each other.
void resolve(Reader& reader, PlanDraft& draft);

/// Why the plan cannot be held to a threshold, in a sentence; "" when it can.
std::string threshold_mistake(const Threshold& threshold, const Plan& plan);

/// "Thread Group", the default JMeter's users know.
inline constexpr std::string_view kGroupName = "Thread Group";

std::string default_user_agent();

}  // namespace loadgen::config
