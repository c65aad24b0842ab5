#include "http/form.hpp"

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

/// Files as "<name>".
std::string text_of(const std::vector<BodyPart>& parts) {
  std::string text;
  for (const BodyPart& part : parts) text += part.file.empty() ? part.text : '<' + part.file + '>';
  return text;
}

TEST(Form, FieldsAndFiles) {
  const std::vector<FormField> fields{{.name = "user", .value = "ann"},
                                      {.name = "photo", .file = "/tmp/a.png", .type = "image/png"},
                                      {.name = "notes", .value = "{}", .type = "application/json"},
                                      {.name = "any", .file = "b", .file_name = "c.bin"}};
  EXPECT_EQ(text_of(parts_of_form(fields, "xyz")),
            "--xyz\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n"
            "--xyz\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n"
            "\r\n</tmp/a.png>\r\n"
            "--xyz\r\nContent-Disposition: form-data; name=\"notes\"\r\nContent-Type: application/json\r\n\r\n{}\r\n"
            "--xyz\r\nContent-Disposition: form-data; name=\"any\"; filename=\"c.bin\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n<b>\r\n"
            "--xyz--\r\n");
  EXPECT_EQ(form_type("xyz"), "multipart/form-data; boundary=xyz");
}

TEST(Form, NamesCannotEndTheirQuotesOrTheirLine) {
  EXPECT_EQ(text_of(parts_of_form(std::vector<FormField>{{.name = "a\"\r\nb", .value = "\"\r\n"}}, "x")),
            "--x\r\nContent-Disposition: form-data; name=\"a%22%0D%0Ab\"\r\n\r\n\"\r\n\r\n--x--\r\n");
}

TEST(Form, OfNothing) {
  EXPECT_EQ(text_of(parts_of_form({}, "x")), "--x--\r\n");
}

}  // namespace
}  // namespace loadgen::http
