#pragma once
// Fields of a form as the parts of a multipart/form-data body (RFC 7578; names escaped as the HTML standard has it).

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/upload.hpp"

namespace loadgen::http {

/// A field with a value, or one whose value is a file.
struct FormField {
  std::string name;
  std::string value = {};
  std::string file = {};       ///< its name as it is opened; empty: value counts
  std::string file_name = {};  ///< that the server is told; empty: file's last part
  std::string type = {};       ///< Content-Type; empty: none for a value, application/octet-stream for a file
  bool operator==(const FormField&) const = default;
};

/// The body; boundary must not occur in what the fields hold.
std::vector<BodyPart> parts_of_form(std::span<const FormField> fields, std::string_view boundary);

/// The Content-Type that goes with it.
std::string form_type(std::string_view boundary);

}  // namespace loadgen::http
