#pragma once
// Names in reports that other programs read. A label may hold anything that JSON can; each format has its own way to
// be broken by it. What comes in is made printable() first, so that no format carries control characters or broken
// UTF-8, and every record stays on its line.

#include <string>
#include <string_view>

namespace loadgen::report {

/// Text and attribute values of XML 1.0.
std::string for_xml(std::string_view text);

/// A cell of CSV (RFC 4180), quoted where it must be. One that a spreadsheet would take for a formula, beginning with
/// = + - or @, gets an apostrophe before it.
std::string for_csv(std::string_view text);

/// The same for a JTL, as JMeter quotes it, and without the apostrophe: readers go by the label, and it has to be the
/// plan's.
std::string for_jtl(std::string_view text);

/// Text in a line or a table's cell of GitHub's Markdown that means nothing but itself: no markup, no HTML, no link, no
/// emoji, and nobody is mentioned.
std::string for_markdown(std::string_view text);

/// A label value of Prometheus's text format, without its quotes.
std::string for_prometheus(std::string_view text);

/// The message of a GitHub workflow command, and a property of one (title=…). Line ends of the message are kept.
std::string for_workflow_message(std::string_view text);
std::string for_workflow_property(std::string_view text);

}  // namespace loadgen::report
