#include "http/form.hpp"

#include <utility>

#include <fmt/format.h>

namespace loadgen::http {
namespace {

/// Within the quotes of a Content-Disposition.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"')
      out += "%22";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else
      out += c;
  }
  return out += '"';
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string head_of(const FormField& field) {
  std::string head = "Content-Disposition: form-data; name=" + quoted(field.name);
  const bool is_file = !field.file.empty();
  if (is_file) head += "; filename=" + quoted(field.file_name.empty() ? last_part(field.file) : field.file_name);
  const std::string_view usual = is_file ? "application/octet-stream" : "";
  const std::string_view type = field.type.empty() ? usual : field.type;
  if (!type.empty()) head.append("\r\nContent-Type: ").append(type);
  return head += "\r\n\r\n";
}

}  // namespace

std::vector<BodyPart> parts_of_form(std::span<const FormField> fields, std::string_view boundary) {
  std::vector<BodyPart> parts;
  std::string text;  // since the last file
  for (const FormField& field : fields) {
    text += fmt::format("--{}\r\n{}{}", boundary, head_of(field), field.file.empty() ? field.value : "");
    if (!field.file.empty()) {
      parts.push_back({.text = std::exchange(text, {}), .file = {}});
      parts.push_back({.text = {}, .file = field.file});
    }
    text += "\r\n";
  }
  parts.push_back({.text = fmt::format("{}--{}--\r\n", text, boundary), .file = {}});
  return parts;
}

std::string form_type(std::string_view boundary) {
  return fmt::format("multipart/form-data; boundary={}", boundary);
}

}  // namespace loadgen::http
