#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "golden/io/byte_source.hpp"

namespace msq::golden {

/// The bytes [begin, end) of a source as protobuf's decoder reads them: through a window of fixed size, so
/// that weights are passed over and never held.
class SourceStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  SourceStream(const ByteSource& source, std::uint64_t begin, std::uint64_t end)
      : source_(source), begin_(begin), end_(end), next_(begin) {}

  bool Next(const void** data, int* size) override;
  void BackUp(int count) override { next_ -= static_cast<std::uint64_t>(count); }
  bool Skip(int count) override;
  [[nodiscard]] std::int64_t ByteCount() const override { return static_cast<std::int64_t>(next_ - begin_); }

  /// Why reading failed; empty if it did not.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  static constexpr std::size_t kWindow = 4096;

  const ByteSource& source_;
  std::uint64_t begin_;
  std::uint64_t end_;
  std::uint64_t next_;
  std::array<std::byte, kWindow> window_;
  std::string error_;
};

/// Fields of protobuf messages, one after the other, without a schema: the caller knows the numbers. The
/// first error sticks; after it every call returns nothing of use. No length is believed before it was
/// compared with what encloses it.
class WireReader {
 public:
  /// A part of the source.
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    [[nodiscard]] std::uint64_t size() const { return end - begin; }
  };

  /// Bytes [begin, end) of the source are one message; at most 2^31 - 1 of them.
  WireReader(const ByteSource& source, Range range);

  [[nodiscard]] bool ok() const { return error_.empty(); }
  /// The problem and its place, without the file's name.
  [[nodiscard]] const std::string& error() const { return error_; }
  void fail(std::string_view what);

  /// Calls `field(number)` for every field of the message; a field whose value it does not take is skipped.
  template <class F>
  void fields(F&& field) {
    while (ok() && in_.BytesUntilLimit() > 0) {
      read_tag();
      if (ok()) {
        field(static_cast<int>(tag_ >> 3));
      }
      if (ok() && !taken_) {
        skip();
      }
    }
  }

  // The value of the current field, which must have the wire type its kind needs.
  [[nodiscard]] std::int64_t integer();
  [[nodiscard]] float real();
  [[nodiscard]] std::string text();
  [[nodiscard]] Range bytes();

  /// A message inside: its fields as with fields(). Returns its place.
  template <class F>
  Range message(F&& field) {
    const Range range = begin_block();
    if (ok()) {
      const auto outer = in_.PushLimit(static_cast<int>(range.size()));
      fields(field);
      in_.PopLimit(outer);
    }
    taken_ = true;
    return range;
  }

  /// A repeated integer, packed or not: `each(value)` for those here.
  template <class F>
  void integers(F&& each) {
    if (wire_type() != kLengthDelimited) {
      each(integer());
      return;
    }
    const Range range = begin_block();
    if (!ok()) {
      return;
    }
    const auto outer = in_.PushLimit(static_cast<int>(range.size()));
    while (ok() && in_.BytesUntilLimit() > 0) {
      each(read_varint());
    }
    in_.PopLimit(outer);
  }

  /// A repeated float (`width` 4) or double (8), packed or not: the place of the values here.
  [[nodiscard]] Range elements(std::size_t width);

 private:
  static constexpr unsigned kVarint = 0;
  static constexpr unsigned kFixed64 = 1;
  static constexpr unsigned kLengthDelimited = 2;
  static constexpr unsigned kFixed32 = 5;

  [[nodiscard]] unsigned wire_type() const { return tag_ & 7U; }
  [[nodiscard]] std::uint64_t position() const;
  void read_tag();
  [[nodiscard]] std::int64_t read_varint();
  void expect(unsigned wire_type);
  /// Reads the length of a length-delimited field; its content comes next.
  [[nodiscard]] Range begin_block();
  void skip();
  void skip_bytes(std::uint64_t count);

  SourceStream stream_;
  std::uint64_t begin_;
  google::protobuf::io::CodedInputStream in_;
  std::uint32_t tag_ = 0;
  bool taken_ = false;  ///< the value of the current field was read
  std::string error_;
};

}  // namespace msq::golden
